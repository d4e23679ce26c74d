package account

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Config are the settings; zero values are the defaults named beside them.
type Config struct {
	Hash       argon2id.Params // 19 MiB, 2 passes, 1 lane: OWASP's first choice for argon2id
	AccessTTL  time.Duration   // 15 min
	RefreshTTL time.Duration   // 30 days since the last refresh
	ByName     Pace            // 5 failures of a name at once, then one every 10 s
	ByAddress  Pace            // 30 failures of an address at once, then one every 2 s

	Production bool          // nothing that shows a secret to the operator, nothing in the clear
	Issuers    []oidc.Config // identity providers
	Sender     CodeSender    // of codes to phones; nil offers no sign-in by phone
	ToPhone    Pace          // 3 codes to a phone at once, then one every 10 min
	ToPhones   Pace          // 60 codes in all at once, then one every 2 s
	ForAddress Pace          // 10 codes for an address at once, then one every 30 s
}

func (c Config) withDefaults() Config {
	if c.Hash == (argon2id.Params{}) {
		c.Hash = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	}
	if c.AccessTTL == 0 {
		c.AccessTTL = 15 * time.Minute
	}
	if c.RefreshTTL == 0 {
		c.RefreshTTL = 30 * 24 * time.Hour
	}
	if c.ByName == (Pace{}) {
		c.ByName = Pace{Burst: 5, Every: 10 * time.Second}
	}
	if c.ByAddress == (Pace{}) {
		c.ByAddress = Pace{Burst: 30, Every: 2 * time.Second}
	}
	if c.ToPhone == (Pace{}) {
		c.ToPhone = Pace{Burst: 3, Every: 10 * time.Minute}
	}
	if c.ToPhones == (Pace{}) {
		c.ToPhones = Pace{Burst: 60, Every: 2 * time.Second}
	}
	if c.ForAddress == (Pace{}) {
		c.ForAddress = Pace{Burst: 10, Every: 30 * time.Second}
	}
	return c
}

// Object is what accounts have to know of a thing that a role is over.
type Object struct {
	Name     string            // what people read; a code for persons
	Division string            // short code of where it is; for a station of what it serves
	Retired  *store.Retirement // out of use: nobody gets a new role over it; nil while in use
}

// Objects finds the objects that roles are over, by the prefix of their ids:
// NOT_FOUND for none. The program wires one for each of sta, org, wrk, vol, rcp;
// divisions are known here.
type Objects map[string]func(ctx context.Context, id string) (Object, error)

// Service is the use cases of accounts.
type Service struct {
	core        *usecase.Core
	config      Config
	rows        *store.Collection[Account]
	credentials *store.Collection[credential]
	sessions    *store.Collection[Session]
	attempts    *store.Collection[attempt]
	tickets     *store.Collection[ticket]
	linked      *store.Collection[linked]
	phones      *store.Collection[phone]
	keyrings    *store.Collection[keyring]
	divisions   *division.Service
	objects     Objects
	keys        *keys
	hasher      *hasher
	byName      *pacer
	byAddress   *pacer
	toPhone     *pacer
	toPhones    *pacer
	forAddress  *pacer
	became      []Became
	providers   []*oidc.Provider
	outbox      chan letter // codes on their way to phones
}

// New registers the nouns; call it before the store starts, and Open after.
func New(core *usecase.Core, c Config, divisions *division.Service, objects Objects) (*Service, error) {
	c = c.withDefaults()
	s := &Service{
		core: core, config: c, divisions: divisions, objects: objects,
		rows: store.Register(core.DB, spec()), credentials: store.Register(core.DB, credentialSpec()),
		sessions: store.Register(core.DB, sessionSpec()), keyrings: store.Register(core.DB, keyringSpec()),
		attempts: store.Register(core.DB, attemptSpec()), tickets: store.Register(core.DB, ticketSpec()),
		linked: store.Register(core.DB, linkedSpec()), phones: store.Register(core.DB, phoneSpec()),
		outbox: make(chan letter, outboxSize),
	}
	var err error
	if s.hasher, err = newHasher(c.Hash, runtime.GOMAXPROCS(0)); err != nil {
		return nil, fmt.Errorf("prepare password check: %w", err)
	}
	for _, p := range []struct {
		to   **pacer
		pace Pace
	}{
		{&s.byName, c.ByName},
		{&s.byAddress, c.ByAddress},
		{&s.toPhone, c.ToPhone},
		{&s.toPhones, c.ToPhones},
		{&s.forAddress, c.ForAddress},
	} {
		if *p.to, err = newPacer(p.pace); err != nil {
			return nil, fmt.Errorf("prepare rate limit: %w", err)
		}
	}
	return s, s.offer(c)
}

// offer prepares the ways to sign in that need configuration. An issuer is asked
// nothing yet.
func (s *Service) offer(c Config) error {
	for _, given := range c.Issuers {
		p, err := oidc.New(given, c.Production, s.core.Now)
		if err != nil {
			return err
		}
		if _, err := s.provider(p.Name); err == nil {
			return fault.New(fault.CodeConfiguration, fault.P("what", "oidc: two providers are called "+p.Name))
		}
		s.providers = append(s.providers, p)
	}
	if dev, ok := c.Sender.(interface{ DevelopmentOnly() bool }); ok && c.Production && dev.DevelopmentOnly() {
		return fault.New(fault.CodeConfiguration, fault.P("what", "sms: this sender shows codes in the log and is for development; in production name a webhook"))
	}
	return nil
}

// Load reads an account, for other packages' use cases.
func (s *Service) Load(ctx context.Context, id string) (*Account, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// object finds what a role is over.
func (s *Service) object(ctx context.Context, id string) (Object, error) {
	if code := division.CodeOf(id); code != "" {
		d, err := s.divisions.Load(ctx, id)
		if err != nil {
			return Object{}, err
		}
		return Object{Name: d.Name, Division: code}, nil
	}
	find, ok := s.objects[store.IDPrefix(id)]
	if !ok {
		return Object{}, notFound("id", id)
	}
	return find(ctx, id)
}
