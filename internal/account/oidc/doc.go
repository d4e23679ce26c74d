// Package oidc asks an identity provider who somebody is: discovery, the
// authorization-code flow with PKCE, and ID tokens, by OpenID Connect Core 1.0. It
// knows no account and stores nothing; what it answers is a subject of an issuer.
// The rule it keeps: an answer is believed only when it is signed by the issuer's
// present keys, for us, just now, and for this very sign-in; and an issuer that is
// away, slow or talkative costs a bounded time and nothing else.
package oidc
