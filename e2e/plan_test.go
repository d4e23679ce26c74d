package e2e

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
)

const askPlan = `query($station: ID!, $without: [MatchPlanPairInput!]) {
  matchPlan(stationId: $station, without: $without, losses: 50) {
    needLines gap
    items { needLine { id kind } candidate { charityResource { id } volunteer { id } quantity { value unit } startsAt } loss { coverage { covered } } }
    open { needLine { id } missing { value } fitting }
  }
}`

const takePlan = `mutation($input: MatchPlanAcceptInput!) {
  matchPlanAccept(input: $input) { results { needLineId matchProposal { id } assignment { id } errors { code message path } } errors { code message path } }
}`

// planTakenWhole: all that a plan puts together can be proposed, each thing once; what is
// proposed is not planned again, and what nobody can do is said to be open.
func planTakenWhole(t *testing.T, e *env) {
	from := e.now().Add(40 * day).Truncate(day).Add(time.Hour)
	add := func(th *thread, kind request.Kind, res string, n int64, unit measure.Unit, window time.Duration) string {
		t.Helper()
		line := request.LineInput{Kind: kind, Quantity: measure.Quantity{Value: n, Unit: unit}, Window: &measure.Window{From: from, To: from.Add(window)}}
		if res != "" {
			r, err := e.Resources.Rows().Get(t.Context(), e.names["resources."+res].(string))
			must(t, err)
			line.Category = &r.Category
		}
		_, id, _, err := e.Requests.LineAdd(t.Context(), sys, request.LineAddInput{ServiceRequestID: th.get("request").(string), Line: line, ExpectedVersion: th.version64(t)})
		must(t, err)
		return id
	}
	var ours, hours, rooms []string
	for range 4 {
		th := e.stage(t, "matching", ordinary)
		rooms = append(rooms, add(th, request.KindVenue, "hall", 120, measure.Minute, 10*time.Hour))
		hours = append(hours, add(th, request.KindHours, "", 60, measure.Minute, time.Hour), add(th, request.KindHours, "", 60, measure.Minute, time.Hour))
		ours = append(ours, add(th, request.KindGoods, "parcels", 2, measure.Piece, day))
	}
	ours = append(append(ours, hours...), rooms...)
	station := e.names["stations.qiaotun"]
	plan := e.ask(t, "coordinator", askPlan, object{"station": station}).at("matchPlan")
	var items []any
	covered, busy := map[string]int{}, map[string]bool{}
	var first object
	for _, it := range plan.list("items") {
		supply := object{"charityResourceId": it.at("candidate.charityResource.id").value}
		if v := it.text("candidate.volunteer.id"); v != "" {
			supply = object{"volunteerId": v}
			if at := v + it.text("candidate.startsAt"); busy[at] {
				t.Errorf("%s at two places", v)
			} else {
				busy[at] = true
			}
		}
		line := it.text("needLine.id")
		covered[line]++
		item := object{
			"needLineId": line, "quantity": object{"value": it.text("candidate.quantity.value"), "unit": it.text("candidate.quantity.unit")},
			"startsAt": it.at("candidate.startsAt").value, "task": "陪伴", "meetingPoint": "站点",
		}
		for k, v := range supply {
			item[k] = v
		}
		if first == nil {
			first = object{"needLineId": line}
			for k, v := range supply {
				first[k] = v
			}
		}
		items = append(items, item)
	}
	for _, id := range append(rooms, ours[:4]...) {
		same(t, "parts of a line with enough supply", covered[id], 1)
	}
	open := map[string]bool{}
	for _, o := range plan.list("open") {
		open[o.text("needLine.id")] = true
	}
	for _, id := range hours {
		if (covered[id] == 1) == open[id] {
			t.Errorf("%s: %d parts, open %t", id, covered[id], open[id])
		}
	}
	if n := len(open); n == 0 {
		t.Error("more is wanted at one hour than there are volunteers, and nothing is open")
	}
	other := e.ask(t, "coordinator", askPlan, object{"station": station, "without": []any{first}}).at("matchPlan")
	for _, it := range other.list("items") {
		for k := range first {
			if k != "needLineId" && it.text("needLine.id") == first["needLineId"] && (it.text("candidate.volunteer.id") == first[k] || it.text("candidate.charityResource.id") == first[k]) {
				t.Error("what was to be left out is planned")
			}
		}
	}
	taken := e.ask(t, "coordinator", takePlan, input(object{"items": items})).list("matchPlanAccept.results")
	for i := range items {
		if code := taken[i].text("errors.0.code"); code != "" {
			t.Errorf("%v: %s", items[i], code)
		}
	}
	// Seen by the system, so that nobody's sight hides what is left.
	rest, err := e.Matching.Plan(t.Context(), sys, matching.PlanInput{StationID: station.(string)})
	must(t, err)
	for _, it := range rest.Items {
		if covered[it.NeedLine.ID] > 0 {
			t.Errorf("%s is planned again", it.NeedLine.ID)
		}
	}
}
