package intake

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/volunteer"
)

type cellsOf = map[string]string

func organisationsOut() outlet {
	return from(func(n Nouns) *store.Collection[organisation.Organisation] { return n.Organisations.Rows() }, func(o *organisation.Organisation) string { return o.ID },
		func(s speech, o *organisation.Organisation) (cellsOf, bool) {
			state := organisation.Admission(o.Header.State)
			return cellsOf{
				"name": o.Name, "kind": s.word(organisationKinds, string(o.Kind)), "creditCode": o.CreditCode, "filingNumber": o.FilingNumber,
				"division": shortCode(o.Division), "phone": o.Phone, "profile": o.Profile, "publicFundraising": s.flag(o.Fundraising),
				"registrationAuthority": o.Authority, "certificate": o.Qualification.Certificate, "certifiedOn": day(o.Qualification.ValidFrom), "revokedOn": day(o.Qualification.RevokedOn),
				"grade": s.word(grades, string(o.Rating.Grade)), "gradeValidTo": day(o.Rating.ValidTo),
				"evidence": o.Papers.Evidence, "admitted": s.flag(state == organisation.Admitted),
			}, state == organisation.Applied || state == organisation.Verified || state == organisation.Admitted
		})
}

func stationsOut() outlet {
	return from(func(n Nouns) *store.Collection[station.Station] { return n.Stations.Rows() }, func(t *station.Station) string { return t.ID },
		func(s speech, t *station.Station) (cellsOf, bool) {
			out := cellsOf{
				"host": t.Host, "serviceFields": s.codes(codes.ServiceField, t.Fields),
				"name": t.Name, "kind": s.word(stationKinds, string(t.Kind)), "level": s.word(stationLevels, string(t.Level)), "division": shortCode(t.Division),
				"community": strings.Join(t.Serves, ";"), "operator": t.Operator, "address": t.Address, "phone": t.Phone, "operating": s.flag(t.State == station.Operating),
			}
			spot(out, t.Location)
			return out, t.State == station.Operating || t.State == station.Planned
		}).resting(nil, []string{"operator"})
}

func workersOut() outlet {
	return from(func(n Nouns) *store.Collection[socialworker.SocialWorker] { return n.Workers.Rows() }, func(w *socialworker.SocialWorker) string { return w.ID },
		func(s speech, w *socialworker.SocialWorker) (cellsOf, bool) {
			return cellsOf{
				"name": w.Private.Name, "phone": w.Private.Phone, "employer": w.Employer, "station": w.Header.Station,
				"practiceFields": s.codes(codes.PracticeField, w.PracticeFields), "skills": s.codes(codes.Skill, w.Skills),
				"level": s.word(certificateLevels, string(w.Certificate.Level)), "number": w.Private.Number, "registeredOn": day(w.Certificate.RegisteredOn),
			}, w.Certificate.State != socialworker.Revoked
		}).resting([]string{"station"}, []string{"employer"})
}

func volunteersOut() outlet {
	return from(func(n Nouns) *store.Collection[volunteer.Volunteer] { return n.Volunteers.Rows() }, func(v *volunteer.Volunteer) string { return v.ID },
		func(s speech, v *volunteer.Volunteer) (cellsOf, bool) {
			out := cellsOf{
				"name": v.Private.Name, "number": v.Private.Number, "phone": v.Private.Phone, "bornOn": day(v.Private.BornOn), "skills": s.codes(codes.Skill, v.Skills),
				"community": v.Community, "reachMetres": itoa(v.ReachMetres), "evidence": v.Private.Evidence, "active": s.flag(v.State() == volunteer.Active),
				"queriedOn": day(v.ClearedOn), "clearance": v.Private.Clearance, "availability": s.hours(v.Hours),
			}
			spot(out, v.Private.Location)
			if c := v.Private.Consent; c != nil {
				out["guardianName"], out["guardianPhone"], out["givenOn"] = c.Name, c.Phone, day(c.GivenOn)
			}
			return out, v.Private.Name != "" && (v.State() == volunteer.Registered || v.State() == volunteer.Verified || v.State() == volunteer.Active)
		})
}

