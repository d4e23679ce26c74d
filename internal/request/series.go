package request

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/holiday"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Bounds of a series.
const (
	seriesAhead = 14 * day // how long before its time an occurrence appears
	seriesYears = 2
	seriesMost  = 400 // occurrences
	seriesText  = 200 // bytes of the rule
	seriesBatch = 31  // occurrences made in one unit
)

// Series is how a need comes back. The request that has one is its first occurrence; the
// others are made from what it said when it was handed in, and are requests of their own.
type Series struct {
	Rule        string         `bson:"rule"`
	WorkingDays bool           `bson:"working"`
	First       measure.Window `bson:"first"`
	Made        int            `bson:"made"` // how many of its days are dealt with, the first included
	Skipped     []usecase.Date `bson:"skipped"`
	Next        time.Time      `bson:"next"` // when the next one appears; zero for none
	EndedAt     time.Time      `bson:"ended"`
	Category    string         `bson:"category"`
	Urgency     Urgency        `bson:"urgency"`
	Constraints []string       `bson:"constraints"`
	Lines       []Line         `bson:"lines"`
}

// RecurrenceInput makes a need come back.
type RecurrenceInput struct {
	Rule            string
	WorkingDaysOnly bool
}

// recur gives a draft its series, or a changed one: INVALID, OUT_OF_RANGE for a rule that
// is none, has no end or too many occurrences; HOLIDAYS_UNKNOWN where it asks for working
// days of a year without a calendar.
func (r *Request) recur(in *RecurrenceInput) error {
	if in == nil {
		return nil
	}
	if r.Window == nil {
		return fault.New(fault.CodeRequired, fault.At("input", "window"))
	}
	s := &Series{Rule: strings.TrimSpace(in.Rule), WorkingDays: in.WorkingDaysOnly, First: *r.Window, Made: 1}
	days, err := s.days()
	if err == nil && (len(days) == 0 || !days[0].Equal(s.First.From)) {
		err = fault.New(fault.CodeInvalid, fault.P("rule", "FIRST_OCCURRENCE"))
	}
	r.Series = s
	return fault.Under(err, "input", "recurrence", "rule")
}

// options reads the rule: a FREQ of days, weeks or months with an end, and nothing whose
// expansion could go on for ever without finding a day.
func (s *Series) options() (*rrule.ROption, error) {
	bad := fault.New(fault.CodeInvalid, fault.P("rule", "RRULE"))
	given := map[string]string{}
	for _, part := range strings.Split(strings.TrimPrefix(s.Rule, "RRULE:"), ";") {
		name, value, ok := strings.Cut(part, "=")
		if _, twice := given[name]; !ok || twice || !slices.Contains([]string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"}, name) {
			return nil, bad
		}
		given[name] = value
	}
	o, err := rrule.StrToROptionInLocation(s.Rule, clock.China)
	if err != nil || len(s.Rule) > seriesText || o.Freq > rrule.DAILY || o.Freq == rrule.YEARLY || o.Interval < 0 || o.Interval > 366 || o.Count < 0 {
		return nil, bad
	}
	if given["INTERVAL"] != "" && o.Interval < 1 {
		return nil, bad
	}
	picks := len(o.Byweekday)+len(o.Bymonthday) > 0
	nth := slices.ContainsFunc(o.Byweekday, func(w rrule.Weekday) bool { return w.N() != 0 })
	if o.Freq == rrule.DAILY && picks && o.Interval > 1 || o.Freq == rrule.WEEKLY && len(o.Bymonthday) > 0 || nth && o.Freq != rrule.MONTHLY {
		return nil, bad
	}
	if (o.Count == 0) == o.Until.IsZero() { // exactly one says when it ends
		return nil, fault.New(fault.CodeInvalid, fault.P("rule", "RRULE_END"))
	}
	if len(given["UNTIL"]) == len("20060102") { // a day, and all of it
		o.Until = o.Until.Add(day - time.Second)
	}
	return o, nil
}

