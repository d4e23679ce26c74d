package mongo_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// tally gathers acknowledged keys from many goroutines.
type tally struct {
	mu   sync.Mutex
	keys []string
	many chan struct{} // closed at the given number
	at   int
}

func newTally(at int) *tally { return &tally{many: make(chan struct{}), at: at} }

func (k *tally) add(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys = append(k.keys, key); len(k.keys) == k.at {
		close(k.many)
	}
}

func startLoad(t *testing.T, cfg mongo.Config) *storetest.Load {
	t.Helper()
	load, err := storetest.StartLoad(t.Context(), mongo.New(cfg))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := load.Close(); err != nil {
			t.Error(err)
		}
	})
	return load
}

// TestThePrimaryIsKilledUnderLoad lets two processes write to three members,
// kills the primary and brings it back: nothing acknowledged is lost, nothing is
// doubled, and a reader of the log sees each entry once, in order.
func TestThePrimaryIsKilledUnderLoad(t *testing.T) {
	t.Parallel()
	kills, each := 1, 60
	if storetest.Long() {
		kills, each = 5, 1500
	}
	set := mongotest.Three(t)
	one, two := startLoad(t, mongo.Config{URI: set.URI()}), startLoad(t, mongo.Config{URI: set.URI()})
	const writers = 8
	all := 2 * writers * each
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	acked := newTally(all / 4)
	ends := make(chan error, 3)
	go func() { ends <- one.Write(ctx, "one", writers, each, acked.add) }()
	go func() { ends <- two.Write(ctx, "two", writers, each, acked.add) }()
	go func() { ends <- one.Follow(all) }()
	select {
	case <-acked.many:
	case <-ctx.Done():
		t.Fatal("no writes before the first kill")
	}
	for range kills {
		began := time.Now()
		killed := set.KillPrimary()
		set.Primary()
		t.Logf("member %d killed, another leads after %v", killed, time.Since(began).Round(time.Millisecond))
		set.Restart(killed)
	}
	for range 3 {
		if err := <-ends; err != nil {
			t.Fatal(err)
		}
	}
	n, err := two.Verify(ctx, acked.keys)
	if err != nil || n != all || len(acked.keys) != all {
		t.Fatalf("%d acknowledged, %d there of %d: %v", len(acked.keys), n, all, err)
	}
	t.Logf("%d acknowledged and there after %d kills", n, kills)
}

