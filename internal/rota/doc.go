// Package rota is the hours of an ordinary week: when a volunteer is free, when a
// place is open. Hours are those of China's civil time, which has one zone and no
// summer time. The rule it keeps: what reaches midnight joins what begins there, so
// that a night counts as one stretch.
package rota
