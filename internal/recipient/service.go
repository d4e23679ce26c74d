package recipient

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Reclassified is told, inside the unit of work, that a person's class changed:
// what belongs to them follows. An error stops the whole.
type Reclassified func(ctx context.Context, recipientID string, class access.Class, a access.Actor) error

// Erasing is told, inside the unit of work, that a person is erased: what is said
// of them elsewhere goes too. An error stops the whole.
type Erasing func(ctx context.Context, recipientID string, a access.Actor) error

// Headed is told, inside the unit of work, that a person's access header changes: what
// copies it follows. An error stops the whole.
type Headed func(ctx context.Context, r *Recipient, a access.Actor) error

// Service is the use cases of recipients and their consents.
type Service struct {
	core          *usecase.Core
	rows          *store.Collection[Recipient]
	consents      *store.Collection[Consent]
	divisions     *division.Service
	communities   *community.Service
	stations      *station.Service
	organisations *organisation.Service
	reclassified  []Reclassified
	erasing       []Erasing
	headed        []Headed
}

// New registers the nouns; call it before the store starts.
func New(core *usecase.Core, divisions *division.Service, communities *community.Service, stations *station.Service, organisations *organisation.Service) *Service {
	return &Service{
		core: core, rows: store.Register(core.DB, spec()), consents: store.Register(core.DB, consentSpec()),
		divisions: divisions, communities: communities, stations: stations, organisations: organisations,
	}
}

// OnReclassify adds a package whose rows follow a person's class. Call it while wiring.
func (s *Service) OnReclassify(fn Reclassified) { s.reclassified = append(s.reclassified, fn) }

// OnErase adds a package that says something of people. Call it while wiring.
func (s *Service) OnErase(fn Erasing) { s.erasing = append(s.erasing, fn) }

// OnHeader adds a package whose rows copy people's access headers. Call it while wiring.
func (s *Service) OnHeader(fn Headed) { s.headed = append(s.headed, fn) }

// Load reads a recipient unmasked, for other packages' use cases inside their unit.
func (s *Service) Load(ctx context.Context, id string) (*Recipient, error) {
	if err := usecase.ID(id, prefix, "input", "recipientId"); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// Seen is Load for who may see the person (NOT_FOUND for others); an erased one can't
// be served any more.
func (s *Service) Seen(ctx context.Context, a access.Actor, id string) (*Recipient, error) {
	r, err := s.Load(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case access.See(a, Noun).Of(&r.Header) == access.Hidden:
		return nil, fault.New(fault.CodeNotFound)
	case r.Erased():
		return nil, fault.New(fault.CodeTransition, fault.P("from", stateErased), fault.P("allowed", []string{}))
	}
	return r, nil
}

// Rows is the collection, for the history.
func (s *Service) Rows() *store.Collection[Recipient] { return s.rows }

// Lead lets a social worker who leads a request of the person see them, or no
// longer, inside the caller's unit. Another request of theirs may keep them seeing:
// the caller knows.
func (s *Service) Lead(ctx context.Context, a access.Actor, recipientID, workerID string, leads bool) error {
	return s.relate(ctx, a, recipientID, access.PartyLead, workerID, leads)
}

// maxSharing bounds how many persons with one contact are told.
const maxSharing = 10

// Sharing are the ids of others with the same contact as a person, the newest 10.
func (s *Service) Sharing(ctx context.Context, recipientID string) ([]string, error) {
	r, err := s.Load(ctx, recipientID)
	if err != nil || r.contact() == "" {
		return nil, err
	}
	page, err := s.rows.Find(ctx, store.Query{Where: store.Is("contact", r.contact()), Sort: "created", Desc: true, Limit: maxSharing + 1})
	var out []string
	for _, o := range page.Items {
		if o.ID != r.ID && len(out) < maxSharing {
			out = append(out, o.ID)
		}
	}
	return out, err
}

// Host lets the coordinators of a station that took over a request of the person see
// them, or no longer, as Lead does for who leads.
func (s *Service) Host(ctx context.Context, a access.Actor, recipientID, stationID string, on bool) error {
	return s.relate(ctx, a, recipientID, access.PartyHelp, stationID, on)
}

func (s *Service) relate(ctx context.Context, a access.Actor, recipientID string, p access.Party, id string, on bool) error {
	r, err := s.Load(ctx, recipientID)
	if err != nil {
		return err
	}
	changed, was := false, r.Header
	if on && id != r.Header.Station { // their own station sees them anyway
		changed = r.Header.Relate(p, id)
	} else if !on {
		changed = r.Header.Unrelate(p, id)
	}
	if !changed {
		return nil
	}
	return s.touch(ctx, a, r, &was)
}

// Screen sets who is barred from a person, inside the caller's unit: they see nothing of
// them, nor of their consents.
func (s *Service) Screen(ctx context.Context, a access.Actor, recipientID string, ids []string) error {
	r, err := s.Load(ctx, recipientID)
	if err != nil || slices.Equal(r.Header.Barred, ids) {
		return err
	}
	was := r.Header
	r.Header.Barred = ids
	return s.touch(ctx, a, r, &was)
}

// touch saves a person whose header changed, with what copies it.
func (s *Service) touch(ctx context.Context, a access.Actor, r *Recipient, was *access.Header) error {
	if err := s.followHeader(ctx, r, a); err != nil {
		return err
	}
	return usecase.Relate(ctx, s.rows, r, &r.Header, was, usecase.Note(a, "recipient.related", r.ID, ""))
}

// settle sets where they live and which station looks after them; without one in
// operation nobody does yet.
func (s *Service) settle(ctx context.Context, r *Recipient, communityID string) error {
	com, err := s.communities.InUse(ctx, communityID)
	if err != nil {
		return fault.Under(err, "input", "communityId")
	}
	r.Where = com.ID[len("com_"):]
	r.Header.Place(r.Where)
	r.Header.Station = ""
	st, err := s.stations.For(ctx, r.Where, station.SocialWork)
	if err == nil {
		r.Header.Station = st.ID
	} else if fault.CodeOf(err) != fault.CodeNoStation {
		return err
	}
	return nil
}
