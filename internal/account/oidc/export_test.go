package oidc

import "time"

// Hurry makes a provider wait for answers no longer than a test would.
func Hurry(p *Provider, within time.Duration) { p.client = client(within) }
