package recipient

import (
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix is that of recipients' ids; the ids are random.
const prefix = "rcp"

// Noun is what access knows of recipients.
var Noun = access.Noun{Name: "recipient", Screened: true}

// The states of a recipient's header.
const (
	stateKnown  = "KNOWN"
	stateErased = "ERASED"
)

// Recipient is one person who is served. Header.Class is how widely their matters
// may be known, Header.Station who looks after them.
type Recipient struct {
	store.Head `bson:",inline"`
	Header     access.Header `bson:"h"`
	Code       string        `bson:"code"`  // R-7F3KQ2: stands for the person where no name may
	Where      string        `bson:"where"` // 12-digit code of their community
	Private    Private       `bson:"private"`
}

// Private is what is about the person alone.
type Private struct {
	Name          string       `bson:"name"`
	DisplayName   string       `bson:"display"`
	Category      string       `bson:"category"`
	BornOn        usecase.Date `bson:"born"`
	Phone         string       `bson:"phone"`
	SafeRule      string       `bson:"safe"`
	Address       string       `bson:"address"`
	GuardianName  string       `bson:"guardian"`
	GuardianPhone string       `bson:"guardianPhone"`
	CareNote      string       `bson:"care"`
	ClassNote     string       `bson:"classNote"` // why the class is what it is
}

// Erased reports whether the person's data was erased.
func (r *Recipient) Erased() bool { return r.Header.State == stateErased }

// Place is the 12-digit code of the community they live in.
func (r *Recipient) Place() string { return r.Where }

// Address is where they live.
func (r *Recipient) Address() string { return r.Private.Address }

// Minor reports whether the person is under 18, or of a group of children.
func (r *Recipient) Minor(now time.Time) bool {
	if r.Private.BornOn != "" {
		return r.Private.BornOn.YearsTo(usecase.DateOf(now)) < usecase.Adult
	}
	return r.Private.Category == "CHILD_IN_DIFFICULTY" || r.Private.Category == "LEFT_BEHIND_CHILD"
}

// SafeContact is whom a helper may call: the guardian or the person, as their rule
// says; "" where only the social worker may make contact.
func (r *Recipient) SafeContact() string {
	p := r.Private
	switch p.SafeRule {
	case "WORKER_ONLY", "NO_PHONE":
		return ""
	case "GUARDIAN_ONLY":
		return strings.TrimSpace(p.GuardianName + " " + p.GuardianPhone)
	}
	return strings.TrimSpace(r.display() + " " + p.Phone)
}

// contact is the number by which the person is reached, or their guardian, in digits
// alone and without the country's code; "" for what is no number.
func (r *Recipient) contact() string {
	given := r.Private.Phone
	if given == "" {
		given = r.Private.GuardianPhone
	}
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, given)
	if len(digits) == 13 && strings.HasPrefix(digits, "86") {
		digits = digits[2:]
	}
	if len(digits) < 7 {
		return ""
	}
	return digits
}

// display is the form of address: what was given, else the family name with 服务对象;
// the code once the name was erased.
func (r *Recipient) display() string {
	if r.Private.DisplayName != "" {
		return r.Private.DisplayName
	}
	if r.Private.Name == "" {
		return r.Code
	}
	return text.FamilyName(r.Private.Name) + "服务对象"
}

// Guarded reports whether the class is PROTECTED or SEALED.
func (r *Recipient) Guarded() bool {
	return r.Header.Guarded()
}

// code makes a code of an id's last characters.
func code(id string) string { return "R-" + strings.ToUpper(id[len(id)-6:]) }

func (r *Recipient) category() *codes.Code {
	return codes.Of(codes.RecipientCategory, r.Private.Category)
}