// Days are when a rule of those that needs come back by has its occurrences, from a moment
// on, in their order; what is no working day is left out if asked for. INVALID and
// OUT_OF_RANGE for a rule that is none, has no end or too many occurrences;
// HOLIDAYS_UNKNOWN for working days of a year without a calendar.
func Days(rule string, workingDays bool, from time.Time) ([]time.Time, error) {
	s := &Series{Rule: rule, WorkingDays: workingDays, First: measure.Window{From: from}}
	return s.days()
}

// days are when the occurrences begin, the first included, in their order.
func (s *Series) days() ([]time.Time, error) {
	o, err := s.options()
	if err != nil {
		return nil, err
	}
	o.Dtstart = s.First.From.In(clock.China)
	last, count := o.Dtstart.AddDate(seriesYears, 0, 0), o.Count
	tooMany := fault.New(fault.CodeOutOfRange, fault.P("min", 1), fault.P("max", seriesMost))
	tooLate := fault.New(fault.CodeOutOfRange, fault.P("min", ""), fault.P("max", last.Format(time.DateOnly)))
	switch {
	case o.Until.After(last):
		return nil, tooLate
	case count > seriesMost:
		return nil, tooMany
	}
	if o.Count = 0; count > 0 { // counted below, and never looked for beyond the last day
		o.Until = last
	}
	rule, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, fault.New(fault.CodeInvalid, fault.P("rule", "RRULE"))
	}
	var out []time.Time
	next := rule.Iterator()
	for n := 0; count == 0 || n < count; n++ {
		at, ok := next()
		if !ok && count > 0 { // the rest would come later than that
			return nil, tooLate
		}
		if !ok {
			break
		}
		if n >= seriesMost {
			return nil, tooMany
		}
		if s.WorkingDays {
			works, err := holiday.Working(at)
			if err != nil {
				return nil, err
			}
			if !works {
				continue
			}
		}
		out = append(out, at.UTC())
	}
	return out, nil
}

// keep notes what later occurrences are made of: what the first one says as it is handed
// in, so that changing one changes no other.
func (r *Request) keep() {
	if r.Series == nil {
		return
	}
	s := *r.Series
	s.Category, s.Urgency, s.Constraints, s.Lines = r.Category, r.Urgency, r.Constraints, nil
	later := &Later{Title: r.Private.Title, Description: r.Private.Description, Address: r.Private.Address, Lines: r.Private.Lines}
	for _, l := range r.Lines {
		if l.Ended == "" {
			s.Lines = append(s.Lines, Line{ID: l.ID, Kind: l.Kind, Category: l.Category, Need: l.Need, Window: l.Window, Skills: l.Skills})
		}
	}
	r.Series, r.Private.Later = &s, later
}

// next is the key of the sweep that makes occurrences.
func next(r *Request) any {
	if r.Series == nil || r.Series.Next.IsZero() || !r.Series.EndedAt.IsZero() {
		return int64(math.MaxInt64)
	}
	return r.Series.Next
}

// Recur makes the occurrences that are due, 14 days before their time, each a request of
// its own that is handed in on the ground of the first; past days make none. A series
// whose ground is gone ends, and its first request's log says so. The system calls it;
// it returns how many series it went on with.
func (s *Service) Recur(ctx context.Context, a access.Actor) (int, error) {
	now := s.core.Time()
	due := store.Query{Where: store.Below("next", now.Add(time.Millisecond)), Sort: "next"}
	return usecase.Sweep(ctx, s.core, s.rows, due, func(ctx context.Context, r *Request) (bool, error) {
		if key, ok := next(r).(time.Time); !ok || now.Before(key) {
			return false, nil
		}
		kind := "request.recurred"
		err := s.occur(ctx, a, r, now)
		switch fault.CodeOf(err) { //nolint:exhaustive // all others are no fault of the series
		case fault.CodeConsentRequired, fault.CodeNotFound, fault.CodeRetired, fault.CodeNoStation:
			kind, err = "request.series.stopped", nil
			r.stopSeries(now)
		}
		if err != nil {
			return false, err
		}
		return true, s.rows.Touch(ctx, r, usecase.Note(a, kind, r.ID, ""))
	})
}

