package mongo

import (
	"context"
	"errors"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"github.com/fivesociety/linkage/internal/store"
)

// chunk keeps lists of ids far below the bound of one command (16 MB).
const chunk = 10_000

// View runs fn with all reads at one cluster time.
func (a *Adapter) View(ctx context.Context, fn func(ctx context.Context) error) error {
	session, err := a.client.StartSession(options.Session().SetSnapshot(true))
	if err != nil {
		return a.translate(err)
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	ctx = mongo.NewSessionContext(ctx, session)
	if _, _, err := a.LogEnd(ctx); err != nil { // the first read fixes the moment
		return err
	}
	return fn(ctx)
}

// Get reads objects by id. Guards have a revision and nothing else.
func (a *Adapter) Get(ctx context.Context, noun string, ids []string) ([]store.Record, error) {
	t, col := a.nouns[noun], a.db.Collection(guardName)
	if t != nil {
		col = t.col
	}
	ctx, end := a.own(ctx)
	defer end()
	var out []store.Record
	for len(ids) > 0 {
		n := min(len(ids), chunk)
		cursor, err := col.Find(ctx, oneOf(ids[:n]), options.Find().SetHint("_id_").SetBatchSize(chunk))
		if err != nil {
			return nil, a.translate(err)
		}
		if out, err = gather(ctx, cursor, out, t.record); err != nil {
			return nil, a.translate(err)
		}
		ids = ids[n:]
	}
	return out, nil
}

func oneOf(ids []string) bson.D {
	if len(ids) == 1 {
		return id(ids[0])
	}
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
}

// own is a context in which a read sees what this process has committed. Without it the
// first reads after an election may be answered by a new primary that does not know yet
// that a majority has it. The function that comes with it ends the session.
func (a *Adapter) own(ctx context.Context) (context.Context, func()) {
	seen := a.seen.Load()
	if seen == nil || mongo.SessionFromContext(ctx) != nil {
		return ctx, func() {}
	}
	session, err := a.client.StartSession() // causally consistent
	if err != nil {
		return ctx, func() {} // the client is closed, which the read says better
	}
	if err := session.AdvanceOperationTime(seen); err != nil {
		session.EndSession(ctx)
		return ctx, func() {}
	}
	return mongo.NewSessionContext(ctx, session), func() { session.EndSession(context.WithoutCancel(ctx)) }
}

// saw notes a commit's time.
func (a *Adapter) saw(at *bson.Timestamp) {
	for at != nil {
		before := a.seen.Load()
		if before != nil && !at.After(*before) || a.seen.CompareAndSwap(before, at) {
			return
		}
	}
}

// gather reads a cursor to its end and closes it.
func gather(ctx context.Context, cursor *mongo.Cursor, out []store.Record, read func(bson.Raw) (store.Record, error)) ([]store.Record, error) {
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		r, err := read(cursor.Current)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, cursor.Err()
}

// Find walks one index in order.
func (a *Adapter) Find(ctx context.Context, s store.Scan) ([]store.Record, error) {
	t := a.nouns[s.Noun.Name]
	w := t.walk(s)
	if w.empty {
		return nil, nil
	}
	o := options.Find().SetHint(w.index).SetMin(w.min).SetMax(w.max).SetSort(w.sort).
		SetLimit(int64(s.Limit)).SetBatchSize(int32(min(s.Limit+1, chunk))) //nolint:gosec // bounded
	ctx, end := a.own(ctx)
	defer end()
	cursor, err := t.col.Find(ctx, w.filter, o)
	if err != nil {
		return nil, a.translate(err)
	}
	out, err := gather(ctx, cursor, make([]store.Record, 0, min(s.Limit, 64)), func(raw bson.Raw) (store.Record, error) { return t.found(raw, s.Sort) })
	return out, a.translate(err)
}

// counters is how many counts are asked at the same time.
const counters = 8

// Counts reads at most limit keys of an index for each element, as of now: a view's
// snapshot has no count, and what is about right will do. The elements are asked at the
// same time: they are for a search that waits, and each is a message and its answer.
func (a *Adapter) Counts(ctx context.Context, noun *store.Definition, field string, elements []string, limit, _ int) ([]int, error) {
	out := make([]int, len(elements))
	work, ctx := errgroup.WithContext(mongo.NewSessionContext(ctx, nil))
	work.SetLimit(counters)
	for i, element := range elements {
		work.Go(func() error {
			var answer struct {
				N int `bson:"n"`
			}
			err := a.db.RunCommand(ctx, bson.D{
				{Key: "count", Value: noun.Name},
				{Key: "query", Value: bson.D{{Key: "f." + field, Value: element}}},
				{Key: "hint", Value: indexName([]string{field})},
				{Key: "limit", Value: limit},
			}).Decode(&answer)
			out[i] = answer.N
			return err
		})
	}
	err := work.Wait()
	return out, translate(err)
}

// Plan explains a scan.
func (a *Adapter) Plan(ctx context.Context, s store.Scan) (store.Plan, error) {
	t := a.nouns[s.Noun.Name]
	w := t.walk(s)
	find := bson.D{
		{Key: "find", Value: t.def.Name},
		{Key: "filter", Value: w.filter},
		{Key: "hint", Value: w.index},
		{Key: "min", Value: w.min},
		{Key: "max", Value: w.max},
		{Key: "sort", Value: w.sort},
		{Key: "limit", Value: s.Limit},
	}
	var answer struct {
		Planner struct {
			Winner bson.Raw `bson:"winningPlan"`
		} `bson:"queryPlanner"`
	}
	explain := bson.D{{Key: "explain", Value: find}, {Key: "verbosity", Value: "queryPlanner"}}
	if err := a.db.RunCommand(ctx, explain).Decode(&answer); err != nil {
		return store.Plan{}, a.translate(err)
	}
	var p store.Plan
	stages(answer.Planner.Winner, &p)
	p.FullScan = p.FullScan || p.Index != w.index
	p.Index = strings.TrimPrefix(p.Index, "i_")
	if p.Index == "_id_" {
		p.Index = ""
	}
	return p, nil
}

// stages reads a plan from its last stage to its first.
func stages(stage bson.Raw, p *store.Plan) {
	name, _ := stage.Lookup("stage").StringValueOK()
	p.Text += name + "\n"
	switch name {
	case "COLLSCAN":
		p.FullScan = true
	case "SORT":
		p.Sorts = true
	case "IXSCAN":
		p.Index, _ = stage.Lookup("indexName").StringValueOK()
	}
	if plan, ok := stage.Lookup("queryPlan").DocumentOK(); ok {
		stages(plan, p)
	}
	if input, ok := stage.Lookup("inputStage").DocumentOK(); ok {
		stages(input, p)
	}
}

// Tally reads kept counters.
func (a *Adapter) Tally(ctx context.Context, names []string) (map[string]int64, error) {
	out := make(map[string]int64, len(names))
	for _, name := range names {
		out[name] = 0
	}
	cursor, err := a.db.Collection(tallyName).Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: names}}}})
	if err != nil {
		return nil, a.translate(err)
	}
	var rows []struct {
		Name string `bson:"_id"`
		N    int64  `bson:"n"`
	}
	if err := cursor.All(ctx, &rows); err != nil {
		return nil, a.translate(errors.Join(err, cursor.Close(ctx)))
	}
	for _, r := range rows {
		out[r.Name] = r.N
	}
	return out, nil
}