func recipientsOut() outlet {
	return from(func(n Nouns) *store.Collection[recipient.Recipient] { return n.Recipients.Rows() }, func(r *recipient.Recipient) string { return r.ID },
		func(s speech, r *recipient.Recipient) (cellsOf, bool) {
			p := r.Private
			return cellsOf{
				"name": p.Name, "displayName": p.DisplayName, "category": s.code(codes.RecipientCategory, p.Category), "class": s.word(classWords, string(r.Header.Class)),
				"bornOn": day(p.BornOn), "phone": p.Phone, "safeContactRule": s.code(codes.SafeContactRule, p.SafeRule), "address": p.Address, "community": r.Where,
				"guardianName": p.GuardianName, "guardianPhone": p.GuardianPhone, "careNote": p.CareNote,
			}, p.Name != ""
		})
}

// consentsOut writes a consent that its giver entered, and which needs no evidence, as
// evident by itself: whoever enters it elsewhere is another.
func consentsOut() outlet {
	return from(func(n Nouns) *store.Collection[recipient.Consent] { return n.Recipients.ConsentRows() }, func(c *recipient.Consent) string { return c.ID },
		func(s speech, c *recipient.Consent) (cellsOf, bool) {
			evidence := c.Private.Evidence
			if evidence == "" {
				evidence = c.ID
			}
			return cellsOf{
				"recipient": c.Recipient, "purpose": s.code(codes.ConsentPurpose, c.Purpose), "organisation": c.Organisation, "givenBy": s.word(giverWords, string(c.GivenBy)),
				"givenOn": day(c.GivenOn), "validTo": day(c.ValidTo), "evidence": evidence,
			}, c.WithdrawnAt.IsZero()
		}).resting([]string{"recipient", "organisation"}, nil)
}

func resourcesOut() outlet {
	return from(func(n Nouns) *store.Collection[resource.Resource] { return n.Resources.Rows() }, func(r *resource.Resource) string { return r.ID },
		func(s speech, r *resource.Resource) (cellsOf, bool) {
			out := cellsOf{
				"owner": r.Owner, "title": r.Title, "description": r.Description, "kind": s.word(resourceKinds, string(r.Kind)), "category": s.code(codes.NeedCategory, r.Category),
				"expiresOn": day(r.ExpiresOn), "batch": r.Batch, "receivedOn": day(r.ReceivedOn), "area": r.Area, "eligibility": s.codes(codes.RecipientCategory, r.Eligibility),
				"capacity": s.word(capacities, string(r.Capacity())), "published": s.flag(r.State() == resource.Published),
			}
			s.quantity(out, r.Total)
			if len(r.Batches) > 0 { // the first is told here, the others by their own table
				b := r.Batches[0]
				out["batch"], out["receivedOn"], out["expiresOn"] = b.Lot, day(b.ReceivedOn), day(b.ExpiresOn)
				s.quantity(out, r.Total.Of(b.Received))
			}
			if r.Per != "" {
				out["per"] = s.word(periods, string(r.Per))
			}
			if r.Minimum > 0 {
				out["minimum"] = itoa(int(r.Minimum))
			}
			s.window(out, r.Window)
			return out, untouched(r, s.now)
		}).resting([]string{"owner"}, nil)
}

// untouched reports whether a resource is as it was entered: nothing was taken of it and
// no batch called back.
func untouched(r *resource.Resource, now time.Time) bool {
	state := r.Now(now)
	recalled := slices.ContainsFunc(r.Batches, func(b resource.Batch) bool { return !b.RecalledAt.IsZero() })
	return r.Used == 0 && r.Lost == 0 && len(r.Holds) == 0 && !recalled && (state == resource.Draft || state == resource.Published)
}

