package station

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxEvidence = 500
	maxLink     = 500
)

// Have is one check of something that a station must have.
type Have struct {
	Item     string    `bson:"item"` // code of the kind's list
	Present  bool      `bson:"present"`
	Evidence string    `bson:"evidence"`
	Link     string    `bson:"link"`
	By       string    `bson:"by"` // account
	At       time.Time `bson:"at"`
}

// HaveView is one thing that a station must have, checked or not.
type HaveView struct {
	Item      codes.Code
	Present   bool
	CheckedAt *time.Time
	// Only for those who administer, supervise or coordinate the place.
	Evidence, Link, CheckerID *string
}

// havesOf is the list of what a station of a kind must have, "" where no standard
// asks for anything (未保站).
func havesOf(k Kind) codes.List {
	switch k {
	case SocialWork:
		return codes.StationHave
	case Volunteer:
		return codes.VolunteerHave
	case MinorsProtection:
	}
	return ""
}

// present counts what was checked and is there.
func (s *Station) present() (n int) {
	for _, h := range s.Haves {
		if h.Present {
			n++
		}
	}
	return n
}

// missing lists what the kind must have and is not there.
func (s *Station) missing() []string {
	out := []string{}
	for _, item := range codes.All(havesOf(s.Kind)) {
		if !slices.ContainsFunc(s.Haves, func(h Have) bool { return h.Item == item.ID && h.Present }) {
			out = append(out, item.ID)
		}
	}
	return out
}

// accept takes the station as accepted: HAVES_MISSING names what is not there.
func (s *Station) accept(now time.Time) error {
	if err := s.move(ActAccept); err != nil {
		return err
	}
	if missing := s.missing(); len(missing) > 0 {
		return fault.New(fault.CodeHavesMissing, fault.P("missing", missing))
	}
	s.AcceptedAt = now
	return nil
}

// haves shows each thing of the kind's list.
func (s *Station) haves(a access.Actor) []HaveView {
	inside, out := insider(a, s), []HaveView{}
	for _, item := range codes.All(havesOf(s.Kind)) {
		v := HaveView{Item: item}
		if i := slices.IndexFunc(s.Haves, func(h Have) bool { return h.Item == item.ID }); i >= 0 {
			h := s.Haves[i]
			v.Present, v.CheckedAt = h.Present, usecase.Moment(h.At)
			if inside {
				v.Evidence, v.Link, v.CheckerID = usecase.Opt(h.Evidence), usecase.Opt(h.Link), usecase.Opt(h.By)
			}
		}
		out = append(out, v)
	}
	return out
}

// insider reports whether the actor works with the station or watches over it.
func insider(a access.Actor, s *Station) bool {
	return a.IsSystem() || a.Is(access.Coordinator, s.ID) || slices.ContainsFunc(a.Grants, func(g access.Grant) bool {
		return (g.Role == access.Admin || g.Role == access.Supervisor || g.Role == access.Auditor) && g.Covers(s.Code())
	})
}

// HaveCheck says whether a station has one of the things that it must have.
type HaveCheck struct {
	StationID       string
	Item            string
	Present         bool
	Evidence        string
	Link            *string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// HaveCheck keeps the last check of one thing: whether it is there, the evidence, who
// looked and when. CODE_UNKNOWN for what stations of the kind need not have; INVALID
// (LINK) for a link that is no web address. What was accepted stays accepted: a have
// that is gone is a reason to rectify.
func (s *Service) HaveCheck(ctx context.Context, a access.Actor, in HaveCheck) (*View, []usecase.Notice, error) {
	evidence, notices, err := usecase.FreeText(in.Evidence, maxEvidence, true, "input", "evidence")
	if err != nil {
		return nil, nil, err
	}
	link, err := usecase.Text(usecase.Or(in.Link, ""), maxLink, false, "input", "link")
	if err != nil {
		return nil, nil, err
	}
	if u, err := url.Parse(link); link != "" && (err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil) {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "link"), fault.P("rule", "LINK"))
	}
	check := Have{Item: in.Item, Present: in.Present, Evidence: evidence, Link: link, By: a.ID, At: s.core.Time()}
	v, _, err := s.step(ctx, a, step{
		op: "station.haveCheck", id: in.StationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "station.checked",
		rule: func(_ context.Context, st *Station) error { return st.check(check) },
	})
	return v, notices, err
}

func (s *Station) check(h Have) error {
	list := havesOf(s.Kind)
	if s.State == Closed {
		return s.move("")
	}
	if err := usecase.InList(list, h.Item, "input", "item"); err != nil {
		return err
	}
	s.Haves = slices.DeleteFunc(slices.Clone(s.Haves), func(old Have) bool { return old.Item == h.Item })
	s.Haves = append(s.Haves, h)
	place := func(h Have) int {
		return slices.IndexFunc(codes.All(list), func(c codes.Code) bool { return c.ID == h.Item })
	}
	slices.SortFunc(s.Haves, func(x, y Have) int { return place(x) - place(y) })
	return nil
}

// Advance takes a station through its building, trial, acceptance and rectifying.
type Advance struct {
	StationID       string
	Step            Action
	Note            *string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// events are what the log says of each step of Advance.
var events = map[Action]string{ActBuild: "station.built", ActTry: "station.tried", ActAccept: "station.accepted", ActRectify: "station.rectified"}

// Advance takes one of the steps BUILD, TRY, ACCEPT and RECTIFY. ACCEPT needs all that
// stations of the kind must have (HAVES_MISSING), RECTIFY a note (REQUIRED): while
// it rectifies, new requests go where they would without it.
func (s *Service) Advance(ctx context.Context, a access.Actor, in Advance) (*View, []usecase.Notice, error) {
	event, ok := events[in.Step]
	if !ok {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "step"), fault.P("rule", "STEP"))
	}
	note, notices, err := usecase.FreeText(usecase.Or(in.Note, ""), maxNote, in.Step == ActRectify, "input", "note")
	if err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	v, _, err := s.step(ctx, a, step{
		op: "station.advance", id: in.StationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: event,
		rule: func(_ context.Context, st *Station) error {
			st.StepNote = note
			if in.Step == ActAccept {
				return st.accept(now)
			}
			return st.move(in.Step)
		},
	})
	return v, notices, err
}
