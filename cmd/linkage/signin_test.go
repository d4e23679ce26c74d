package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/account/codehook"
	"github.com/fivesociety/linkage/internal/fault"
)

const provider = `[{"name":"city","issuer":"https://id.example","clientId":"linkage","clientSecretEnv":"CITY_SECRET",
	"redirectUrl":"https://b.example/auth/oidc/city/callback","appUrl":"https://b.example/in","linking":"LINK_BY_INVITE"}]`

func parsed(t *testing.T, args ...string) (*serveCmd, error) {
	t.Helper()
	var c cli
	k, err := kong.New(&c, settings()...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(append([]string{"serve"}, args...))
	return &c.Serve, err
}

func TestProvidersComeFromTheFileAndTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "linkage.json")
	if err := os.WriteFile(file, []byte(`{"production": true, "oidc": `+provider+`, "sms": "https://sms.example/send"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CITY_SECRET", "hush")
	t.Setenv("LINKAGE_SMS_TOKEN", "t0ken")
	c, err := parsed(t, "--config", file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.accounts(slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Issuers) != 1 || got.Issuers[0].ClientSecret != "hush" || got.Issuers[0].Linking != "LINK_BY_INVITE" || !got.Production {
		t.Fatalf("%+v", got)
	}
	if _, ok := got.Sender.(*codehook.Sender); !ok {
		t.Fatalf("sender %T", got.Sender)
	}
	t.Setenv("LINKAGE_OIDC", provider)
	if c, err = parsed(t, "--sms", "log"); err != nil {
		t.Fatal(err)
	}
	if got, err = c.accounts(slog.Default()); err != nil || len(got.Issuers) != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	if _, ok := got.Sender.(account.LogSender); !ok {
		t.Fatalf("sender %T", got.Sender)
	}
}

func TestAMisspeltProviderIsRefused(t *testing.T) {
	for _, bad := range []string{strings.Replace(provider, "clientId", "client_id", 1), "city", `{"name":"city"}`} {
		if _, err := parsed(t, "--oidc", bad); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
	c, err := parsed(t, "--oidc", provider) // CITY_SECRET is not set
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.accounts(slog.Default()); fault.CodeOf(err) != fault.CodeConfiguration {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--sms", "http://sms.example"}, {"--sms", "https://sms.example"}} {
		if c, err = parsed(t, append(args, "--production")...); err != nil {
			t.Fatal(err)
		}
		if _, err := c.accounts(slog.Default()); fault.CodeOf(err) != fault.CodeConfiguration {
			t.Errorf("%v: %v", args, err)
		}
	}
}
