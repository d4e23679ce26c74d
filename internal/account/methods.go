package account

import "github.com/fivesociety/linkage/internal/account/oidc"

// Methods are the ways to sign in that this deployment offers, for a sign-in page.
type Methods struct {
	Password  bool
	Phone     bool
	Providers []ProviderView
}

// ProviderView is an identity provider as a sign-in page shows it.
type ProviderView struct {
	Name      string
	Label     string
	StartPath string
	Available bool
	ByInvite  bool
}

// Methods tells what is offered. It asks no issuer: available is what the last
// question to it found.
func (s *Service) Methods() *Methods {
	out := &Methods{Password: true, Phone: s.config.Sender != nil, Providers: make([]ProviderView, len(s.providers))}
	for i, p := range s.providers {
		out.Providers[i] = ProviderView{
			Name: p.Name, Label: p.Label, StartPath: "/auth/oidc/" + p.Name + "/start", Available: p.Available(),
			ByInvite: p.Linking == oidc.LinkByInvite,
		}
	}
	return out
}
