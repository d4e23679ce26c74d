package webhook

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// prefix and letterPrefix are those of the ids made here.
const (
	prefix       = "whk"
	letterPrefix = "whd"
)

// Limits of one webhook and of one owner.
const (
	maxPerOwner = 20
	maxWaiting  = 500  // events that the target refused and that are tried again
	maxOfObject = 100  // of them, about one object
	maxDead     = 1000 // dead letters, with which a webhook stops
)

// State is what a webhook does.
type State string

// The states. FAILING follows from the last attempts: all of them failed.
const (
	Active  State = "ACTIVE"
	Paused  State = "PAUSED"
	Failing State = "FAILING"
	Stopped State = "STOPPED"
)

// Why the platform itself stopped a webhook.
const (
	ReasonRevoked = "RIGHTS_REVOKED" // the account lost its role over the owner, or was disabled
	ReasonGone    = "TARGET_GONE"    // the target answered 410
	ReasonDead    = "DEAD_LETTERS"   // too many were never taken
)

// Webhook is one subscription of another system.
type Webhook struct {
	store.Head `bson:",inline"`
	Name       string   `bson:"name"`
	Owner      string   `bson:"owner"`   // sta_…, org_… or div_…
	Account    string   `bson:"account"` // whose rights over the owner are the reader's
	URL        string   `bson:"url"`
	Nouns      []string `bson:"nouns"` // the API's names
	Divisions  []string `bson:"divisions"`
	State      State    `bson:"state"` // ACTIVE, PAUSED or STOPPED
	Reason     string   `bson:"reason"`
}

// run is what the worker keeps of a webhook. It is written with each batch and never
// logged, and so are the secrets.
type run struct {
	store.Head `bson:",inline"`
	Secrets    []secret  `bson:"secrets"` // newest first
	Cursor     string    `bson:"cursor"`  // of the feed; "" is the beginning
	Holder     string    `bson:"holder"`  // the process that delivers
	Until      time.Time `bson:"until"`   // its lease
	Misses     int       `bson:"misses"`  // steps since the last success, all of which failed
	Since      time.Time `bson:"since"`   // when they began
	Probe      time.Time `bson:"probe"`   // no new events before
	Last       string    `bson:"last"`    // how the last failure was answered
	LastAt     time.Time `bson:"lastAt"`  // of the last delivery
	Delivered  int64     `bson:"delivered"`
}

// secret signs; the one before it signs too until it ends.
type secret struct {
	Sealed string    `bson:"sealed"`
	Until  time.Time `bson:"until"` // zero: no end
}

// Status is where a refused event stands.
type Status string

// The statuses.
const (
	Waiting Status = "WAITING"
	Dead    Status = "DEAD"
)

// Delivery is one event that the target has not taken yet.
type Delivery struct {
	store.Head `bson:",inline"`
	Webhook    string    `bson:"webhook"`
	Event      Event     `bson:"event"`
	Status     Status    `bson:"status"`
	Attempts   int       `bson:"attempts"`
	Since      time.Time `bson:"since"` // of the first attempt
	Next       time.Time `bson:"next"`
	Result     string    `bson:"result"` // of the last attempt
}

// Event is what a webhook tells, without the object.
type Event struct {
	ID      string    `bson:"id"`   // webhook-id: the same at every attempt
	Type    string    `bson:"type"` // the API's type: ObjectChanged, …
	Seq     int64     `bson:"seq"`
	Cursor  string    `bson:"cursor"`
	At      time.Time `bson:"at"`
	Noun    string    `bson:"noun"` // the API's name
	Node    string    `bson:"node"` // the object; "" for a gap
	Kind    string    `bson:"kind"`
	Version int64     `bson:"version"`
}

// scopes say which roles over an owner manage its webhooks.
var scopes = map[string][]access.Role{
	"sta": {access.Coordinator, access.ProtectionOfficer},
	"org": {access.Partner},
	"div": {access.Admin},
}

// manages reports whether an actor may set up and see the webhooks of an owner.
func manages(a access.Actor, owner string) bool {
	return slices.ContainsFunc(scopes[store.IDPrefix(owner)], func(r access.Role) bool { return a.Is(r, owner) })
}

// may refuses what the state does not allow.
func (w *Webhook) may(to State) error {
	allowed := map[State][]State{Active: {Paused, Active}, Paused: {Active}, Stopped: {Active}}[w.State]
	if slices.Contains(allowed, to) {
		return nil
	}
	names := make([]string, len(allowed))
	for i, s := range allowed {
		names[i] = string(s)
	}
	return fault.New(fault.CodeTransition, fault.P("from", string(w.State)), fault.P("allowed", names))
}

func spec() store.Spec[Webhook] {
	return store.Spec[Webhook]{
		Name: "webhook",
		Fields: []store.Field[Webhook]{
			{Name: "owner", Kind: store.Text, Get: func(w *Webhook) any { return w.Owner }},
			{Name: "state", Kind: store.Text, Get: func(w *Webhook) any { return w.State }},
		},
		Indexes: [][]string{{"owner"}, {"state"}},
		Queries: []store.Shape{{Where: []string{"owner"}}, {Where: []string{"state"}}},
		Guards:  func(w *Webhook) []string { return []string{guard(w.Owner)} },
	}
}

// guard names what every write of an owner's webhooks bumps, so that they stay few.
func guard(owner string) string { return store.GuardName("webhook", owner) }

func runSpec() store.Spec[run] { return store.Spec[run]{Name: "webhookrun"} }

func deliverySpec() store.Spec[Delivery] {
	return store.Spec[Delivery]{
		Name: "webhookdelivery",
		Fields: []store.Field[Delivery]{
			{Name: "webhook", Kind: store.Text, Get: func(d *Delivery) any { return d.Webhook }},
			{Name: "status", Kind: store.Text, Get: func(d *Delivery) any { return d.Status }},
			{Name: "seq", Kind: store.Int, Get: func(d *Delivery) any { return d.Event.Seq }},
		},
		Indexes: [][]string{{"webhook", "status", "seq"}, {"webhook", "seq"}},
		Queries: []store.Shape{{Where: []string{"webhook", "status"}, Sort: "seq"}, {Where: []string{"webhook"}, Sort: "seq"}},
	}
}
