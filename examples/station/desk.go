package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/fivesociety/linkage/examples/station/api"
)

// Desk is the place of somebody who is signed in. It is safe for concurrent use.
type Desk struct {
	socket           string
	nobody, somebody graphql.Client

	mu     sync.Mutex
	tokens *api.Tokens
}

// SignIn opens a session; *Refused tells why not, if not.
func SignIn(ctx context.Context, server, name, password string) (*Desk, error) {
	d := &Desk{socket: "ws" + strings.TrimPrefix(server, "http"), nobody: graphql.NewClient(server, nil)}
	d.somebody = graphql.NewClient(server, &http.Client{Transport: authorized{d}})
	in, err := api.SignIn(ctx, d.nobody, name, password)
	if err != nil {
		return nil, err
	}
	d.tokens = in.SignIn.Session
	return d, refused(in.SignIn.Errors)
}

// token is an access token that lives a while yet: it is renewed half a minute before its
// end, without an Authorization header, as tokenRefresh wants it.
func (d *Desk) token(ctx context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Until(d.tokens.AccessExpiresAt) > 30*time.Second {
		return d.tokens.AccessToken, nil
	}
	re, err := api.Refresh(ctx, d.nobody, d.tokens.RefreshToken)
	if err != nil {
		return "", err
	}
	if err := refused(re.TokenRefresh.Errors); err != nil {
		return "", err
	}
	d.tokens = re.TokenRefresh.Session
	return d.tokens.AccessToken, nil
}

// renew makes the next call ask for a fresh token.
func (d *Desk) renew() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens.AccessExpiresAt = time.Time{}
}

// authorized sends requests as a desk.
type authorized struct{ *Desk }

func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := a.token(r.Context())
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept-Language", "zh")
	return http.DefaultTransport.RoundTrip(r)
}

// Open tells every open request, newest first, by pages. The cursor is where the feed
// stood before the first of them was read.
func (d *Desk) Open(ctx context.Context, page int, each func(*api.Card)) (cursor string, err error) {
	for after := (*string)(nil); ; {
		got, err := api.Requests(ctx, d.somebody, true, page, after)
		if err != nil {
			return "", err
		}
		list := got.ServiceRequests
		if after == nil {
			cursor = list.FeedCursor
		}
		for i := range list.Nodes {
			each(&list.Nodes[i])
		}
		if !list.PageInfo.HasNextPage {
			return cursor, nil
		}
		after = list.PageInfo.EndCursor
	}
}

// Submit writes a community's need down and hands it in. Each step has a key, so that it
// can be sent again when its answer was lost: it is done once all the same.
func (d *Desk) Submit(ctx context.Context, community, category, title string) (*api.Card, error) {
	key := rand.Text()
	draft, err := twice(func() (*api.DraftResponse, error) {
		return api.Draft(ctx, d.somebody, community, category, title, key)
	})
	if err != nil {
		return nil, err
	}
	if err := refused(draft.ServiceRequestDraft.Errors); err != nil {
		return nil, err
	}
	r := draft.ServiceRequestDraft.ServiceRequest
	in, err := twice(func() (*api.SubmitResponse, error) {
		return api.Submit(ctx, d.somebody, r.Id, r.Version, key)
	})
	if err != nil {
		return nil, err
	}
	return in.ServiceRequestSubmit.ServiceRequest, refused(in.ServiceRequestSubmit.Errors)
}

// Retitle changes a title, if nobody changed the request since the version.
func (d *Desk) Retitle(ctx context.Context, id string, version int, title string) (*api.Card, error) {
	got, err := api.Retitle(ctx, d.somebody, id, version, title)
	if err != nil {
		return nil, err
	}
	return got.ServiceRequestChange.ServiceRequest, refused(got.ServiceRequestChange.Errors)
}
