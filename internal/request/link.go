package request

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Bounds of a one-time link's life.
const (
	linkLife    = 7 * day
	maxLinkLife = 30 * day
)

// linkKept is how long a used link is kept after its time, so that its holder is told
// that it was used rather than that there never was one.
const linkKept = 30 * day

// sealLink is the purpose under which the store's key seals a link's secret.
const sealLink = "confirm-link"

// link is a one-time link. Its id is the hash of the secret. The secret itself is kept
// sealed until the link is used, so that a repeat of the call that made the link answers
// with the same one.
type link struct {
	store.Head `bson:",inline"`
	Sealed     string    `bson:"sealed"`
	Request    string    `bson:"request"`
	For        string    `bson:"for"` // RECIPIENT or GUARDIAN
	Until      time.Time `bson:"until"`
	UsedAt     time.Time `bson:"usedAt"`
}

func linkSpec() store.Spec[link] {
	return store.Spec[link]{
		Name: "link",
		Fields: []store.Field[link]{
			{Name: "until", Kind: store.Int, Get: func(l *link) any { return l.kept() }},
			{Name: "request", Kind: store.Text, Get: func(l *link) any { return l.Request }},
		},
		Indexes: [][]string{{"until"}, {"request", "until"}},
		Queries: []store.Shape{{Sort: "until"}, {Where: []string{"request"}, Sort: "until"}},
		Guards:  func(l *link) []string { return []string{store.GuardName("link", l.Request)} },
	}
}

// kept is until when the link is kept.
func (l *link) kept() time.Time {
	if l.UsedAt.IsZero() {
		return l.Until
	}
	return l.Until.Add(linkKept)
}

// LinkIssueInput makes a one-time link.
type LinkIssueInput struct {
	ServiceRequestID string
	For              recipient.ConsentGiver
	Lasts            *time.Duration
	IdempotencyKey   *string `json:"-"`
}

// LinkIssue makes a one-time link with which the recipient or guardian confirms or
// disputes without an account. Who makes it knows the secret, so it is never the lead
// (FORBIDDEN) or who served (NOT_OWN_VERIFIER): nobody confirms their own work. A repeat
// with the same key answers with the same link. Earlier links of the request end. Never
// for sealed requests.
func (s *Service) LinkIssue(ctx context.Context, a access.Actor, in LinkIssueInput) (secret string, until time.Time, err error) {
	lasts := linkLife
	if in.Lasts != nil {
		lasts = *in.Lasts
	}
	if lasts <= 0 || lasts > maxLinkLife {
		return "", until, fault.New(fault.CodeOutOfRange, fault.At("input", "lasts"), fault.P("min", "PT1M"), fault.P("max", "P30D"))
	}
	var raw [32]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", until, err
	}
	secret = base64.RawURLEncoding.EncodeToString(raw[:])
	id := linkID(secret)
	made := link{
		Head: store.Head{ID: id}, Sealed: s.core.Box.Seal(sealLink, []byte(secret)),
		Request: in.ServiceRequestID, For: string(in.For), Until: s.core.Time().Add(lasts),
	}
	_, err = s.do(ctx, a, change{
		step: StepLink, id: in.ServiceRequestID, key: usecase.Or(in.IdempotencyKey, ""), input: in, touch: true, made: &id,
		rule: func(ctx context.Context, r *Request, _ time.Time) error {
			if r.Header.Class == access.Sealed {
				return fault.New(fault.CodeForbidden)
			}
			if err := notServed(a, r); err != nil {
				return err
			}
			fresh := made // the unit may run again
			r.Link = fresh.ID
			return s.links.Insert(ctx, &fresh, store.Note{})
		},
	})
	if err != nil {
		return "", until, err
	}
	return s.issued(ctx, id)
}

// issued is what a link's maker was told: LINK_INVALID once the link is gone, LINK_USED
// once its secret was used up.
func (s *Service) issued(ctx context.Context, id string) (secret string, until time.Time, err error) {
	l, err := s.links.Get(ctx, id)
	if fault.CodeOf(err) == fault.CodeNotFound {
		err = fault.New(fault.CodeLinkInvalid, fault.At("input", "idempotencyKey"))
	}
	if err == nil && l.Sealed == "" {
		err = fault.New(fault.CodeLinkUsed, fault.At("input", "idempotencyKey"))
	}
	if err != nil {
		return "", until, err
	}
	raw, err := s.core.Box.Open(sealLink, l.Sealed)
	return string(raw), l.Until, err
}

// Forget deletes the links whose time is over, used ones 30 days later. The system calls
// it; it returns how many went.
func (s *Service) Forget(ctx context.Context, _ access.Actor) (int, error) {
	over := store.Query{Where: store.Below("until", s.core.Time()), Sort: "until"}
	return usecase.Sweep(ctx, s.core, s.links, over, func(ctx context.Context, l *link) (bool, error) {
		return true, s.links.Delete(ctx, l.ID, store.Note{})
	})
}

// unlink deletes all links of a request, in the caller's unit.
func (s *Service) unlink(ctx context.Context, r *Request) error {
	q := store.Query{Where: store.Is("request", r.ID), Sort: "until", Guard: store.GuardName("link", r.ID)}
	return s.links.Each(ctx, q, func(l *link) error {
		return s.links.Delete(ctx, l.ID, store.Note{})
	})
}

func linkID(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "lnk_" + hex.EncodeToString(sum[:])
}