// occur makes what is due of a series and notes when it goes on.
func (s *Service) occur(ctx context.Context, a access.Actor, r *Request, now time.Time) error {
	days, err := r.Series.days()
	if err != nil {
		return err
	}
	x := *r.Series
	made := []*Request{}
	for x.Next = (time.Time{}); x.Made < len(days); x.Made++ {
		at := days[x.Made]
		if appears := at.Add(-seriesAhead); appears.After(now) || len(made) == seriesBatch {
			x.Next = appears
			break
		}
		if !at.After(now) || slices.Contains(x.Skipped, usecase.DateOf(at)) {
			continue
		}
		o := s.occurrence(r, at, now)
		if err := s.goesWith(ctx, a, o, r, now); err != nil {
			return err
		}
		made = append(made, o)
	}
	for _, o := range made {
		if err := s.rows.Insert(ctx, o, usecase.Note(a, transition(StepSubmit).Event, o.ID, "")); err != nil {
			return err
		}
	}
	r.Series = &x
	return nil
}

// goesWith finds what an occurrence rests on and where it goes: with the first one, to the
// station that took that over, as long as the person may be referred there.
func (s *Service) goesWith(ctx context.Context, a access.Actor, o, first *Request, now time.Time) error {
	if first.accepted() {
		switch err := s.disclosable(ctx, first, first.Referral, now); {
		case err == nil:
			o.Header.Station, o.Taken = first.Header.Station, first.Taken
		case fault.CodeOf(err) != fault.CodeConsentRequired:
			return err
		}
	}
	if err := s.rests(ctx, a, o, nil, now); err != nil {
		return err
	}
	return s.host(ctx, a, o, true)
}

// occurrence is what a series makes for a day.
func (s *Service) occurrence(r *Request, at, now time.Time) *Request {
	x, said := r.Series, r.Private.Later
	shift := at.Sub(x.First.From)
	moved := func(w *measure.Window) *measure.Window {
		if w == nil {
			return nil
		}
		return &measure.Window{From: w.From.Add(shift), To: w.To.Add(shift)}
	}
	o := &Request{
		Category: x.Category, Urgency: x.Urgency, Constraints: x.Constraints, Window: moved(&x.First), Channel: r.Channel, Place: r.Place,
		Basis: r.Basis, OccurrenceOf: r.ID, SubmittedAt: now,
	}
	o.ID = s.core.DB.NewID("req")
	o.Number = number(s.core.DB.Code(), o.ID, now)
	o.Header.Subject, o.Header.Class, o.Header.State = r.Header.Subject, r.Header.Class, string(Submitted)
	o.Header.Barred = r.Header.Barred
	for _, entry := range r.Header.Parties {
		switch p, _, _ := strings.Cut(entry, ":"); access.Party(p) { //nolint:exhaustive // the others are of the first one's service
		case access.PartyCreator, access.PartyRecipient, access.PartyGuardian:
			o.Header.Parties = append(o.Header.Parties, entry)
		}
	}
	if said != nil { // nil once the person was erased: then rests refuses
		o.Private.Title, o.Private.Description, o.Private.Address = said.Title, said.Description, said.Address
	}
	for _, l := range x.Lines {
		made := l
		made.ID, made.Window = s.core.DB.NewID("nl"), moved(l.Window)
		o.Lines = append(o.Lines, made)
		if said != nil {
			o.entitle(made.ID, said.Lines[l.ID])
		}
	}
	// It comes early so that there is time to find somebody: it is not late until a week
	// before it is wanted.
	o.wait(transition(StepSubmit).Due, now)
	if early := at.Add(-seriesAhead / 2); early.After(o.DueAt) {
		o.DueAt, o.Wait = early, nil
	}
	return o
}

// stopSeries ends the series of a request that comes to nothing.
func (r *Request) stopSeries(now time.Time) {
	if r.Series == nil || !r.Series.EndedAt.IsZero() {
		return
	}
	x := *r.Series
	x.end(now)
	r.Series = &x
}

