package oidc

import (
	"net/url"
	"regexp"
	"slices"

	"github.com/fivesociety/linkage/internal/fault"
)

// Policy says what becomes of a subject that no account is linked to.
type Policy string

// The policies. Nothing is ever linked by an e-mail address or a name: who runs an
// issuer's mail would own our accounts.
const (
	RefuseUnknown Policy = "REFUSE_UNKNOWN" // an administrator links it first; the default
	LinkByInvite  Policy = "LINK_BY_INVITE" // or the person brings a one-time invitation code
)

// Config is one identity provider.
type Config struct {
	Name         string `json:"name"`         // in our URLs: a–z, 0–9 and -, at most 32
	Label        string `json:"label"`        // what people read on the button; default the name
	Issuer       string `json:"issuer"`       // exactly as the issuer writes itself
	ClientID     string `json:"clientId"`     // also the audience of its ID tokens
	ClientSecret string `json:"clientSecret"` // none for a public client
	// ClientSecretEnv names the environment variable that holds the secret instead;
	// the program reads it, this package does not.
	ClientSecretEnv   string   `json:"clientSecretEnv"`
	RedirectURL       string   `json:"redirectUrl"`       // ours: …/auth/oidc/NAME/callback
	AppURL            string   `json:"appUrl"`            // where the browser goes afterwards, with #code=… or #error=…
	Scopes            []string `json:"scopes"`            // default openid, profile
	DisplayClaim      string   `json:"displayClaim"`      // what administrators read of the subject; default name
	Linking           Policy   `json:"linking"`           // default REFUSE_UNKNOWN
	AuthorisedParties []string `json:"authorisedParties"` // further azp, such as the client of a phone app
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// complete fills in the defaults; CONFIGURATION_INVALID says what to mend. In
// production nothing may travel in the clear.
func (c Config) complete(production bool) (Config, error) {
	if !nameForm.MatchString(c.Name) {
		return c, misconfigured(c.Name, "name: want a–z, 0–9 and -, at most 32")
	}
	if c.ClientID == "" {
		return c, misconfigured(c.Name, "clientId is missing")
	}
	if c.Label == "" {
		c.Label = c.Name
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"openid", "profile"}
	}
	if !slices.Contains(c.Scopes, "openid") {
		return c, misconfigured(c.Name, "scopes: openid must be among them")
	}
	if c.DisplayClaim == "" {
		c.DisplayClaim = "name"
	}
	switch c.Linking {
	case "":
		c.Linking = RefuseUnknown
	case RefuseUnknown, LinkByInvite:
	default:
		return c, misconfigured(c.Name, "linking: want REFUSE_UNKNOWN or LINK_BY_INVITE")
	}
	for what, u := range map[string]string{"issuer": c.Issuer, "redirectUrl": c.RedirectURL} {
		if !web(u, production) {
			return c, misconfigured(c.Name, what+": want an https URL (http only outside of production)")
		}
	}
	app, err := url.Parse(c.AppURL)
	if err != nil || app.Scheme == "" || app.Fragment != "" || (app.Scheme == "http" && production) || slices.Contains(scripts, app.Scheme) {
		return c, misconfigured(c.Name, "appUrl: want the app's URL without a fragment")
	}
	return c, nil
}

// scripts are the schemes that no browser should be sent to.
var scripts = []string{"javascript", "data", "file", "vbscript", "blob"}

func web(s string, production bool) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && u.Fragment == "" && u.User == nil && (u.Scheme == "https" || (u.Scheme == "http" && !production))
}

func misconfigured(name, what string) error {
	return fault.New(fault.CodeConfiguration, fault.P("what", "oidc "+name+": "+what))
}