// LinkView is what a link is about.
type LinkView struct {
	Number      string
	Category    codes.Code
	Station     *station.View
	DeliveredAt time.Time
	ExpiresAt   time.Time
}

// LinkAbout shows what a link is about without using it. NOT_FOUND when it is
// unknown, over or used.
func (s *Service) LinkAbout(ctx context.Context, secret string) (*LinkView, error) {
	l, r, err := s.open(ctx, secret, s.core.Time())
	if code := fault.CodeOf(err); code == fault.CodeLinkInvalid || code == fault.CodeLinkUsed {
		err = fault.New(fault.CodeNotFound)
	}
	if err != nil {
		return nil, err
	}
	sta, err := s.nouns.Stations.Get(ctx, access.ByLink(r.ID, "confirm"), r.Header.Station)
	if err != nil {
		return nil, err
	}
	return &LinkView{
		Number: r.Number, Category: codes.Code{List: codes.NeedCategory, ID: r.Category}, Station: sta,
		DeliveredAt: r.DeliveredAt, ExpiresAt: l.Until,
	}, nil
}

// open finds the link and its request if the link is still good.
func (s *Service) open(ctx context.Context, secret string, now time.Time) (*link, *Request, error) {
	l, err := s.links.Get(ctx, linkID(secret))
	switch {
	case fault.CodeOf(err) == fault.CodeNotFound:
		return nil, nil, fault.New(fault.CodeLinkInvalid, fault.At("input", "token"))
	case err != nil:
		return nil, nil, err
	case !l.UsedAt.IsZero():
		return nil, nil, fault.New(fault.CodeLinkUsed, fault.At("input", "token"))
	case !now.Before(l.Until):
		return nil, nil, fault.New(fault.CodeLinkInvalid, fault.At("input", "token"))
	}
	r, err := s.rows.Get(ctx, l.Request)
	if err == nil && (r.Link != l.ID || r.Header.Class == access.Sealed) { // sealed since
		err = fault.New(fault.CodeLinkInvalid, fault.At("input", "token"))
	}
	return l, r, err
}

// ConfirmByLinkInput confirms by a one-time link.
type ConfirmByLinkInput struct {
	Token          string
	Satisfaction   *int
	Note           *string
	IdempotencyKey *string `json:"-"`
}

// ConfirmByLink confirms by a one-time link. It works once.
func (s *Service) ConfirmByLink(ctx context.Context, in ConfirmByLinkInput) (number string, st State, notices []usecase.Notice, err error) {
	if err := satisfaction(in.Satisfaction); err != nil {
		return "", "", nil, err
	}
	return s.byLink(ctx, in.Token, StepConfirm, usecase.Or(in.IdempotencyKey, ""), in, in.Note, "", func(r *Request, now time.Time) error {
		r.confirmed("LINK", in.Satisfaction, "", now)
		return nil
	})
}

// DisputeByLinkInput disputes by a one-time link.
type DisputeByLinkInput struct {
	Token          string
	Reason         string
	Note           *string
	IdempotencyKey *string `json:"-"`
}

// DisputeByLink disputes by a one-time link. It works once.
func (s *Service) DisputeByLink(ctx context.Context, in DisputeByLinkInput) (number string, st State, notices []usecase.Notice, err error) {
	if err := usecase.InList(codes.DisputeReason, in.Reason, "input", "reason"); err != nil {
		return "", "", nil, err
	}
	return s.byLink(ctx, in.Token, StepDispute, usecase.Or(in.IdempotencyKey, ""), in, in.Note, in.Reason, func(r *Request, _ time.Time) error {
		return r.dispute(in.Reason)
	})
}

func (s *Service) byLink(ctx context.Context, secret string, step Step, key string, input any, note *string, reason string, rule func(*Request, time.Time) error) (string, State, []usecase.Notice, error) {
	now := s.core.Time()
	var w words
	a := access.ByLink(linkID(secret), string(step))
	ids, err := s.core.Run(ctx, a, "request.link."+string(step)+linkID(secret), key, input, func(ctx context.Context) ([]string, error) {
		l, r, err := s.open(ctx, secret, now)
		if err != nil {
			return nil, err
		}
		if !r.State().Allows(step) {
			return nil, r.refuse([]Step{StepConfirm, StepDispute})
		}
		w = words{}
		w.free(&r.Private.Said, note, 1000, false, "note")
		w.keep(rule(r, now))
		if w.err != nil {
			return nil, w.err
		}
		l.UsedAt, l.Sealed = now, ""
		if err := s.links.Replace(ctx, l, store.Note{}); err != nil {
			return nil, err
		}
		return []string{r.ID}, s.apply(ctx, a, r, change{step: step, reason: reason}, now)
	})
	if err != nil {
		return "", "", nil, s.spent(ctx, secret, err)
	}
	r, err := s.rows.Get(ctx, ids[0])
	if err != nil {
		return "", "", nil, err
	}
	return r.Number, r.State(), w.notices, nil
}

// spent tells a link that was used from one that never was any good: a unit that lost
// a race may have read the link before and the request after its use.
func (s *Service) spent(ctx context.Context, secret string, err error) error {
	if fault.CodeOf(err) != fault.CodeLinkInvalid {
		return err
	}
	if l, again := s.links.Get(ctx, linkID(secret)); again == nil && !l.UsedAt.IsZero() {
		return fault.New(fault.CodeLinkUsed, fault.At("input", "token"))
	}
	return err
}