// end lets nothing more appear.
func (s *Series) end(now time.Time) { s.EndedAt, s.Next = now, time.Time{} }

// SeriesSkipInput leaves one day of a series out.
type SeriesSkipInput struct {
	ServiceRequestID string
	SkipOn           usecase.Date
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// SeriesSkip leaves out a day on which no request has appeared yet; one that has is
// cancelled like any other. INVALID for a day that is none of the series or is over.
func (s *Service) SeriesSkip(ctx context.Context, a access.Actor, in SeriesSkipInput) (*View, []usecase.Notice, error) {
	v, err := s.series(ctx, a, "SKIP", in.ServiceRequestID, in.ExpectedVersion, in.IdempotencyKey, in, "request.series.skipped", func(x *Series, _ time.Time) error {
		days, err := x.days()
		if err != nil {
			return err
		}
		for i := x.Made; i < len(days); i++ {
			if usecase.DateOf(days[i]) == in.SkipOn && !slices.Contains(x.Skipped, in.SkipOn) {
				x.Skipped = append(slices.Clone(x.Skipped), in.SkipOn)
				return nil
			}
		}
		return fault.New(fault.CodeInvalid, fault.At("input", "skipOn"), fault.P("rule", "DAY_TO_COME"))
	})
	return v, nil, err
}

// SeriesEndInput ends a series.
type SeriesEndInput struct {
	ServiceRequestID string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// SeriesEnd ends a series: nothing more appears. What has appeared goes on.
func (s *Service) SeriesEnd(ctx context.Context, a access.Actor, in SeriesEndInput) (*View, []usecase.Notice, error) {
	v, err := s.series(ctx, a, "END", in.ServiceRequestID, in.ExpectedVersion, in.IdempotencyKey, in, "request.series.ended", func(x *Series, now time.Time) error {
		x.end(now)
		return nil
	})
	return v, nil, err
}

// series changes the series of a request in whatever state that is.
func (s *Service) series(ctx context.Context, a access.Actor, op, id string, expected int64, key *string, input any, kind string, change func(x *Series, now time.Time) error) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(id, "req", "input", "serviceRequestId"); err != nil {
		return nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "request.series."+op, usecase.Or(key, ""), input, func(ctx context.Context) ([]string, error) {
		r, err := s.rows.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := r.may(s.Sight(a).On(&r.Header), StepCancel); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(r, expected); err != nil {
			return nil, err
		}
		if r.Series == nil || !r.Series.EndedAt.IsZero() {
			return nil, fault.New(fault.CodeInvalid, fault.At("input", "serviceRequestId"), fault.P("rule", "SERIES_THAT_GOES_ON"))
		}
		x := *r.Series
		if err := change(&x, now); err != nil {
			return nil, err
		}
		r.Series = &x
		note := usecase.Note(a, kind, r.ID, "")
		if r.State() == Draft {
			note = store.Note{}
		}
		return []string{r.ID}, s.rows.Replace(ctx, r, note)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}

// RecurrenceView is a series as a reader may see it.
type RecurrenceView struct {
	Rule            string
	WorkingDaysOnly bool
	SkippedOn       []usecase.Date
	EndedAt         *time.Time
}

// recurrence is the view of a series; nil for none.
func (r *Request) recurrence() *RecurrenceView {
	if r.Series == nil {
		return nil
	}
	skipped := append([]usecase.Date{}, r.Series.Skipped...)
	return &RecurrenceView{Rule: r.Series.Rule, WorkingDaysOnly: r.Series.WorkingDays, SkippedOn: skipped, EndedAt: usecase.Moment(r.Series.EndedAt)}
}

// Occurrences are the requests that the series of one has made, newest first, at most
// 100, as the actor may see them.
func (s *Service) Occurrences(ctx context.Context, a access.Actor, id string) ([]*View, error) {
	page, err := s.rows.Find(ctx, store.Query{Where: store.Is("series", id), Sort: "created", Desc: true, Limit: usecase.MaxPage})
	if err != nil {
		return nil, err
	}
	return s.views(ctx, a, page.Items)
}
