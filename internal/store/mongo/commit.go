package mongo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// errDone says that an earlier run of the batch was committed after all: the
// counter document carries its receipt.
var errDone = errors.New("mongo: the batch was committed by an earlier run")

// errNothing ends a transaction in which no set was accepted.
var errNothing = errors.New("mongo: nothing to commit")

// oneRun bounds one run of a transaction, so that a server that hangs is left.
func (a *Adapter) oneRun() time.Duration { return min(15*time.Second, a.cfg.Patience/3) }

// Commit makes a batch durable in one transaction. A run that conflicts with
// another process or meets an election is repeated as a whole; before a repeated
// run does anything it looks for the receipt of the earlier one. OUTCOME_UNKNOWN is
// left for a set of servers that stays away after a commit was sent.
func (a *Adapter) Commit(ctx context.Context, b *store.Batch) error {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Patience)
	defer cancel()
	sent := false
	for run := 0; ; run++ {
		err, now := a.attempt(ctx, b, sent)
		if err == nil || errors.Is(err, errNothing) || errors.Is(err, errDone) {
			return nil
		}
		sent = sent || now
		if passing(err) && ctx.Err() == nil {
			backOff(ctx, run)
			continue
		}
		if sent {
			return fault.New(fault.CodeOutcomeUnknown, fault.Because(err))
		}
		return a.translate(err)
	}
}

// backOff waits a moment. Conflicts with another process end within its commit, an
// election takes seconds.
func backOff(ctx context.Context, run int) {
	limit := time.Duration(min(1<<min(run, 8), 200)) * time.Millisecond
	wait(ctx, rand.N(limit)+limit/4)
}

