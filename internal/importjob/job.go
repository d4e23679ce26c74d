package importjob

import (
	"time"

	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/store"
)

const prefix = "imp"

// Limits of jobs. A job's row says what is wrong, and may so hold words of the table:
// it is soon deleted.
const (
	MaxFile     = 32 << 20 // bytes of a table
	maxFileName = 200
	maxAtOnce   = 2    // of one process
	maxProblems = 1000 // that a job keeps of each kind
	maxWords    = 300  // characters of one of them
	maxListed   = 50   // jobs of one account
	kept        = 7 * 24 * time.Hour
	lost        = time.Minute // without a sign of life the process is gone
)

// State is where an import stands.
type State string

// The states.
const (
	Running     State = "RUNNING"
	Done        State = "DONE"
	Refused     State = "REFUSED"     // something was wrong in the table; nothing was written
	Cancelled   State = "CANCELLED"   // by its starter, or because their rights changed
	Interrupted State = "INTERRUPTED" // the server stopped
	Failed      State = "FAILED"      // the store could not go on
)

// Job is one import of one account.
type Job struct {
	store.Head `bson:",inline"`
	Account    string          `bson:"account"`
	File       string          `bson:"file"`
	Table      string          `bson:"table"` // "" if the file's name tells
	CheckOnly  bool            `bson:"checkOnly"`
	State      State           `bson:"state"`
	Reason     string          `bson:"reason"` // the code of why it was cancelled or failed
	Stop       bool            `bson:"stop"`   // its starter wants it to end
	Beat       time.Time       `bson:"beat"`   // the last sign of life
	Steps      int             `bson:"steps"`  // rows run, each twice: checked and written
	Of         int             `bson:"of"`
	Made       int             `bson:"made"`
	Known      int             `bson:"known"`
	Wrong      int             `bson:"wrong"` // problems in all
	Problems   []sheet.Problem `bson:"problems"`
	Remarks    []sheet.Problem `bson:"remarks"`
	EndedAt    time.Time       `bson:"endedAt"`
}

// StateAt is the state as far as a moment can tell: a job that gives no sign of life
// was interrupted.
func (j *Job) StateAt(now time.Time) State {
	if j.State == Running && now.Sub(j.Beat) > lost {
		return Interrupted
	}
	return j.State
}

func spec() store.Spec[Job] {
	return store.Spec[Job]{
		Name: "importjob",
		Fields: []store.Field[Job]{
			{Name: "account", Kind: store.Text, Get: func(j *Job) any { return j.Account }},
			{Name: "created", Kind: store.Int, Get: func(j *Job) any { return j.CreatedAt }},
		},
		Indexes: [][]string{{"account", "created"}, {"created"}},
		Queries: []store.Shape{{Where: []string{"account"}, Sort: "created"}, {Sort: "created"}},
		Guards:  func(j *Job) []string { return []string{guard(j.Account)} },
	}
}

// guard names what every new job of an account bumps, so that one runs at a time.
func guard(account string) string { return store.GuardName("importjob", account) }