// batchesOut writes the batches of a resource from the second on.
func batchesOut() outlet {
	write := func(s speech, r *resource.Resource, i int) cellsOf {
		b := r.Batches[i]
		out := cellsOf{keyColumn: b.ID, "resource": r.ID, "lot": b.Lot, "receivedOn": day(b.ReceivedOn), "expiresOn": day(b.ExpiresOn)}
		s.quantity(out, r.Total.Of(b.Received))
		return out
	}
	return outlet{
		each: func(ctx context.Context, n Nouns, s speech, fn func(map[string]string) error) (left int, err error) {
			err = n.Resources.Rows().Each(ctx, store.Query{}, func(r *resource.Resource) error {
				for i := 1; i < len(r.Batches); i++ {
					if !untouched(r, s.now) || r.InUse() != nil {
						left++
						continue
					}
					if err := fn(write(s, r, i)); err != nil {
						return err
					}
				}
				return nil
			})
			return left, err
		},
		find: func(ctx context.Context, n Nouns, s speech, key string) (map[string]string, string, bool, error) {
			id, i := resource.BatchOf(key)
			r, err := n.Resources.Rows().Get(ctx, id)
			if err == nil && i >= len(r.Batches) {
				err = fault.New(fault.CodeNotFound)
			}
			if err != nil {
				return nil, "", false, err
			}
			return write(s, r, i), key, untouched(r, s.now) && r.InUse() == nil, nil
		},
	}.resting([]string{"resource"}, nil)
}

func requestsOut() outlet {
	return from(func(n Nouns) *store.Collection[request.Request] { return n.Requests.Rows() }, func(r *request.Request) string { return r.ID },
		func(s speech, r *request.Request) (cellsOf, bool) {
			out := cellsOf{
				"recipient": r.Header.Subject, "community": r.Place, "category": s.code(codes.NeedCategory, r.Category), "title": r.Private.Title,
				"description": r.Private.Description, "urgency": s.word(urgencies, string(r.Urgency)), "constraints": s.codes(codes.Constraint, r.Constraints),
				"station": r.Header.Station, // no column, but without it nobody would take the request
				"channel": s.code(codes.RequestChannel, r.Channel), "submitted": s.flag(r.State() != request.Draft), "lawfulBasis": s.code(codes.LawfulBasis, r.Basis),
			}
			s.window(out, r.Window)
			over := r.Window != nil && !r.Window.To.After(s.now)
			if over || len(r.Lines) != 1 || r.State() != request.Draft && r.State() != request.Submitted {
				return out, false
			}
			l := r.Lines[0]
			out["kind"], out["skills"] = s.word(lineKinds, string(l.Kind)), s.codes(codes.Skill, l.Skills)
			s.quantity(out, l.Need)
			return out, true
		}).resting([]string{"recipient", "station"}, nil)
}

func accountsOut() outlet {
	write := func(s speech, a *account.Account) (cellsOf, bool) {
		var roles []string
		for _, g := range a.Grants {
			if !g.EndedAt.IsZero() || !g.Until.IsZero() && g.Until.Before(s.now) {
				continue
			}
			scope := g.Scope
			if scopes[g.Role] == "div" {
				scope = shortCode(scope)
			}
			roles = append(roles, s.word(roleWords, string(g.Role))+":"+scope)
		}
		return cellsOf{keyColumn: a.Person.Name, "displayName": a.Person.Display, "roles": strings.Join(roles, ";")}, a.State == account.Active && a.Person.Name != ""
	}
	out := from(func(n Nouns) *store.Collection[account.Account] { return n.Accounts.Rows() }, func(a *account.Account) string { return a.ID }, write).resting(nil, []string{"roles"})
	byID := out.find
	out.find = func(ctx context.Context, n Nouns, s speech, key string) (map[string]string, string, bool, error) {
		id, err := n.Accounts.Find(ctx, key)
		if err != nil {
			return nil, "", false, err
		}
		return byID(ctx, n, s, id)
	}
	return out
}
