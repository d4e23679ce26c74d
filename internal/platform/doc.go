// Package platform puts the nouns together: one store, one core, every service
// wired to those it reads. Servers, imports, the demo and tests all start here, so
// that there is one way in which the parts fit. It holds no rule. The rule it
// keeps: every noun is registered before the store starts.
package platform
