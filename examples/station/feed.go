package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/examples/station/api"
)

// Event is one event of the feed.
type Event = api.FeedRequestFeedRequestFeedEvent

// Follow tells each event behind a cursor once and in order, until tell returns an error,
// ctx ends, or the server refuses for good. A connection that breaks is made anew, and the
// feed goes on where it stopped.
func (d *Desk) Follow(ctx context.Context, after string, tell func(Event) error) error {
	const soon, late = 100 * time.Millisecond, time.Minute
	for wait := soon; ; wait = min(2*wait, late) {
		err := d.listen(ctx, func(e Event) error {
			wait = soon
			if err := tell(e); err != nil {
				return final{err}
			}
			after = e.(interface{ GetCursor() string }).GetCursor() // every event has one
			return nil
		}, after)
		var over final
		if errors.As(err, &over) {
			return over.error
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// final is an error that another connection would not mend.
type final struct{ error }

// listen tells events over one connection, until it ends. It always returns why.
func (d *Desk) listen(ctx context.Context, tell func(Event) error, after string) error {
	token, err := d.token(ctx)
	if err != nil {
		if r := (*Refused)(nil); errors.As(err, &r) {
			return final{err} // sign in again
		}
		return err
	}
	l := new(line)
	client := graphql.NewClientUsingWebSocket(d.socket, l, graphql.WithConnectionParams(map[string]any{"authorization": "Bearer " + token, "locale": "zh"}))
	ended, err := client.Start(ctx)
	if err != nil {
		return d.judge(err)
	}
	events, _, err := api.Feed(ctx, client, &after)
	if err != nil {
		err = errors.Join(err, l.conn.Close())
		<-ended
		return err
	}
	for {
		select {
		case err := <-ended:
			return d.judge(err)
		case e, open := <-events:
			if open && e.Data != nil {
				err = tell(e.Data.RequestFeed)
			}
			if !open {
				err = errors.New("the server completed the feed")
			}
		case <-ctx.Done():
			err = final{ctx.Err()}
		}
		if err != nil {
			break
		}
	}
	// Close of genqlient's client closes the channel on which its reader may be sending;
	// the connection is closed instead, and the reader left to end.
	_ = l.conn.Close()
	for {
		select {
		case _, open := <-events:
			if !open {
				events = nil
			}
		case <-ended:
			return err
		}
	}
}

// judge tells which ends of a connection are for good (docs/live.md).
func (d *Desk) judge(err error) error {
	var c *websocket.CloseError
	switch {
	case !errors.As(err, &c):
		return err
	case c.Code == 4403:
		d.renew() // expired, or revoked: then the refresh token is refused
	case slices.Contains([]int{4400, 4401, 4406, 4409, 4429}, c.Code):
		return final{err}
	}
	return err
}

// line is one websocket for genqlient, which knows nothing of the protocol's message error.
type line struct{ conn *websocket.Conn }

// silence is how long a line may say nothing: the server pings every 20 seconds.
const silence = time.Minute

func (l *line) DialContext(ctx context.Context, url string, header http.Header) (graphql.WSConn, error) {
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second}
	conn, resp, err := dialer.DialContext(ctx, url, header)
	if resp != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	l.conn = conn
	answer := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		return errors.Join(conn.SetReadDeadline(time.Now().Add(silence)), answer(data))
	})
	return l, conn.SetReadDeadline(time.Now().Add(silence))
}

func (l *line) WriteMessage(kind int, data []byte) error { return l.conn.WriteMessage(kind, data) }

func (l *line) Close() error { return l.conn.Close() }

func (l *line) ReadMessage() (int, []byte, error) {
	kind, data, err := l.conn.ReadMessage()
	if err != nil {
		return kind, data, err
	}
	var m struct {
		Type    string
		Payload json.RawMessage
	}
	if json.Unmarshal(data, &m) == nil && m.Type == "error" {
		return kind, nil, final{fmt.Errorf("the feed was refused: %s", m.Payload)}
	}
	return kind, data, nil
}
