// Package stock is gqlgen as it comes: its own generated code, its own websocket
// transport, a channel for each subscriber. It is what the product is measured beside.
package stock

//go:generate go run github.com/99designs/gqlgen generate
