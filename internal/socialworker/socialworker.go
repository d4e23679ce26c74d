package socialworker

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix is that of social workers' ids.
const prefix = "wrk"

// The states of a social worker's header.
const (
	stateActive  = "ACTIVE"
	stateResting = "RESTING"
)

// Noun is what access knows of social workers.
var Noun = access.Noun{Name: "worker", Staff: true}

// SocialWorker is a person with a post at a station. The class is RESTRICTED.
type SocialWorker struct {
	store.Head     `bson:",inline"`
	Header         access.Header `bson:"h"`
	Private        Private       `bson:"private"`
	Employer       string        `bson:"employer"` // org_…, "" if not known
	PracticeFields []string      `bson:"fields"`
	Skills         []string      `bson:"skills"`
	Certificate    Certificate   `bson:"certificate"`
}

// Private is what is about the person alone.
type Private struct {
	Name   string `bson:"name"`
	Phone  string `bson:"phone"`
	Number string `bson:"number"` // of the certificate
}

// Active reports whether they take work now.
func (w *SocialWorker) Active() bool { return w.Header.State == stateActive }

func (w *SocialWorker) activate(active bool) {
	w.Header.State = map[bool]string{true: stateActive, false: stateResting}[active]
}

// DisplayName is the family name with the title, 李社工, for everyone who may see
// the person; 社工 alone when the name was erased.
func (w *SocialWorker) DisplayName() string { return text.FamilyName(w.Private.Name) + "社工" }

// Level is the level of a certificate.
type Level string

// The levels.
const (
	Assistant    Level = "ASSISTANT"     // 助理社会工作师
	FullyTrained Level = "SOCIAL_WORKER" // 社会工作师
	Senior       Level = "SENIOR"        // 高级社会工作师
)

// Levels lists the levels.
var Levels = []Level{Assistant, FullyTrained, Senior}

// CertificateState is the life of a certificate.
type CertificateState string

// The states. DUE and LAPSED follow from the calendar and are never stored.
const (
	Declared   CertificateState = "DECLARED"
	Verified   CertificateState = "VERIFIED"
	Registered CertificateState = "REGISTERED"
	Due        CertificateState = "DUE"
	Lapsed     CertificateState = "LAPSED"
	Revoked    CertificateState = "REVOKED"
)

const (
	registrationYears = 3  // 民发〔2009〕44号
	dueDays           = 90 // renewal falls into the last three months
)

// Certificate is a professional certificate without its number; Level is "" when
// there is none.
type Certificate struct {
	Level        Level            `bson:"level"`
	State        CertificateState `bson:"state"` // DECLARED, VERIFIED, REGISTERED or REVOKED
	RegisteredOn usecase.Date     `bson:"on"`
}

// StateOn is the state on a day.
func (c Certificate) StateOn(today usecase.Date) CertificateState {
	if c.State != Registered {
		return c.State
	}
	last := c.ValidTo()
	switch {
	case today > last:
		return Lapsed
	case today > addDays(last, -dueDays):
		return Due
	}
	return Registered
}

// ValidTo is the last day of the registration, "" before there is one.
func (c Certificate) ValidTo() usecase.Date {
	start, err := c.RegisteredOn.Start()
	if err != nil {
		return ""
	}
	day := usecase.DateOf(start.AddDate(registrationYears, 0, 0))
	return addDays(day, -1)
}

func addDays(d usecase.Date, n int) usecase.Date {
	at, err := d.Start()
	if err != nil {
		return d
	}
	return usecase.DateOf(at.AddDate(0, 0, n))
}

// maskNumber keeps the ends of a number: 2021****0017.
func maskNumber(n string) string {
	r := []rune(n)
	keep := min(4, len(r)/4)
	return string(r[:keep]) + "****" + string(r[len(r)-keep:])
}
