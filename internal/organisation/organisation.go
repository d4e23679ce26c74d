package organisation

import (
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/gb"
	"github.com/fivesociety/linkage/internal/store"
)

// prefix is that of organisation ids.
const prefix = "org"

// Kind is what an organisation is.
type Kind string

// The kinds.
const (
	Social            Kind = "SOCIAL_ORGANISATION" // 社会组织
	CommunityGroup    Kind = "COMMUNITY_GROUP"     // 备案社区社会组织
	Company           Kind = "COMPANY"             // 企业
	PublicInstitution Kind = "PUBLIC_INSTITUTION"  // 事业单位
	Government        Kind = "GOVERNMENT"          // 机关、群团、村居委会
)

// Kinds lists the kinds.
var Kinds = []Kind{Social, CommunityGroup, Company, PublicInstitution, Government}

// SocialKind is which kind of registered social organisation it is.
type SocialKind string

// The kinds of social organisation, told from the credit code.
const (
	Association        SocialKind = "ASSOCIATION"
	ServiceInstitution SocialKind = "SERVICE_INSTITUTION"
	Foundation         SocialKind = "FOUNDATION"
	OtherSocial        SocialKind = "OTHER"
)

// Noun is what access knows of organisations: their facts are public once admitted,
// and stay so, because what they supplied keeps naming them.
var Noun = access.Noun{Name: "organisation", Shown: []string{string(Admitted), string(Suspended), string(Barred)}}

// Organisation is a body of any kind. Its header's class is always PUBLIC.
type Organisation struct {
	store.Head    `bson:",inline"`
	Header        access.Header `bson:"h"`
	Name          string        `bson:"name"`
	Kind          Kind          `bson:"kind"`
	CreditCode    string        `bson:"code"`   // "" for groups on file
	FilingNumber  string        `bson:"filing"` // of groups on file
	Division      string        `bson:"division"`
	Credit        Credit        `bson:"credit"`
	CreditSource  string        `bson:"creditSource"`
	CreditLabel   string        `bson:"creditLabel"` // in the authority's own word
	CreditChecked time.Time     `bson:"creditChecked"`
	Authority     string        `bson:"authority"` // that registered it
	Qualification Qualification `bson:"qualification"`
	Rating        Rating        `bson:"rating"`
	Phone         string        `bson:"phone"`
	Profile       string        `bson:"profile"`
	Fundraising   bool          `bson:"fundraising"`
	EnteredBy     string        `bson:"enteredBy"` // account that last set what the papers say
	Papers        Papers        `bson:"papers"`
}

// Papers is the check of an organisation's papers; zero when its codes, or the name of one
// that is not let in yet, have not been checked since they were entered.
type Papers struct {
	By       string    `bson:"by"`
	At       time.Time `bson:"at"`
	Evidence string    `bson:"evidence"`
}

// Admission is the standing on the platform.
func (o *Organisation) Admission() Admission { return Admission(o.Header.State) }

// CanTakePart refuses an organisation that may not take on anything new:
// ORGANISATION_NOT_ADMITTED unless it is admitted and nothing is known against it.
func (o *Organisation) CanTakePart() error {
	if o.Admission() != Admitted {
		return fault.New(fault.CodeOrganisationBarred, fault.P("state", string(o.Admission())))
	}
	return o.creditworthy()
}

// Released is why what a stopped organisation gave is released (RELEASE_REASON): a
// listing, or a decision of this platform.
func (o *Organisation) Released() string {
	if o.Admission() == Suspended && (o.Credit == AbnormalListed || o.Credit == SeriousListed) {
		return "CREDIT_LISTED"
	}
	return "OWNER_STOPPED"
}

func (o *Organisation) creditworthy() error {
	if o.Credit != Normal {
		return fault.New(fault.CodeOrganisationBarred, fault.P("state", string(o.Credit)))
	}
	return nil
}

// SocialKind is told from the credit code, "" for others.
func (o *Organisation) SocialKind() SocialKind {
	switch gb.CreditCode(o.CreditCode).Class() { //nolint:exhaustive // all others are no social organisations
	case gb.ClassAssociation:
		return Association
	case gb.ClassServiceOrganisation:
		return ServiceInstitution
	case gb.ClassFoundation:
		return Foundation
	case gb.ClassOtherSocial:
		return OtherSocial
	}
	return ""
}

// fits reports whether a body of this kind can have a code of that class. Classes
// that the platform does not tell apart fit every kind but a social organisation.
func (k Kind) fits(c gb.Class) bool {
	switch c { //nolint:exhaustive // the rest is below
	case gb.ClassCompany, gb.ClassSoleTrader, gb.ClassCooperative, gb.ClassGroupCollective, gb.ClassVillageCollective, gb.ClassTownCollective:
		return k == Company
	case gb.ClassPublicInstitution:
		return k == PublicInstitution
	case gb.ClassGovernment, gb.ClassMassOrganisation, gb.ClassVillagersCommittee, gb.ClassResidentsCommittee:
		return k == Government
	case gb.ClassOther:
		return k != Social
	}
	return k == Social
}
