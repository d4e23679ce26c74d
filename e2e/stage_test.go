package e2e

import (
	"context"
	"fmt"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
)

// thread is one request on its way, played over HTTP by those whose steps they are.
// What it learns stands in names under its prefix: request, version, line.service,
// line.hours, proposal, proposal.version, allocation, allocation.version, assignment,
// assignment.version, fence, token.
type thread struct {
	*env
	prefix string
	cast   cast
}

// cast is who plays a thread, and about what.
type cast struct {
	asker, desk, recipient, resource, class string
	category, giver                         string
}

var (
	ordinary = cast{"resident", "coordinator", "recipients.wang", "resources.meals", "RESTRICTED", "MEAL_DELIVERY", "RECIPIENT"}
	guarded  = cast{"guardian", "officer", "recipients.xiaoming", "resources.talks", "PROTECTED", "PSYCHOLOGICAL_SUPPORT", "GUARDIAN"}
)

// steps of a thread in their order; a stage is named by the step that reached it.
var road = []struct {
	stage string
	step  func(*thread, context.Context) error
}{
	{"draft", (*thread).draft},
	{"submitted", (*thread).submit},
	{"triaged", (*thread).triage},
	{"matching", (*thread).accept},
	{"proposed", (*thread).propose},
	{"held", (*thread).hold},
	{"committed", (*thread).commit},
	{"led", (*thread).lead},
	{"offered", (*thread).offer},
	{"arranged", (*thread).take},
	{"dispatched", (*thread).dispatch},
	{"in_service", (*thread).checkIn},
	{"checked_out", (*thread).checkOut},
	{"completed", (*thread).complete},
	{"verified", (*thread).verify},
	{"served", (*thread).arrive},
	{"delivered", (*thread).deliver},
	{"linked", (*thread).link},
	{"confirmed", (*thread).confirm},
	{"closed", (*thread).close},
}

// asides leave the road after a stage.
var asides = []struct {
	stage, after string
	step         func(*thread, context.Context) error
}{
	{"returned", "triaged", (*thread).giveBack},
	{"declined", "triaged", (*thread).decline},
	{"on_hold", "matching", (*thread).pause},
	{"cancelled", "held", (*thread).cancel},
	{"disputed", "delivered", (*thread).dispute},
}

// stages puts one request at each stage into the base; a second one under
// "protected." whose recipient only a protection officer handles.
func (e *env) stages(ctx context.Context, c *clock.Manual) error {
	for _, about := range []struct {
		prefix string
		cast   cast
	}{{"", ordinary}, {"protected.", guarded}} {
		if err := e.consents(ctx, about.cast); err != nil {
			return err
		}
		for _, r := range road {
			if _, err := e.play(ctx, about.prefix+r.stage, r.stage, about.cast, c); err != nil {
				return err
			}
		}
		for _, a := range asides {
			t, err := e.play(ctx, about.prefix+a.stage, a.after, about.cast, c)
			if err == nil {
				err = a.step(t, ctx)
			}
			if err != nil {
				return fmt.Errorf("stage %s%s: %w", about.prefix, a.stage, err)
			}
		}
	}
	return nil
}

// play brings a new request to a stage. c, if any, moves a second each step.
func (e *env) play(ctx context.Context, prefix, stage string, who cast, c *clock.Manual) (*thread, error) {
	t := &thread{e, prefix, who}
	for _, r := range road {
		if c != nil {
			c.Advance(time.Second)
		}
		if err := r.step(t, ctx); err != nil {
			return nil, fmt.Errorf("stage %s, step %s: %w", prefix, r.stage, err)
		}
		if r.stage == stage {
			return t, nil
		}
	}
	return nil, fmt.Errorf("there is no stage %q", stage)
}

// consents are what the requests of a cast rest on.
func (e *env) consents(ctx context.Context, who cast) error {
	for _, purpose := range []string{"SERVICE", "SHARE_CONTACT"} {
		a, err := e.must(ctx, who.asker, `mutation($input: ConsentGrantInput!) { consentGrant(input: $input) { consent { id } errors { code path } } }`,
			object{"input": object{"recipientId": e.names[who.recipient], "purpose": purpose, "givenBy": who.giver}})
		if err != nil {
			return err
		}
		e.names["consents."+who.asker+"."+purpose] = a.text("consentGrant.consent.id")
	}
	return nil
}

// do takes one step: the mutation's name, its input type and what of the answer to keep.
func (t *thread) do(ctx context.Context, actor, mutation, inputType, fields string, input object, keep map[string]string) error {
	doc := fmt.Sprintf("mutation($input: %s!) { %s(input: $input) { %s errors { code path message } } }", inputType, mutation, fields)
	a, err := t.must(ctx, actor, doc, object{"input": input})
	if err != nil {
		return err
	}
	for name, path := range keep {
		t.set(name, a.at(mutation+"."+path).value)
	}
	return t.refresh(ctx)
}

// get is what a name of this thread stands for.
func (t *thread) get(name string) any { return t.names[t.prefix+"."+name] }

func (t *thread) set(name string, v any) { t.names[t.prefix+"."+name] = v }

// of is an input about the request at its present version.
func (t *thread) of(more object) object {
	in := object{"serviceRequestId": t.get("request"), "expectedVersion": t.get("version")}
	for k, v := range more {
		in[k] = v
	}
	return in
}

// refresh notes the versions that the step has moved.
func (t *thread) refresh(ctx context.Context) error {
	for name, suffix := range map[string]string{"request": "version", "proposal": "proposal.version", "allocation": "allocation.version", "assignment": "assignment.version"} {
		id, _ := t.get(name).(string)
		if id == "" {
			continue
		}
		v, err := t.version(ctx, id)
		if err != nil {
			return err
		}
		t.set(suffix, v)
	}
	return nil
}
