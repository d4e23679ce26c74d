package community

import (
	"slices"
	"strconv"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxContacts = 20
	maxPost     = 32
	maxPerson   = 32
	maxTerm     = 99
)

// Term is the time for which a committee was elected; zero when not known.
type Term struct {
	Number    int          `bson:"n"` // 届: the first is 1
	ValidFrom usecase.Date `bson:"from"`
	ValidTo   usecase.Date `bson:"to"` // last day
}

// check refuses a term that is none: OUT_OF_RANGE, INVALID or WINDOW_INVALID. How long
// it may be is law that changes (five years since 2019) and is not asked.
func (t Term) check() error {
	if t.Number < 1 || t.Number > maxTerm {
		return fault.New(fault.CodeOutOfRange, fault.At("input", "committeeTerm", "number"), fault.P("min", "1"), fault.P("max", strconv.Itoa(maxTerm)))
	}
	if _, err := t.ValidFrom.Start(); err != nil {
		return fault.Under(err, "input", "committeeTerm", "validFrom")
	}
	if _, err := t.ValidTo.Start(); err != nil {
		return fault.Under(err, "input", "committeeTerm", "validTo")
	}
	if t.ValidTo < t.ValidFrom {
		return fault.New(fault.CodeWindowInvalid, fault.At("input", "committeeTerm", "validTo"))
	}
	return nil
}

// Facility is one service facility of a community.
type Facility struct {
	Kind    string `bson:"kind"` // code of FACILITY_KIND
	Name    string `bson:"name"`
	Station string `bson:"station"` // volunteer station there, "" for none
}

// FacilityInput is a facility as entered.
type FacilityInput struct {
	Kind               string
	Name               string
	VolunteerStationID *string
}

// Contact is a member of the committee: personal data of that member.
type Contact struct {
	Post  string `bson:"post"` // 书记, 主任, 民政委员 …
	Name  string `bson:"name"`
	Phone string `bson:"phone"`
}

// ContactInput is a contact as entered.
type ContactInput struct {
	Post  string
	Name  string
	Phone *string
}

// ContactView is a contact as a reader sees it: whole for those who work with the
// community, else the family name and no telephone of their own.
type ContactView struct {
	Post  string
	Name  string
	Phone *string
}

func contacts(list []ContactInput) ([]Contact, error) {
	if len(list) > maxContacts {
		return nil, fault.New(fault.CodeTooMany, fault.At("input", "contacts"), fault.P("max", maxContacts))
	}
	out := make([]Contact, len(list))
	for i, in := range list {
		at := func(field string) []string { return []string{"input", "contacts", strconv.Itoa(i), field} }
		var err error
		if out[i].Post, err = usecase.Text(in.Post, maxPost, true, at("post")...); err != nil {
			return nil, err
		}
		if out[i].Name, err = usecase.Text(in.Name, maxPerson, true, at("name")...); err != nil {
			return nil, err
		}
		if out[i].Phone, err = usecase.Text(usecase.Or(in.Phone, ""), maxPhone, false, at("phone")...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// view shows a contact, whole or masked.
func (c Contact) view(whole bool) ContactView {
	if whole {
		return ContactView{c.Post, c.Name, usecase.Opt(c.Phone)}
	}
	return ContactView{c.Post, text.FamilyName(c.Name), nil}
}

// insider reports whether the actor works with the community: its station's
// coordinator, and who administers, supervises or protects its area.
func insider(a access.Actor, c *Community, station string) bool {
	return a.IsSystem() || a.Is(access.Coordinator, station) || slices.ContainsFunc(a.Grants, func(g access.Grant) bool {
		return slices.Contains([]access.Role{access.Admin, access.Supervisor, access.ProtectionOfficer}, g.Role) && g.Covers(c.Code)
	})
}
