package resource

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix is that of resource ids.
const prefix = "res"

// Kind is which kind of thing a resource is.
type Kind string

// The kinds.
const (
	Goods   Kind = "GOODS"   // 物资
	Fund    Kind = "FUND"    // 资金, in fen
	Venue   Kind = "VENUE"   // 场地, in minutes
	Serving Kind = "SERVICE" // 服务
	InKind  Kind = "IN_KIND" // 实物或技能
)

// Kinds lists the kinds.
var Kinds = []Kind{Goods, Fund, Venue, Serving, InKind}

// unit is the unit that a kind is counted in; goods, services and loans choose.
func (k Kind) unit(given measure.Unit) measure.Unit {
	switch k {
	case Fund:
		return measure.Fen
	case Venue:
		return measure.Minute
	case Goods, Serving, InKind:
	}
	return given
}

// Noun is what access knows of resources: anybody sees those that are or were on offer.
var Noun = access.Noun{
	Name:  "resource",
	Shown: []string{string(Published), string(Paused), string(Exhausted), string(Expired), string(Recalled)},
}

// Resource is something given. Its header's class is PUBLIC, its place is the area
// where it may go, its station the one that looks after the owner's place, its
// parties the owner and who entered it.
type Resource struct {
	store.Head  `bson:",inline"`
	Header      access.Header    `bson:"h"`
	Title       string           `bson:"title"`
	Description string           `bson:"description"`
	Kind        Kind             `bson:"kind"`
	Category    string           `bson:"category"` // NEED_CATEGORY
	Owner       string           `bson:"owner"`    // org_…
	Total       measure.Quantity `bson:"total"`    // all that was ever offered
	Per         Period           `bson:"per"`      // of a service: the total is what it can do in each such period; "" for in all
	Spent       []Spent          `bson:"spent"`    // of periods that are not over
	Minimum     int64            `bson:"minimum"`  // least given at once, 0 for any
	Window      *measure.Window  `bson:"window"`
	ExpiresOn   usecase.Date     `bson:"expiresOn"` // last day, "" for none
	ExpiresAt   time.Time        `bson:"expiresAt"` // the moment that day is over
	Batch       string           `bson:"batch"`
	ReceivedOn  usecase.Date     `bson:"receivedOn"` // "" for when it was entered
	Batches     []Batch          `bson:"batches"`    // of goods; without any there is one stock, described by the fields above
	Area        string           `bson:"area"`       // short code
	Location    *place.Point     `bson:"location"`
	Eligibility []string         `bson:"eligibility"` // RECIPIENT_CATEGORY, empty for all
	Accepts     Capacity         `bson:"accepts"`     // "" for ACCEPTS_NEW
	ConfirmedAt time.Time        `bson:"confirmedAt"` // zero for when it was entered
	Holds       []Hold           `bson:"holds"`       // held and promised parts, none lapsed when written
	Used        int64            `bson:"used"`        // given
	Lost        int64            `bson:"lost"`        // on its way
}

// Unit is the unit it is counted in.
func (r *Resource) Unit() measure.Unit { return r.Total.Unit }

// Areas are the short codes of the divisions that it may go to, with all below.
func (r *Resource) Areas() []string { return []string{r.Area} }

// Serves reports whether it is meant for recipients of a category.
func (r *Resource) Serves(category string) bool {
	return len(r.Eligibility) == 0 || slices.Contains(r.Eligibility, category)
}

// ends is the moment from which nothing of it can be given; zero for never.
func (r *Resource) ends() time.Time {
	ends := r.ExpiresAt
	if r.Window != nil && (ends.IsZero() || r.Window.To.Before(ends)) {
		ends = r.Window.To
	}
	return ends
}

func (r *Resource) ended(now time.Time) bool {
	ends := r.ends()
	return !ends.IsZero() && !now.Before(ends)
}

// Available refuses a resource of which nothing may be taken now:
// RESOURCE_UNAVAILABLE with the state.
func (r *Resource) Available(now time.Time) error {
	if s := r.Now(now); s != Published {
		return fault.New(fault.CodeResourceUnavailable, fault.P("state", string(s)))
	}
	return nil
}
