package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Adapter is all that an engine has to do: read, and commit a batch. Both
// engines pass one contract suite (package storetest) and answer alike. Errors
// are fault errors; a missing object is simply not in the answer.
type Adapter interface {
	// Open prepares the engine for the definitions: makes tables and indexes,
	// checks the format version (STORE_NEWER when the data is of a later one),
	// keeps or reads the store's two-letter code. When a definition's digest
	// differs from the stored one, the rows' values are computed anew with values.
	Open(ctx context.Context, o Setup) (code string, err error)

	// Get reads objects by id, each as of the last commit.
	Get(ctx context.Context, noun string, ids []string) ([]Record, error)

	// Find walks one index in order and returns at most scan.Limit records that
	// match; it never sorts. Of the declared values it fills only Key.
	Find(ctx context.Context, scan Scan) ([]Record, error)

	// Counts says of each element how many rows of a noun hold it in the array field of
	// an index on that field alone, as far as limit: it reads no more. It may leave out
	// those behind one that fewer than enough rows hold.
	Counts(ctx context.Context, noun *Definition, field string, elements []string, limit, enough int) ([]int, error)

	// Plan says how Find would run the scan, in words of the engine.
	Plan(ctx context.Context, scan Scan) (Plan, error)

	// Tally reads kept counters by name; absent ones are 0.
	Tally(ctx context.Context, names []string) (map[string]int64, error)

	// Bulk is how many objects a unit of bulk work should write at most: more would
	// cost less each, until a transaction grows too large for the engine.
	Bulk() int

	// Commit makes the batch durable in one transaction: number the entries by the
	// one counter first, read the revisions and owners that batch.Wants names, call
	// batch.Judge, write what was accepted. It returns nil when the commit is known
	// to have happened, whatever the single verdicts (they stand on the sets);
	// a fault of code OUTCOME_UNKNOWN when it can't be known.
	Commit(ctx context.Context, batch *Batch) error

	// Log reads entries in order of sequence.
	Log(ctx context.Context, q LogQuery) ([]*Entry, error)

	// LogEnd is the sequence and time of the last committed entry; 0 when empty.
	LogEnd(ctx context.Context) (seq int64, at time.Time, err error)

	// View runs fn with a ctx whose reads all see one moment of the store.
	View(ctx context.Context, fn func(ctx context.Context) error) error

	// Dump gives fn everything that is stored, as it is at one moment: the mark
	// first, then rows by noun, guards, claims, tallies and log entries, each by key
	// or sequence in rising order. fn may not keep the item.
	Dump(ctx context.Context, fn func(*Item) error) error

	// Load writes items in the order of Dump until next answers io.EOF, into an empty
	// store (STORE_NOT_EMPTY) that nobody else has open. If next fails, or the process
	// dies, the store is empty afterwards or refuses to open until it is dropped.
	Load(ctx context.Context, next func() (*Item, error)) error

	// Wake rings after commits of other processes on the same store. A ring may
	// be early, late or missing; readers poll as well.
	Wake() <-chan struct{}

	// Close ends the engine's goroutines and connections.
	Close() error
}

// Setup is what an adapter needs to open.
type Setup struct {
	Definitions []*Definition
	Code        string // wanted store code for a new store
	Format      int64  // the newest format version this program knows
	// Values computes the declared values of a stored body, for rebuilding.
	Values func(noun string, shape int32, body bson.Raw) (Values, error)
}

// Record is one stored object as adapters see it.
type Record struct {
	ID       string
	Version  int64
	Revision int64
	Shape    int32
	Values   Values
	Key      any // of a record that Find found: the sort key's value, nil when ordered by id
	Body     bson.Raw
}

// Pos is a place in an ordered list: the sort key's value and the id that
// breaks ties. Key is nil when the list is ordered by id.
type Pos struct {
	Key any
	ID  string
}

// Scan is one ordered walk over one index.
type Scan struct {
	Noun  *Definition
	Where []Filter // conjuncts; the engine evaluates all of them
	Index []string // the index to walk; empty: the primary key
	Sort  string   // declared scalar field, or "" for id
	Desc  bool
	After *Pos // exclusive
	Limit int

	rest  Match  // checked by the port on the rows found; nil for none
	guard string // the guard that was read before it, "" for none
}

// Plan is how an engine runs a scan.
type Plan struct {
	Index    string // name of the index walked, "" for none
	FullScan bool   // reads rows that no condition selects
	Sorts    bool   // holds rows back to order them
	Text     string // the engine's own words
}

// LogQuery selects log entries. Zero fields do not restrict.
type LogQuery struct {
	After int64 // exclusive
	Until int64 // inclusive
	Noun  string
	ID    string // with Noun: the history of one object
	Root  string // entries of one request or case
	Desc  bool
	Limit int
}

// Entry is one line of the append-only log. Before and After are aligned with
// the noun's Definition and hold only routing fields; nil means that the object
// did not exist. Body is the public part after the change; Parts are the
// personal parts that have not been erased.
type Entry struct {
	Seq      int64
	At       time.Time // stamped by the committer, never going back
	Kind     string    // "request.submitted"
	Noun, ID string
	Root     string
	Version  int64
	Revision int64
	Shape    int32
	Actor    string // account id, or "system"
	Via      string // "graphql", "link", "import", "timer"
	OnBehalf string
	Reason   string
	Before   Values
	After    Values
	Body     bson.Raw
	Parts    []Part
	Subjects []string // of all personal parts that were written, erased or not
	base     int64    // revision as counted by the unit, for a new object
}

// Erased reports whether a personal part of the entry has been erased.
func (e *Entry) Erased() bool { return len(e.Parts) < len(e.Subjects) }

// Part is the personal part of an entry about one data subject.
type Part struct {
	Subject string
	Body    bson.Raw
}
