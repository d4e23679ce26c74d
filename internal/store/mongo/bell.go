package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// bell is one change stream on the counter, on a client of its own, so that its
// waiting never holds a connection that a unit needs.
type bell struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // of disconnecting; read after done
}

// pauseAfterLoss is how long the bell waits before it watches again.
const pauseAfterLoss = 500 * time.Millisecond

// ring starts the goroutine that rings; stop ends it.
func ring(o *options.ClientOptions, database string, out chan<- struct{}) *bell {
	ctx, cancel := context.WithCancel(context.Background())
	b := &bell{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		client, err := mongo.Connect(o.SetMaxPoolSize(2))
		if err != nil {
			b.err = err // the readers' own poll has to do
			return
		}
		for ctx.Err() == nil {
			listen(ctx, client.Database(database), out)
			wait(ctx, pauseAfterLoss)
		}
		end, stop := context.WithTimeout(context.Background(), 2*time.Second)
		defer stop()
		b.err = client.Disconnect(end)
	}()
	return b
}

// listen rings until the stream breaks. It rings once when it begins to watch,
// because what was committed before was not heard.
func listen(ctx context.Context, db *mongo.Database, out chan<- struct{}) {
	only := mongo.Pipeline{
		{{Key: "$match", Value: bson.D{{Key: "documentKey._id", Value: theOne}}}},
		{{Key: "$project", Value: bson.D{{Key: "_id", Value: 1}}}},
	}
	stream, err := db.Collection(settingName).Watch(ctx, only)
	if err != nil {
		return
	}
	defer func() { _ = stream.Close(context.WithoutCancel(ctx)) }()
	for ok := true; ok; ok = stream.Next(ctx) {
		select {
		case out <- struct{}{}:
		default: // it is ringing already
		}
	}
}

func (b *bell) stop(ctx context.Context) error {
	b.cancel()
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