// failing makes commands of a set fail; the client is the test's own.
func failing(t *testing.T, set *mongotest.Set) func(times int, data bson.D) {
	t.Helper()
	client, err := driver.Connect(options.Client().ApplyURI(set.URI()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return func(times int, data bson.D) { set.FailCommand(client, times, data) }
}

var (
	lostReply = bson.D{{Key: "code", Value: 64}, {Key: "errmsg", Value: "the reply is lost"}}
	commits   = bson.A{"commitTransaction"}
)

// TestALostReply breaks single commands of the transaction: the batch is committed
// once, whatever the driver and the adapter had to repeat.
func TestALostReply(t *testing.T) {
	t.Parallel()
	set := mongotest.One(t)
	fail := failing(t, set)
	load := startLoad(t, mongo.Config{URI: set.URI(), Patience: 6 * time.Second})
	acked := newTally(0)
	for name, c := range map[string]struct {
		times int
		data  bson.D
	}{
		"committed, reply lost once":        {1, bson.D{{Key: "failCommands", Value: commits}, {Key: "writeConcernError", Value: lostReply}}},
		"committed, reply lost for a while": {12, bson.D{{Key: "failCommands", Value: commits}, {Key: "writeConcernError", Value: lostReply}}},
		"connection lost before the commit": {1, bson.D{{Key: "failCommands", Value: commits}, {Key: "closeConnection", Value: true}}},
		"connection lost at every commit":   {5, bson.D{{Key: "failCommands", Value: commits}, {Key: "closeConnection", Value: true}}},
		"the counter is taken":              {4, bson.D{{Key: "failCommands", Value: bson.A{"findAndModify"}}, {Key: "errorCode", Value: 112}, {Key: "errorLabels", Value: bson.A{"TransientTransactionError"}}}},
		"an election in the middle":         {2, bson.D{{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "errorCode", Value: 189}}},
		"connection lost in the middle":     {1, bson.D{{Key: "failCommands", Value: bson.A{"aggregate"}}, {Key: "closeConnection", Value: true}}},
		"the server forgot the transaction": {1, bson.D{{Key: "failCommands", Value: commits}, {Key: "errorCode", Value: 251}, {Key: "errorLabels", Value: bson.A{"TransientTransactionError"}}}},
		"reads meet an election":            {2, bson.D{{Key: "failCommands", Value: bson.A{"find"}}, {Key: "errorCode", Value: 11600}}},
	} {
		fail(c.times, c.data)
		if err := load.Write(t.Context(), name, 3, 4, acked.add); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		fail(1, bson.D{{Key: "failCommands", Value: bson.A{"whatsmyuri"}}, {Key: "errorCode", Value: 1}}) // nothing of ours
	}
	n, err := load.Verify(t.Context(), acked.keys)
	if err != nil || n != len(acked.keys) || n != 9*3*4 {
		t.Fatalf("%d acknowledged, %d there: %v", len(acked.keys), n, err)
	}
}

// TestAnUnknownOutcome loses every answer to a commit until patience ends: the
// caller is told that nobody knows, and a repeat with the key settles it.
func TestAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	set := mongotest.One(t)
	fail := failing(t, set)
	load := startLoad(t, mongo.Config{URI: set.URI(), Patience: 2 * time.Second})
	fail(1_000_000, bson.D{{Key: "failCommands", Value: commits}, {Key: "closeConnection", Value: true}})
	ctx, cancel := context.WithCancel(t.Context())
	load.WriteBodies(ctx, "u", 1, "", func(key string, err error) {
		if fault.CodeOf(err) != fault.CodeOutcomeUnknown {
			t.Errorf("%s: %v", key, err)
		}
		cancel()
	})
	fail(1_000_000, bson.D{{Key: "failCommands", Value: bson.A{"findAndModify"}}, {Key: "closeConnection", Value: true}})
	ctx, cancel = context.WithCancel(t.Context())
	load.WriteBodies(ctx, "v", 1, "", func(key string, err error) {
		if fault.CodeOf(err) != fault.CodeUnavailable {
			t.Errorf("%s was surely not written: %v", key, err)
		}
		cancel()
	})
	fail(1, bson.D{{Key: "failCommands", Value: bson.A{"whatsmyuri"}}, {Key: "errorCode", Value: 1}})
	acked := newTally(0)
	if err := load.Write(t.Context(), "u", 1, 3, acked.add); err != nil {
		t.Fatal(err)
	}
	if n, err := load.Verify(t.Context(), acked.keys); err != nil || n != 3 {
		t.Errorf("%d there: %v", n, err)
	}
}

// TestTheReceiptTells loses every reply to a commit that happened, for longer than
// one run is repeated: the next run finds the receipt and writes nothing again.
func TestTheReceiptTells(t *testing.T) {
	t.Parallel()
	set := mongotest.One(t)
	fail := failing(t, set)
	load := startLoad(t, mongo.Config{URI: set.URI(), Patience: 3 * time.Second})
	if err := load.Stock(t.Context(), 1, "sta_a"); err != nil {
		t.Fatal(err)
	}
	fail(1_000_000, bson.D{{Key: "failCommands", Value: commits}, {Key: "writeConcernError", Value: lostReply}})
	if err := load.Step(t.Context(), "thg_sta_a_0", ""); err != nil { // without a key nothing else notices
		t.Fatal(err)
	}
	fail(1, bson.D{{Key: "failCommands", Value: bson.A{"whatsmyuri"}}, {Key: "errorCode", Value: 1}})
	if v, err := load.Version(t.Context(), "thg_sta_a_0"); err != nil || v != 2 {
		t.Errorf("one change made version %d of 1: %v", v, err)
	}
	if end, _, err := load.LogEnd(t.Context()); err != nil || end != 1 {
		t.Errorf("one change left %d entries: %v", end, err)
	}
}
