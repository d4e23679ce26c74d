package main

import (
	"context"
	"net/http"
	"time"

	"github.com/centrifugal/centrifuge"
)

const channel = "feed"

// fuge is the centrifuge library as its examples set it up: JSON, one channel, in memory.
type fuge struct {
	node    *centrifuge.Node
	payload []byte
}

func newFuge() (*fuge, error) {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return nil, err
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{Subscriptions: map[string]centrifuge.SubscribeOptions{channel: {}}}, nil
	})
	node.OnConnect(func(*centrifuge.Client) {})
	return &fuge{node: node}, node.Run()
}

func (s *fuge) handler() http.Handler {
	ws := centrifuge.NewWebsocketHandler(s.node, centrifuge.WebsocketConfig{UseWriteBufferPool: true})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws.ServeHTTP(w, r.WithContext(centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{UserID: "reader"})))
	})
}

func (s *fuge) publish(n int) ([]int64, error) {
	began := make([]int64, n)
	for i := range began {
		began[i] = time.Now().UnixNano()
		if _, err := s.node.Publish(channel, s.payload); err != nil {
			return nil, err
		}
	}
	return began, nil
}

func (s *fuge) readers() int { return s.node.Hub().NumSubscribers(channel) }

func (s *fuge) prepare(o order) (answer, error) {
	s.payload = []byte(o.Text)
	return answer{}, nil
}
