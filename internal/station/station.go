package station

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/store"
)

// prefix is that of station ids.
const prefix = "sta"

// Kind is what a station is for.
type Kind string

// The kinds.
const (
	SocialWork       Kind = "SOCIAL_WORK"       // 社工站
	MinorsProtection Kind = "MINORS_PROTECTION" // 未保站
	Volunteer        Kind = "VOLUNTEER"         // 志愿服务站点
)

// Kinds lists the kinds.
var Kinds = []Kind{SocialWork, MinorsProtection, Volunteer}

// Level is at which level a station stands.
type Level string

// The levels.
const (
	County    Level = "COUNTY"
	Street    Level = "STREET" // street, town or township
	Community Level = "COMMUNITY"
)

// Levels lists the levels.
var Levels = []Level{County, Street, Community}

// State is the life of a station.
type State string

// The states.
const (
	Planned    State = "PLANNED"
	Building   State = "BUILDING"
	Trial      State = "TRIAL"
	Accepted   State = "ACCEPTED"
	Operating  State = "OPERATING"
	Rectifying State = "RECTIFYING"
	Closed     State = "CLOSED"
)

// States lists the states.
var States = []State{Planned, Building, Trial, Accepted, Operating, Rectifying, Closed}

// Station is one desk.
type Station struct {
	store.Head `bson:",inline"`
	Name       string       `bson:"name"`
	Kind       Kind         `bson:"kind"`
	Level      Level        `bson:"level"`
	State      State        `bson:"state"`
	Division   string       `bson:"division"` // id
	Serves     []string     `bson:"serves"`   // 12-digit codes, ascending
	Operator   string       `bson:"operator"` // org_…, "" if not known
	Address    string       `bson:"address"`
	Phone      string       `bson:"phone"`
	Location   *place.Point `bson:"location"`
	Host       string       `bson:"host"`   // facility whose room it uses, "" for one of its own
	Fields     []string     `bson:"fields"` // codes of SERVICE_FIELD
	Haves      []Have       `bson:"haves"`  // checked ones, in the order of the kind's list
	AcceptedAt time.Time    `bson:"accepted"`
	StepNote   string       `bson:"step_note"` // why it was closed or has to rectify, in public words
}

// Code is the short code of the division it stands in.
func (s *Station) Code() string { return division.CodeOf(s.Division) }

// region is the county it stands in, or the city where there are no counties: what
// it serves lies inside.
func (s *Station) region() string {
	_, city, county, _, _ := division.Levels(s.Code())
	if county == "" {
		return city
	}
	return county
}

// Action is a step of a station's life, as errors name it.
type Action string

// The steps.
const (
	ActBuild   Action = "BUILD"
	ActTry     Action = "TRY"
	ActAccept  Action = "ACCEPT"
	ActOpen    Action = "OPEN"
	ActRectify Action = "RECTIFY"
	ActClose   Action = "CLOSE"
)

// steps is the one table of the station's life (domain.md §3). A station that works
// already is entered as working: OPEN leads there from every state before; that its
// haves were accepted is another question, and AcceptedAt answers it.
var steps = []struct {
	act  Action
	from []State
	to   State
}{
	{ActBuild, []State{Planned}, Building},
	{ActTry, []State{Planned, Building}, Trial},
	{ActAccept, []State{Trial}, Accepted},
	{ActOpen, []State{Planned, Building, Trial, Accepted, Rectifying}, Operating},
	{ActRectify, []State{Trial, Accepted, Operating}, Rectifying},
	{ActClose, []State{Planned, Building, Trial, Accepted, Operating, Rectifying}, Closed},
}

// move takes a step; TRANSITION_NOT_ALLOWED names the steps there are.
func (s *Station) move(act Action) error {
	allowed := []string{}
	for _, step := range steps {
		if !slices.Contains(step.from, s.State) {
			continue
		}
		if step.act == act {
			s.State = step.to
			return nil
		}
		allowed = append(allowed, string(step.act))
	}
	return fault.New(fault.CodeTransition, fault.P("from", string(s.State)), fault.P("allowed", allowed))
}

// responsible is the station among those given that is responsible for a community:
// the one that lists it, else the one that stands at its town, else at its county;
// of several the oldest. Only stations in operation count. nil if there is none.
func responsible(stations []*Station, code string) *Station {
	_, _, county, town, _ := division.Levels(code)
	var best *Station
	rank := 0
	for _, s := range stations {
		r := 0
		switch {
		case s.State != Operating:
		case slices.Contains(s.Serves, code):
			r = 3
		case s.Code() == town:
			r = 2
		case s.Code() == county:
			r = 1
		}
		if r > rank || (r > 0 && r == rank && s.ID < best.ID) {
			best, rank = s, r
		}
	}
	return best
}
