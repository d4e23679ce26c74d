package mongotest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// connect returns the database that uri names, on a client of its own.
func connect(t *testing.T, uri, app string) *mongo.Database {
	t.Helper()
	parsed, err := connstring.ParseAndValidate(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetAppName(app).SetWriteConcern(writeconcern.Majority()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return client.Database(parsed.Database)
}

func TestATransactionCommitsAndAChangeStreamTells(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	db := connect(t, mongotest.URI(t), "stream")
	stream, err := db.Watch(ctx, mongo.Pipeline{})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close(ctx)
	insert(ctx, t, db, "kept", nil)
	insert(ctx, t, db, "dropped", errors.New("not this one"))
	insert(ctx, t, db, "also kept", nil)
	for _, want := range []string{"kept", "also kept"} {
		if !stream.Next(ctx) {
			t.Fatal("the stream ended:", stream.Err())
		}
		if got := stream.Current.Lookup("documentKey", "_id").StringValue(); got != want {
			t.Errorf("the stream tells of %q, want %q", got, want)
		}
	}
}

// insert writes one document in a transaction that ends as verdict says.
func insert(ctx context.Context, t *testing.T, db *mongo.Database, id string, verdict error) {
	t.Helper()
	err := db.Client().UseSession(ctx, func(ctx context.Context) error {
		_, err := mongo.SessionFromContext(ctx).WithTransaction(ctx, func(ctx context.Context) (any, error) {
			if _, err := db.Collection("things").InsertOne(ctx, bson.D{{Key: "_id", Value: id}}); err != nil {
				return nil, err
			}
			return nil, verdict
		})
		return err
	})
	if !errors.Is(err, verdict) {
		t.Fatalf("insert %q: %v, want %v", id, err, verdict)
	}
}

func TestTwoTestsHaveTwoDatabases(t *testing.T) {
	t.Parallel()
	one, two := mongotest.URI(t), mongotest.URI(t)
	if one == two {
		t.Fatalf("both are %s", one)
	}
}

func TestAFailPointCanLoseAReplyOrACommand(t *testing.T) {
	t.Parallel()
	set := mongotest.One(t)
	db := connect(t, set.URI(), "failpoint")
	things := db.Collection("things")
	set.FailCommand(db.Client(), 1, bson.D{
		{Key: "failCommands", Value: bson.A{"insert"}},
		{Key: "writeConcernError", Value: bson.D{{Key: "code", Value: 64}, {Key: "errmsg", Value: "lost"}}},
	})
	if _, err := things.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "written"}}); err == nil {
		t.Error("an insert with a write concern error returned none")
	}
	set.FailCommand(db.Client(), 1, bson.D{
		{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "errorCode", Value: 1},
	})
	if _, err := things.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "not written"}}); err == nil {
		t.Error("an insert that was refused returned no error")
	}
	n, err := things.CountDocuments(t.Context(), bson.D{})
	if err != nil || n != 1 {
		t.Errorf("%d documents (%v), want the one whose reply was lost", n, err)
	}
}

func TestThreeElectANewPrimaryAndTheOldOneComesBack(t *testing.T) {
	t.Parallel()
	set := mongotest.Three(t)
	things := connect(t, set.URI(), "failover").Collection("things")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := things.InsertOne(ctx, bson.D{{Key: "_id", Value: "before"}}); err != nil {
		t.Fatal(err)
	}
	old, began := set.KillPrimary(), time.Now()
	if set.PID(old) != 0 {
		t.Error("the killed member has a process")
	}
	now := set.Primary()
	t.Logf("member %d was killed; member %d leads after %s", old, now, time.Since(began).Round(time.Millisecond))
	if now == old {
		t.Errorf("member %d leads though it was killed", now)
	}
	if _, err := things.InsertOne(ctx, bson.D{{Key: "_id", Value: "after"}}); err != nil {
		t.Error("write to the new primary:", err)
	}
	set.Restart(old)
	n, err := things.CountDocuments(ctx, bson.D{})
	if err != nil || n != 2 {
		t.Errorf("%d documents (%v), want 2", n, err)
	}
}
