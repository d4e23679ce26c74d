package main

import (
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// raw is the least that can be done: the same bytes to everybody, framed once, written
// one connection after the other, nothing asked and nothing bounded but the write.
type raw struct {
	upgrader websocket.Upgrader
	mu       sync.Mutex
	conns    map[*websocket.Conn]struct{}
	payload  []byte
}

func newRaw() *raw {
	return &raw{conns: map[*websocket.Conn]struct{}{}, upgrader: websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{}}}
}

func (s *raw) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.conns[ws] = struct{}{}
	s.mu.Unlock()
	for {
		if _, _, err := ws.NextReader(); err != nil {
			break
		}
	}
	s.mu.Lock()
	delete(s.conns, ws)
	s.mu.Unlock()
	_ = ws.Close()
}

func (s *raw) publish(n int) ([]int64, error) {
	began := make([]int64, n)
	for i := range began {
		began[i] = time.Now().UnixNano()
		m, err := websocket.NewPreparedMessage(websocket.TextMessage, s.payload)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		for ws := range s.conns {
			_ = ws.WritePreparedMessage(m) // its reader notices
		}
		s.mu.Unlock()
	}
	return began, nil
}

func (s *raw) readers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *raw) prepare(o order) (answer, error) {
	s.payload = []byte(o.Text)
	return answer{}, nil
}
