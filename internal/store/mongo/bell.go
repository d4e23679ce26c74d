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
			return // the configuration was good a moment ago; else the readers' own poll has to do
		}
		for ctx.Err() == nil {
			listen(ctx, client.Database(database), out)
			wait(ctx, pauseAfterLoss)
		}
		end, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		_ = client.Disconnect(end) // late connections are closed with their sockets
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
	defer func() {
		end, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		_ = stream.Close(end) // a server that is gone has no stream either
	}()
	for ok := true; ok; ok = stream.Next(ctx) {
		select {
		case out <- struct{}{}:
		default: // it is ringing already
		}
	}
}

// stop ends the goroutine and waits for it; every step of its end is bounded.
func (b *bell) stop() {
	b.cancel()
	<-b.done
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
