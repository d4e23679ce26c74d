package wsclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Message is one result.
type Message struct {
	Data       json.RawMessage `json:"data"`
	Errors     []GraphQLError  `json:"errors"`
	Extensions map[string]any  `json:"extensions"`
	Cursor     string          `json:"-"` // extensions.cursor, for resuming
}

// GraphQLError is one error of a result or of a refused operation.
type GraphQLError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// Code is extensions.code, empty when there is none.
func (e GraphQLError) Code() string {
	code, _ := e.Extensions["code"].(string)
	return code
}

// OperationError is the error message that ended an operation.
type OperationError struct{ Errors []GraphQLError }

// Error joins the messages.
func (e *OperationError) Error() string {
	texts := make([]string, len(e.Errors))
	for i, one := range e.Errors {
		texts[i] = strings.TrimSpace(one.Code() + " " + one.Message)
	}
	return "wsclient: operation refused: " + strings.Join(texts, "; ")
}

// Code is the first error's code.
func (e *OperationError) Code() string {
	if len(e.Errors) == 0 {
		return ""
	}
	return e.Errors[0].Code()
}

// Subscription is one running operation. Next is for one goroutine at a time.
type Subscription struct {
	client *Client
	id     string

	messages chan Message
	ended    chan struct{}
	once     sync.Once
	err      error // set before ended is closed
}

// Subscribe starts an operation. A non-empty after is sent as
// extensions.resumeAfter, so that a feed goes on behind that cursor.
func (c *Client) Subscribe(ctx context.Context, query string, vars map[string]any, after string) (*Subscription, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return nil, c.err
	}
	s := &Subscription{
		client: c, id: c.nextID(),
		messages: make(chan Message, c.buffer), ended: make(chan struct{}),
	}
	c.subs[s.id] = s
	c.mu.Unlock()
	payload := map[string]any{"query": query}
	if vars != nil {
		payload["variables"] = vars
	}
	if after != "" {
		payload["extensions"] = map[string]any{"resumeAfter": after}
	}
	if err := c.send(s.id, "subscribe", payload); err != nil {
		return nil, err
	}
	return s, nil
}

// Query runs a query or a mutation and returns its one result. Errors inside the
// result stay in the message; a refused operation is an *OperationError.
func (c *Client) Query(ctx context.Context, query string, vars map[string]any) (Message, error) {
	s, err := c.Subscribe(ctx, query, vars, "")
	if err != nil {
		return Message{}, err
	}
	m, err := s.Next(ctx)
	if err != nil {
		_ = s.Close()
		return m, err
	}
	if _, err := s.Next(ctx); !errors.Is(err, io.EOF) {
		return m, fmt.Errorf("wsclient: more than one result: %w", err)
	}
	return m, nil
}

// Next waits for the next result. io.EOF says that the operation is complete, an
// *OperationError that the server ended it, a *CloseError that the connection
// was closed. Results that came before are handed out first.
func (s *Subscription) Next(ctx context.Context) (Message, error) {
	select {
	case m := <-s.messages:
		return m, nil
	default:
	}
	select {
	case m := <-s.messages:
		return m, nil
	case <-s.ended:
		select {
		case m := <-s.messages:
			return m, nil
		default:
			return Message{}, s.err
		}
	case <-ctx.Done():
		return Message{}, ctx.Err()
	}
}

// Close tells the server that the operation is no longer wanted. Next then gives
// what has arrived and ErrClosed.
func (s *Subscription) Close() error {
	s.client.mu.Lock()
	_, live := s.client.subs[s.id]
	delete(s.client.subs, s.id)
	s.client.mu.Unlock()
	s.end(ErrClosed)
	if !live {
		return nil
	}
	return s.client.send(s.id, "complete", nil)
}

func (s *Subscription) end(err error) {
	s.once.Do(func() {
		s.err = err
		close(s.ended)
	})
}

func (s *Subscription) deliver(m envelope) {
	switch m.Type {
	case "complete":
		s.end(io.EOF)
	case "error":
		var errs []GraphQLError
		if err := json.Unmarshal(m.Payload, &errs); err != nil {
			s.end(fmt.Errorf("wsclient: decode error message: %w", err))
			return
		}
		s.end(&OperationError{errs})
	case "next":
		var msg Message
		if err := json.Unmarshal(m.Payload, &msg); err != nil {
			s.end(fmt.Errorf("wsclient: decode result: %w", err))
			return
		}
		msg.Cursor, _ = msg.Extensions["cursor"].(string)
		select {
		case s.messages <- msg:
		case <-s.ended:
		}
	}
}
