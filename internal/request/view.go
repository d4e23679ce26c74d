package request

import (
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a request as one reader may see it. What the mask withholds is nil and
// named in Hidden. It is never changed after it was made.
type View struct {
	ID, Number             string
	Version, Revision      int64
	State                  State
	Coverage               Coverage
	Class                  access.Class
	Category               codes.Code
	Urgency                Urgency
	Risk                   *Risk
	Title, Description     *string
	Note, Address          *string
	Window                 *measure.Window
	Constraints            []codes.Code
	Channel                *codes.Code
	Recipient              *recipient.View
	Community              *community.View
	Area                   *division.View
	Station                *station.View
	Referral               *ReferralView
	Recurrence             *RecurrenceView
	FirstOf                string // id of the first occurrence of its series; shown by OccurrenceOf
	MergeInto              string // id of the request that it was merged into; shown by MergedInto
	Lead                   *socialworker.View
	NeedLines              []LineView
	Escalated, Disputed    bool
	DeclineProposed        bool
	DueAt                  *time.Time
	ResumeOn               *usecase.Date
	Reason                 *codes.Code
	ReasonNote             *string
	Missing                []codes.Code
	Appeal                 *AppealView
	Confirmation           *ConfirmationView
	Participation          []ParticipationView
	AllowedActions         []Step // nil in the feed
	Hidden                 []string
	CreatedAt, UpdatedAt   time.Time
	SubmittedAt, TriagedAt *time.Time
	AcceptedAt             *time.Time
	DeliveredAt, EndedAt   *time.Time
	Mask                   access.Mask // the mask it was made with
}

// LineView is a need line as one reader may see it.
type LineView struct {
	ID, ServiceRequestID                        string
	Kind                                        Kind
	Category                                    codes.Code
	Title                                       *string
	State                                       LineState
	Quantity, Held, Committed, Fulfilled, Short measure.Quantity
	Claimed                                     measure.Quantity // of what is short
	Window                                      *measure.Window
	Skills                                      []codes.Code
	Reason                                      *codes.Code
	Hidden                                      []string
}

// Missing is what is still to be found.
func (l LineView) Missing() measure.Quantity { return l.Short }

// ConfirmationView is how a delivery was confirmed.
type ConfirmationView struct {
	By           string
	At           time.Time
	Satisfaction *int
	Note         *string
	Reason       *codes.Code
}

// ParticipationView is one society's part. Display and PartyID are nil where the
// person is hidden.
type ParticipationView struct {
	Society, Role    string
	Display, PartyID *string
	Since            time.Time
	Duration         time.Duration
}

// veil copies fields that a mask shows and notes the names of those it hides.
type veil struct {
	mask   access.Mask
	hidden []string
}

func (v *veil) shows(least access.Mask, field string) bool {
	if v.mask >= least {
		return true
	}
	v.hidden = append(v.hidden, field)
	return false
}

func (v *veil) text(least access.Mask, field, s string) *string {
	if !v.shows(least, field) || s == "" {
		return nil
	}
	return &s
}

// plain is the part of a view that needs no other noun.
func (r *Request) plain(at access.Standing, now time.Time) *View {
	mask := at.Mask
	v := &veil{mask: mask, hidden: []string{}}
	told, reasoned := access.Contact, access.Full
	if r.judges(at.Relations) && r.judged() {
		told, reasoned = access.Limited, access.Limited
	}
	out := &View{
		ID: r.ID, Number: r.Number, Version: r.Version, Revision: r.Shown(), State: r.State(), Coverage: r.Coverage(now),
		Class: r.Header.Class, Category: r.category(r.Category, mask), Urgency: r.Urgency, Mask: mask,
		Escalated: r.Escalated, Disputed: r.Disputed, DeclineProposed: r.DeclineBy != "",
		Missing: codes.Many(codes.ReturnItem, r.Missing), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		SubmittedAt: usecase.Moment(r.SubmittedAt), TriagedAt: usecase.Moment(r.TriagedAt), AcceptedAt: usecase.Moment(r.AcceptedAt),
		DeliveredAt: usecase.Moment(r.DeliveredAt), EndedAt: usecase.Moment(r.EndedAt),
	}
	if r.Wait == nil { // else nobody knows yet
		out.DueAt = usecase.Moment(r.DueAt)
	}
	out.Title = v.text(access.Limited, "title", r.Private.Title)
	out.Description = v.text(told, "description", r.Private.Description)
	out.Note = v.text(access.Contact, "note", r.Private.Note)
	out.Address = v.text(access.Contact, "address", r.Private.Address)
	out.ReasonNote = v.text(reasoned, "reasonNote", r.Private.ReasonNote)
	if !r.sealedTo(mask) || v.shows(access.Limited, "window") {
		out.Window = r.Window
	}
	if !r.sealedTo(mask) || v.shows(access.Limited, "constraints") {
		out.Constraints = codes.Many(codes.Constraint, r.Constraints)
	}
	if !r.sealedTo(mask) || v.shows(access.Limited, "recurrence") {
		out.Recurrence, out.FirstOf = r.recurrence(), r.OccurrenceOf
	}
	if v.shows(access.Full, "risk") && r.Risk != "" {
		out.Risk = &r.Risk
	}
	if v.shows(access.Full, "channel") {
		out.Channel = codes.Of(codes.RequestChannel, r.Channel)
	}
	if v.shows(access.Limited, "reason") && r.Reason != "" {
		out.Reason = codes.Of(codes.List(r.ReasonList), r.Reason)
	}
	if r.ResumeOn != "" {
		out.ResumeOn = &r.ResumeOn
	}
	if r.Confirmed != nil && v.shows(access.Limited, "confirmation") {
		out.Confirmation = r.confirmation(mask)
	}
	if r.Appeal != nil && v.shows(access.Limited, "appeal") {
		out.Appeal = r.appeal()
		said := access.Full
		if r.judges(at.Relations) {
			said = access.Limited
		}
		out.Appeal.Note = v.text(said, "appeal.note", r.Private.Appeal)
	}
	out.NeedLines = r.lineViews(mask, now)
	if r.Merge != nil {
		out.MergeInto = r.Merge.Into
	}
	out.Hidden = v.hidden
	return out
}

// sealedTo reports whether the reader may know nothing but "confidential need".
func (r *Request) sealedTo(mask access.Mask) bool {
	return r.Header.Class == access.Sealed && mask < access.Limited
}

func (r *Request) category(id string, mask access.Mask) codes.Code {
	if r.sealedTo(mask) {
		id = confidential
	}
	return codes.Code{List: codes.NeedCategory, ID: id}
}

// listed is the category that lists and feeds know a request by: what a sealed one is
// about can't be found out by asking for it, not even by those who may read it.
func (r *Request) listed() string {
	if r.Header.Class == access.Sealed {
		return confidential
	}
	return r.Category
}

func (r *Request) confirmation(mask access.Mask) *ConfirmationView {
	c := &ConfirmationView{By: r.Confirmed.By, At: r.Confirmed.At, Reason: codes.Of(codes.WitnessReason, r.Confirmed.Reason)}
	if n := r.Confirmed.Satisfaction; n > 0 {
		c.Satisfaction = &n
	}
	if mask >= access.Full && r.Private.Said != "" {
		c.Note = &r.Private.Said
	}
	return c
}

func (r *Request) lineViews(mask access.Mask, now time.Time) []LineView {
	out := make([]LineView, len(r.Lines))
	for i := range r.Lines {
		l := &r.Lines[i]
		v := &veil{mask: mask, hidden: []string{}}
		out[i] = LineView{
			ID: l.ID, ServiceRequestID: r.ID, Kind: l.Kind, Category: r.category(l.Category, mask), State: l.State(now),
			Quantity: l.Need, Held: l.Need.Of(l.Sum(Held, now)), Committed: l.Need.Of(l.Sum(Committed, now)),
			Fulfilled: l.Need.Of(l.Sum(Fulfilled, now)), Short: l.Need.Of(l.Missing(now)), Claimed: l.Need.Of(l.Claimed(now)),
			Skills: codes.Many(codes.Skill, l.Skills), Reason: codes.Of(codes.MatchDeclineReason, l.Reason),
		}
		out[i].Title = v.text(access.Limited, "title", r.Private.Lines[l.ID])
		if !r.sealedTo(mask) || v.shows(access.Limited, "window") {
			out[i].Window = l.Window
		}
		out[i].Hidden = v.hidden
	}
	return out
}

// Line finds a need line in a view; nil for none, also in a hidden (nil) view.
func (v *View) Line(id string) *LineView {
	if v == nil {
		return nil
	}
	for i := range v.NeedLines {
		if v.NeedLines[i].ID == id {
			return &v.NeedLines[i]
		}
	}
	return nil
}
