package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/account/codehook"
	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/fault"
)

// issuers are the identity providers, as JSON text or as the value of a
// configuration file.
type issuers []oidc.Config

var _ kong.MapperValue = (*issuers)(nil)

// Decode reads the list. A key that is no setting is refused, so that a misspelt one
// does not silently do nothing.
func (x *issuers) Decode(ctx *kong.DecodeContext) error {
	given := ctx.Scan.Pop().Value
	raw, isText := given.(string)
	if !isText {
		again, err := json.Marshal(given)
		if err != nil {
			return fmt.Errorf("oidc: %w", err)
		}
		raw = string(again)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode((*[]oidc.Config)(x)); err != nil {
		return fmt.Errorf("oidc: want a JSON list of providers: %w", err)
	}
	return nil
}

// accounts are the settings of signing in.
func (c *serveCmd) accounts(log *slog.Logger) (account.Config, error) {
	out := account.Config{Production: c.Production}
	for _, p := range c.OIDC {
		if p.ClientSecretEnv != "" {
			secret, there := os.LookupEnv(p.ClientSecretEnv)
			if !there || p.ClientSecret != "" {
				return out, fault.New(fault.CodeConfiguration, fault.P("what", "oidc "+p.Name+": clientSecretEnv names a variable that is not set, or clientSecret is given as well"))
			}
			p.ClientSecret = secret
		}
		out.Issuers = append(out.Issuers, p)
	}
	switch c.SMS {
	case "":
	case "log":
		out.Sender = account.LogSender{Log: log}
	default:
		hook, err := codehook.New(c.SMS, c.SMSToken, c.Production)
		if err != nil {
			return out, err
		}
		out.Sender = hook
	}
	return out, nil
}
