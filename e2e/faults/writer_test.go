package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// row is a request as its list or its feed shows it.
type row struct {
	ID       string `json:"id"`
	Version  int    `json:"version"`
	Revision int64  `json:"revision,string"`
	Urgency  string `json:"urgency"`
	Note     string `json:"note"`
}

const changeOne = `mutation($input: ServiceRequestChangeInput!) { serviceRequestChange(input: $input) {
	serviceRequest { id version revision urgency note } errors { code } } }`

// writer changes requests of its own, one after the other, and gives none up before the
// platform has acknowledged it: it asks again with the same key, whatever became of the answer.
type writer struct {
	name   string
	token  string
	front  *front
	client *http.Client
	rand   *rand.Rand
	rows   []row // as acknowledged
	acked  []row // all of them, in order
	again  int   // calls that were repeated
	done   *atomic.Int64
}

func newWriter(name, token string, f *front, r *rand.Rand, done *atomic.Int64) *writer {
	return &writer{name: name, token: token, front: f, rand: r, done: done, client: &http.Client{Transport: new(http.Transport), Timeout: 40 * time.Second}}
}

var urgencies = []string{"NORMAL", "HIGH"}

// write makes n changes.
func (w *writer) write(ctx context.Context, n int, acks chan<- struct{}) error {
	defer w.client.CloseIdleConnections()
	for i := range n {
		one := &w.rows[w.rand.IntN(len(w.rows))]
		if err := w.change(ctx, one, fmt.Sprintf("%s-%d", w.name, i), urgencies[w.rand.IntN(2)]); err != nil {
			return err
		}
		acks <- struct{}{}
	}
	return nil
}

// change makes one, for as long as it takes.
func (w *writer) change(ctx context.Context, one *row, note, urgency string) error {
	body, err := json.Marshal(map[string]any{"query": changeOne, "variables": map[string]any{"input": map[string]any{
		"serviceRequestId": one.ID, "note": note, "urgency": urgency, "expectedVersion": one.Version, "idempotencyKey": note,
	}}})
	if err != nil {
		return err
	}
	for ; ctx.Err() == nil; w.again++ {
		w.front.ready(ctx)
		got, err := w.ask(ctx, body)
		if err == nil {
			if got.Note != note || got.Urgency != urgency || got.ID != one.ID {
				return fmt.Errorf("%s: acknowledged %+v", note, got)
			}
			*one, w.acked = got, append(w.acked, got)
			w.done.Add(1)
			return nil
		}
		var refused refusal
		if errors.As(err, &refused) && !transient[string(refused)] {
			return fmt.Errorf("%s: %w", note, err)
		}
		pause(ctx)
	}
	return ctx.Err()
}

// refusal is the code of a refused change.
type refusal string

func (r refusal) Error() string { return "refused: " + string(r) }

// transient are codes after which one asks again.
var transient = map[string]bool{"UNAVAILABLE": true, "INTERNAL": false}

// ask sends a change once.
func (w *writer) ask(ctx context.Context, body []byte) (row, error) {
	var got struct {
		Data struct {
			ServiceRequestChange struct {
				ServiceRequest row
				Errors         []struct{ Code string }
			}
		}
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := post(ctx, w.client, "http://"+w.front.Addr().String(), w.token, body, &got); err != nil {
		return row{}, err
	}
	switch change := got.Data.ServiceRequestChange; {
	case len(got.Errors) > 0:
		return row{}, refusal(got.Errors[0].Extensions.Code)
	case len(change.Errors) > 0:
		return row{}, refusal(change.Errors[0].Code)
	default:
		return change.ServiceRequest, nil
	}
}

// post asks once and reads the answer, whatever its status.
func post(ctx context.Context, c *http.Client, url, token string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// pause is between two tries.
func pause(ctx context.Context) {
	select {
	case <-time.After(20 * time.Millisecond):
	case <-ctx.Done():
	}
}

// list reads all requests that an account sees.
func list(ctx context.Context, url, token string) (map[string]row, error) {
	out, after := map[string]row{}, any(nil)
	for {
		body, err := json.Marshal(map[string]any{
			"query":     `query($after: String) { serviceRequests(first: 100, after: $after) { nodes { id version revision urgency note } pageInfo { hasNextPage endCursor } } }`,
			"variables": map[string]any{"after": after},
		})
		if err != nil {
			return nil, err
		}
		var got struct {
			Data struct {
				ServiceRequests struct {
					Nodes    []row
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
				}
			}
			Errors []struct{ Message string }
		}
		if err := post(ctx, http.DefaultClient, url, token, body, &got); err != nil {
			return nil, err
		}
		if len(got.Errors) > 0 {
			return nil, errors.New(got.Errors[0].Message)
		}
		for _, r := range got.Data.ServiceRequests.Nodes {
			out[r.ID] = r
		}
		if after = got.Data.ServiceRequests.PageInfo.EndCursor; !got.Data.ServiceRequests.PageInfo.HasNextPage {
			return out, nil
		}
	}
}

// together runs all and gives the errors that were.
func together(fns ...func() error) error {
	var all sync.WaitGroup
	errs := make([]error, len(fns))
	for i, fn := range fns {
		all.Go(func() { errs[i] = fn() })
	}
	all.Wait()
	return errors.Join(errs...)
}
