package storetest

import "testing"

var randomCases = map[string]func(*testing.T, Engine){}
