// Package faults tests the wire while things break: processes are killed, sockets cut in the
// midst of a frame, primaries lost, and clients do what no honest client does. The program runs
// as processes of its own behind a proxy that can break what it carries; nothing here knows how
// the inside is made. The rule it keeps: who keeps a cursor gets each event once and in order,
// and who behaves is served whatever others do.
package faults