// attempt runs the transaction once; sent tells that its commit was asked for.
func (a *Adapter) attempt(ctx context.Context, b *store.Batch, again bool) (err error, sent bool) { //nolint:revive // the error belongs to both results
	ctx, cancel := context.WithTimeout(ctx, a.oneRun())
	defer cancel()
	session, err := a.client.StartSession()
	if err != nil {
		return err, false
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	o := options.Transaction().SetReadConcern(readconcern.Snapshot()).SetWriteConcern(writeconcern.Majority()).SetReadPreference(readpref.Primary())
	if err := session.StartTransaction(o); err != nil {
		return err, false
	}
	if err := a.fill(mongo.NewSessionContext(ctx, session), b, again); err != nil {
		end, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		if errors.Is(err, errDone) {
			a.saw(session.OperationTime())
		}
		_ = session.AbortTransaction(end) // the server aborts it as well when it is left alone
		return err, false
	}
	if err = commit(ctx, session); err != nil {
		a.kill(ctx, session)
		return err, true
	}
	a.saw(session.OperationTime())
	return nil, true
}

// commit asks for the commit, again and again while its outcome is unknown: that is
// the only question that the servers answer without a doubt.
func commit(ctx context.Context, session *mongo.Session) error {
	for try := 0; ; try++ {
		err := session.CommitTransaction(ctx)
		if err == nil || ctx.Err() != nil || !hasLabel(err, labelUnknown) && !mongo.IsNetworkError(err) {
			return err
		}
		backOff(ctx, try)
	}
}

// kill ends a session whose commit was not answered. If its transaction is still
// open, nobody else could count until the server's own limit of a minute; if it was
// committed, this changes nothing.
func (a *Adapter) kill(ctx context.Context, session *mongo.Session) {
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer stop()
	_ = a.client.Database("admin").RunCommand(end, bson.D{{Key: "killSessions", Value: bson.A{session.ID()}}}).Err()
}

// fill reads, judges and writes: everything between start and commit.
func (a *Adapter) fill(ctx context.Context, b *store.Batch, again bool) error {
	n, now := int64(b.Entries()), b.Now.UnixMilli()
	before, err := a.count(ctx, b, n)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	if again && before.Done[b.Process].Number == b.Number {
		return errDone
	}
	revisions, owners, err := a.present(ctx, b)
	if err != nil {
		return fmt.Errorf("read what the batch rests on: %w", err)
	}
	b.Epoch = before.Batch + 1
	counted := b.Judge(revisions, owners, before.Seq+1, time.UnixMilli(max(now, before.At)).UTC())
	if len(b.Accepted()) == 0 {
		return errNothing
	}
	if int64(counted) != n { // refused sets leave no hole in the sequence
		right := bson.D{{Key: "seq", Value: before.Seq + int64(counted)}}
		if counted == 0 {
			right = append(right, bson.E{Key: "at", Value: before.At})
		}
		if _, err := a.db.Collection(settingName).UpdateOne(ctx, id(theOne), bson.D{{Key: "$set", Value: right}}); err != nil {
			return fmt.Errorf("count back: %w", err)
		}
	}
	return a.write(ctx, b, revisions, owners)
}

// count moves the counter for n entries, the first statement of every
// transaction, and leaves the receipt. It returns the document of before.
func (a *Adapter) count(ctx context.Context, b *store.Batch, n int64) (before setting, err error) {
	now := b.Now.UnixMilli()
	change := bson.D{
		{Key: "$inc", Value: bson.D{{Key: "seq", Value: n}, {Key: "batch", Value: int64(1)}}},
		{Key: "$set", Value: bson.D{{Key: "done." + b.Process, Value: receipt{b.Number, now}}}},
	}
	if n > 0 {
		change = append(change, bson.E{Key: "$max", Value: bson.D{{Key: "at", Value: now}}})
	}
	err = a.db.Collection(settingName).FindOneAndUpdate(ctx, id(theOne), change,
		options.FindOneAndUpdate().SetReturnDocument(options.Before)).Decode(&before)
	return before, err
}

// present reads the revisions and owners that the batch wants to know, all
// collections in one command: $unionWith is not allowed in a transaction, $lookup is.
func (a *Adapter) present(ctx context.Context, b *store.Batch) (map[store.Key]int64, map[string]string, error) {
	keys, claims := b.Wants()
	ids := map[string][]string{}
	for _, k := range keys {
		ids[k.Noun] = append(ids[k.Noun], k.ID)
	}
	if len(claims) > 0 {
		ids[claimName] = claims
	}
	revisions, owners := make(map[store.Key]int64, len(keys)), make(map[string]string, len(claims))
	if len(ids) == 0 {
		return revisions, owners, nil
	}
	cursor, err := a.db.Collection(settingName).Aggregate(ctx, lookups(ids))
	if err != nil {
		return nil, nil, err
	}
	var answer []map[string][]struct {
		ID       string `bson:"_id"`
		Revision int64  `bson:"r"`
		Owner    string `bson:"owner"`
	}
	if err := cursor.All(ctx, &answer); err != nil {
		return nil, nil, err
	}
	for name, rows := range answer[0] {
		for _, row := range rows {
			if name == claimName {
				owners[row.ID] = row.Owner
			} else {
				revisions[store.Key{Noun: name, ID: row.ID}] = row.Revision
			}
		}
	}
	return revisions, owners, nil
}

// lookups reads ids of several collections into one document, an array each.
func lookups(ids map[string][]string) mongo.Pipeline {
	out := mongo.Pipeline{
		{{Key: "$match", Value: id(theOne)}},
		{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}, {Key: "none", Value: bson.A{}}}}},
	}
	for name, list := range ids {
		pipeline := mongo.Pipeline{
			{{Key: "$match", Value: bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: list}}}}}},
			{{Key: "$project", Value: bson.D{{Key: "r", Value: 1}, {Key: "owner", Value: 1}}}},
		}
		out = append(out, bson.D{{Key: "$lookup", Value: bson.D{{Key: "from", Value: name}, {Key: "pipeline", Value: pipeline}, {Key: "as", Value: name}}}})
	}
	return out
}
