// Package seal makes opaque tokens: cursors, links and stored secrets that
// their holder can neither read nor change.
// A token is bound to a purpose, so that one made as a cursor opens as nothing
// else, and a key can be replaced while older tokens still open.
// Rule: a token that does not open tells nothing but that it is foreign.
package seal
