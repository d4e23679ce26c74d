package mongo

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// The engine's own collections. A noun cannot have such a name.
const (
	settingName = "setting"
	nounName    = "noun"
	guardName   = "guard"
	claimName   = "claim"
	tallyName   = "tally"
	logName     = "log"
)

// theOne is the id of the one setting document: format, code, counter, receipts.
const theOne = "store"

// Config names the database and its bounds.
type Config struct {
	URI      string        // of a replica set; its path names the database, "linkage" if it has none
	Database string        // instead of the URI's path
	Patience time.Duration // how long a commit is repeated while the set elects; default 60 s
}

// Adapter is the engine. Make it with New; the store opens and closes it.
type Adapter struct {
	cfg    Config
	setup  store.Setup
	nouns  map[string]*table
	client *mongo.Client
	db     *mongo.Database
	bell   *bell
	wake   chan struct{}
	once   sync.Once
	closed atomic.Bool
	seen   atomic.Pointer[bson.Timestamp] // of this process's last commit, in the set's own time
}

var _ store.Adapter = (*Adapter)(nil)

// New makes an adapter for a database; nothing is connected before Open.
func New(cfg Config) *Adapter {
	if cfg.Patience <= 0 {
		cfg.Patience = time.Minute
	}
	return &Adapter{cfg: cfg, nouns: map[string]*table{}, wake: make(chan struct{}, 1)}
}

// Open connects, checks the format, makes collections and indexes that are
// missing and computes values anew where a noun's declaration has changed. Several
// processes may open one database at once.
func (a *Adapter) Open(ctx context.Context, s store.Setup) (string, error) {
	a.setup = s
	if err := a.connect(); err != nil {
		return "", err
	}
	for _, d := range s.Definitions {
		a.nouns[d.Name] = newTable(d, a.db)
	}
	code, err := a.prepare(ctx)
	if err != nil {
		return "", a.translate(err)
	}
	a.bell = ring(a.options().SetAppName("linkage-bell"), a.db.Name(), a.wake)
	return code, nil
}

func (a *Adapter) connect() error {
	parsed, err := connstring.ParseAndValidate(a.cfg.URI)
	if err != nil {
		return fault.New(fault.CodeConfiguration, fault.P("what", "store"), fault.Because(err))
	}
	name := a.cfg.Database
	if name == "" {
		name = parsed.Database
	}
	if name == "" {
		name = "linkage"
	}
	if a.client, err = mongo.Connect(a.options().SetAppName("linkage")); err != nil {
		return fault.New(fault.CodeConfiguration, fault.P("what", "store"), fault.Because(err))
	}
	a.db = a.client.Database(name)
	return nil
}

func (a *Adapter) options() *options.ClientOptions {
	return options.Client().ApplyURI(a.cfg.URI).
		SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary()).
		SetHeartbeatInterval(2 * time.Second). // a new primary is seen soon
		SetServerSelectionTimeout(min(a.cfg.Patience, 30*time.Second))
}

// Bulk is 400: with a small cache a transaction of a thousand volunteers is never done.
func (a *Adapter) Bulk() int { return 400 }

// Wake rings when the counter has been changed, by whomever.
func (a *Adapter) Wake() <-chan struct{} { return a.wake }

// Close ends the doorbell and the connections.
func (a *Adapter) Close() error {
	var err error
	a.closed.Store(true)
	a.once.Do(func() {
		if a.bell != nil {
			a.bell.stop()
		}
		if a.client != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			err = a.client.Disconnect(ctx)
		}
	})
	return err
}

// setting is the one document that every batch changes.
type setting struct {
	Format int64              `bson:"format"`
	Code   string             `bson:"code"`
	Seq    int64              `bson:"seq"`
	At     int64              `bson:"at"`
	Batch  int64              `bson:"batch"`
	Done   map[string]receipt `bson:"done"`
	Half   bool               `bson:"half"` // a restore began and has not ended
}

// receipt is the last batch of one process that was committed.
type receipt struct {
	Number int64 `bson:"n"`
	At     int64 `bson:"at"`
}

func (a *Adapter) prepare(ctx context.Context) (string, error) {
	one, err := a.settings(ctx)
	if err != nil {
		return "", err
	}
	if one.Format > a.setup.Format {
		return "", fault.New(fault.CodeStoreNewer)
	}
	if one.Half {
		return "", fault.New(fault.CodeConfiguration, fault.P("what", "store: a restore into this database did not end; drop the database"))
	}
	if err := a.lay(ctx); err != nil {
		return "", err
	}
	return one.Code, a.forget(ctx, one)
}

// settings reads the one document, writing it in a new database. Two processes
// that meet here both get the first one's.
func (a *Adapter) settings(ctx context.Context) (setting, error) {
	fresh := bson.D{
		{Key: "format", Value: a.setup.Format},
		{Key: "code", Value: a.setup.Code},
		{Key: "seq", Value: int64(0)},
		{Key: "at", Value: int64(0)},
		{Key: "batch", Value: int64(0)},
		{Key: "done", Value: bson.D{}},
	}
	for {
		var one setting
		err := a.db.Collection(settingName).FindOneAndUpdate(ctx, id(theOne), bson.D{{Key: "$setOnInsert", Value: fresh}},
			options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&one)
		if mongo.IsDuplicateKeyError(err) {
			continue
		}
		if err != nil {
			return one, fmt.Errorf("read settings: %w", err)
		}
		return one, nil
	}
}

// forget drops the receipts of processes that have been silent for a day.
func (a *Adapter) forget(ctx context.Context, one setting) error {
	old := time.Now().Add(-24 * time.Hour).UnixMilli()
	for process, r := range one.Done {
		if r.At > old {
			continue
		}
		unless := bson.D{{Key: "_id", Value: theOne}, {Key: "done." + process + ".n", Value: r.Number}}
		gone := bson.D{{Key: "$unset", Value: bson.D{{Key: "done." + process, Value: ""}}}}
		if _, err := a.db.Collection(settingName).UpdateOne(ctx, unless, gone); err != nil {
			return fmt.Errorf("forget receipts: %w", err)
		}
	}
	return nil
}

// LogEnd is the sequence and time of the last committed entry.
func (a *Adapter) LogEnd(ctx context.Context) (int64, time.Time, error) {
	var one setting
	err := a.db.Collection(settingName).FindOne(ctx, id(theOne)).Decode(&one)
	return one.Seq, time.UnixMilli(one.At).UTC(), a.translate(err)
}

func id(value string) bson.D { return bson.D{{Key: "_id", Value: value}} }
