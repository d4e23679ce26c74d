// Package account is who may sign in and what roles they hold: accounts with
// their grants, sessions with rotating refresh tokens, and short access tokens
// that carry identity only. Rights are read from the store for every request, and
// every grant, revocation and ended session is a log entry that open sockets obey
// in its sequence. The rule it keeps: no answer tells whether an account exists,
// and no secret stands in the log.
package account
