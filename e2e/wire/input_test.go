package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// attempt is one mutation that must fail.
type attempt struct {
	account, mutation string
	input             map[string]any
	code, path        string
}

func (s *site) try(t *testing.T, name string, a attempt) {
	t.Helper()
	s.unchanged(t, name, func() {
		refused(t, name, a.code, func(header ...string) reply {
			r := s.mutate(t, a.account, a.mutation, "__typename", a.input, header...)
			if f := r.first(); a.path != "" && f.path != a.path {
				t.Errorf("%s: at %q, want %q: %.300s", name, f.path, a.path, r.body)
			}
			return r
		})
	})
}

func idsOfAnotherType(t *testing.T, s *site) {
	station, request := s.id(t, "stations", "qiaotun"), s.id(t, "requests", "r-escort")
	for name, id := range map[string]string{
		"of another noun": station, "empty": "", "words": "王奶奶", "a number": "17", "without a prefix": strings.TrimPrefix(request, "req_"),
		"of the prefix alone": "req_", "in capitals": strings.ToUpper(request), "longer": request + "0000", "huge": "req_" + strings.Repeat("0", 60_000),
		"with a query in it": `req_' OR 1=1 --`, "with an operator": `{"$ne":null}`,
	} {
		wants := map[string]bool{"ID_INVALID": true, "NOT_FOUND": true}
		for _, locale := range []string{"zh", "en"} {
			r := s.mutate(t, "coordinator", "serviceRequestAccept", "__typename", map[string]any{"serviceRequestId": id, "expectedVersion": 1}, "Accept-Language", locale)
			if f := r.first(); !wants[f.code] || f.message == "" || strings.ContainsAny(f.message, "{}") {
				t.Errorf("%s: %+v %.300s", name, f, r.body)
			}
		}
		if r := s.as(t, "coordinator", `query($id: ID!) { serviceRequest(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }`, map[string]any{"id": id}); r.at("serviceRequest") != nil {
			t.Errorf("%s: found: %.300s", name, r.body)
		}
	}
	s.try(t, "a station as a request", attempt{"coordinator", "serviceRequestAccept", map[string]any{"serviceRequestId": station, "expectedVersion": 1}, "ID_INVALID", "input.serviceRequestId"})
	s.try(t, "a request as a recipient", attempt{"coordinator", "recipientChange", map[string]any{"recipientId": request, "expectedVersion": 1}, "ID_INVALID", "input.recipientId"})
	s.try(t, "a worker as a community", attempt{"resident", "serviceRequestDraft", map[string]any{"communityId": s.id(t, "socialworkers", "li"), "category": "MEAL_DELIVERY", "title": "x"}, "ID_INVALID", "input.communityId"})
	s.try(t, "a station as a resource", attempt{"partner", "charityResourceChange", map[string]any{"charityResourceId": station, "expectedVersion": 1}, "ID_INVALID", "input.charityResourceId"})
}

func quantitiesThatAreNone(t *testing.T, s *site) {
	line := func(value any, unit string) map[string]any {
		return map[string]any{"recipientId": s.id(t, "recipients", "wang"), "category": "MEAL_DELIVERY", "title": "午餐", "needLines": []any{
			map[string]any{"kind": "SERVICE", "quantity": map[string]any{"value": value, "unit": unit}},
		}}
	}
	at := "input.needLines.0.quantity.value"
	for name, c := range map[string]attempt{
		"zero":              {"resident", "serviceRequestDraft", line(0, "PIECE"), "QUANTITY_INVALID", at},
		"negative":          {"resident", "serviceRequestDraft", line(-3, "PIECE"), "QUANTITY_INVALID", at},
		"beyond the bound":  {"resident", "serviceRequestDraft", line(1_000_000_000_001, "PIECE"), "QUANTITY_INVALID", at},
		"all of 64 bits":    {"resident", "serviceRequestDraft", line("9223372036854775807", "PIECE"), "QUANTITY_INVALID", at},
		"its negative":      {"resident", "serviceRequestDraft", line("-9223372036854775808", "PIECE"), "QUANTITY_INVALID", at},
		"more than 64 bits": {"resident", "serviceRequestDraft", line(json.RawMessage("9223372036854775808"), "PIECE"), "INVALID", ""},
		"a fraction":        {"resident", "serviceRequestDraft", line(1.5, "PIECE"), "INVALID", ""},
		"an exponent":       {"resident", "serviceRequestDraft", line(json.RawMessage("1e400"), "PIECE"), "INVALID", ""},
		"words":             {"resident", "serviceRequestDraft", line("七", "PIECE"), "INVALID", ""},
		"hours in pieces": {"resident", "serviceRequestDraft", map[string]any{"recipientId": s.id(t, "recipients", "wang"), "category": "MEAL_DELIVERY", "title": "陪伴", "needLines": []any{
			map[string]any{"kind": "HOURS", "quantity": map[string]any{"value": 60, "unit": "PIECE"}},
		}}, "UNIT_MISMATCH", "input.needLines.0.quantity.unit"},
		"a unit of no list": {"resident", "serviceRequestDraft", line(1, "PORTION"), "GRAPHQL_VALIDATION_FAILED", ""},
		"another unit of the stock": {"partner", "charityResourceChange", map[string]any{
			"charityResourceId": s.id(t, "resources", "meals"), "expectedVersion": s.version(t, "partner", s.id(t, "resources", "meals")),
			"quantity": map[string]any{"value": 300, "unit": "GRAM"},
		}, "UNIT_MISMATCH", "input.quantity.unit"},
		"a minimum in another unit": {"partner", "charityResourceCreate", map[string]any{
			"ownerId": s.id(t, "organisations", "kitchen"), "title": "x", "kind": "GOODS", "category": "MEAL_DELIVERY", "areaId": "div_130203000000",
			"quantity": map[string]any{"value": 300, "unit": "PIECE"}, "minimum": map[string]any{"value": 1, "unit": "GRAM"},
		}, "UNIT_MISMATCH", "input.minimum.unit"},
	} {
		s.try(t, name, c)
	}
}

// version is the present version of any node.
func (s *site) version(t *testing.T, account, id string) int {
	t.Helper()
	r := s.as(t, account, `query($id: ID!) { node(id: $id) { ... on CharityResource { version } ... on Recipient { version } ... on ServiceRequest { version }
		... on Station { version } ... on Volunteer { version } ... on Organisation { version } ... on SocialWorker { version } } }`, map[string]any{"id": id})
	v, ok := r.at("node.version").(float64)
	if !ok {
		t.Fatalf("no version of %s: %.300s", id, r.body)
	}
	return int(v)
}

func valuesOfNoList(t *testing.T, s *site) {
	wang := s.id(t, "recipients", "wang")
	asked := func(more map[string]any) map[string]any {
		in := map[string]any{"recipientId": wang, "category": "MEAL_DELIVERY", "title": "午餐"}
		for k, v := range more {
			in[k] = v
		}
		return in
	}
	for name, c := range map[string]attempt{
		"a category":         {"resident", "serviceRequestDraft", asked(map[string]any{"category": "WORLD_PEACE"}), "CODE_UNKNOWN", "input.category"},
		"a constraint":       {"resident", "serviceRequestDraft", asked(map[string]any{"constraints": []string{"NO_LIFT", "FLYING"}}), "CODE_UNKNOWN", ""},
		"an enum":            {"resident", "serviceRequestDraft", asked(map[string]any{"urgency": "ASAP"}), "GRAPHQL_VALIDATION_FAILED", ""},
		"an unknown field":   {"resident", "serviceRequestDraft", asked(map[string]any{"state": "CLOSED"}), "GRAPHQL_VALIDATION_FAILED", ""},
		"a window backwards": {"resident", "serviceRequestDraft", asked(map[string]any{"window": map[string]any{"from": "2030-01-02T00:00:00Z", "to": "2030-01-01T00:00:00Z"}}), "WINDOW_INVALID", "input.window"},
		"a moment":           {"resident", "serviceRequestDraft", asked(map[string]any{"window": map[string]any{"from": "tomorrow", "to": "2030-01-01T00:00:00Z"}}), "INVALID", ""},
		"a title of 10,000":  {"resident", "serviceRequestDraft", asked(map[string]any{"title": strings.Repeat("长", 10_000)}), "TOO_LONG", "input.title"},
		"an empty title":     {"resident", "serviceRequestDraft", asked(map[string]any{"title": "   "}), "REQUIRED", "input.title"},
		"a control sign":     {"resident", "serviceRequestDraft", asked(map[string]any{"title": "a\x00b"}), "TEXT_INVALID", "input.title"},
		"a lone surrogate":   {"resident", "serviceRequestDraft", asked(map[string]any{"title": json.RawMessage(`"a\ud800b"`)}), "TEXT_INVALID", "input.title"},
		"a key of 65":        {"resident", "serviceRequestDraft", asked(map[string]any{"idempotencyKey": strings.Repeat("k", 65)}), "TOO_LONG", "input.idempotencyKey"},
		"a date":             {"coordinator", "recipientRegister", map[string]any{"name": "示例", "category": "ELDERLY", "communityId": "com_130203001010", "bornOn": "1941-02-30"}, "INVALID", ""},
		"a place":            {"coordinator", "stationChange", map[string]any{"stationId": s.id(t, "stations", "qiaotun"), "expectedVersion": s.version(t, "", s.id(t, "stations", "qiaotun")), "location": map[string]any{"latitude": 91, "longitude": 118}}, "OUT_OF_RANGE", ""},
	} {
		s.try(t, name, c)
	}
	needs := make([]any, 200)
	for i := range needs {
		needs[i] = map[string]any{"kind": "SERVICE", "quantity": map[string]any{"value": 1, "unit": "PIECE"}}
	}
	s.try(t, "200 need lines", attempt{"resident", "serviceRequestDraft", asked(map[string]any{"needLines": needs}), "TOO_MANY", "input.needLines"})
	ids := make([]string, 101)
	for i := range ids {
		ids[i] = fmt.Sprintf("div_%012d", i)
	}
	refused(t, "101 nodes", "TOO_MANY", func(header ...string) reply {
		return s.as(t, "coordinator", `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": ids}, header...)
	})
}

func aCitizenNumberInFreeTextIsMaskedWithANotice(t *testing.T, s *site) {
	const number = "11010519491231002X"
	for _, c := range []struct {
		account, mutation, object string
		input                     map[string]any
		field                     string
	}{
		{"resident", "serviceRequestDraft", "serviceRequest { id title }", map[string]any{"category": "MEAL_DELIVERY", "recipientId": s.id(t, "recipients", "wang"), "title": "身份证" + number + "，要午餐"}, "input.title"},
		{"resident", "serviceRequestDraft", "serviceRequest { id description }", map[string]any{"category": "MEAL_DELIVERY", "recipientId": s.id(t, "recipients", "wang"), "title": "午餐", "description": "证件 1101 0519 4912 3100 2X"}, "input.description"},
		{"coordinator", "recipientRegister", "recipient { id careNote }", map[string]any{"name": "示例", "category": "ELDERLY", "communityId": "com_130203001010", "careNote": "ＩＤ１１０１０５１９４９１２３１００２Ｘ"}, "input.careNote"},
		{"partner", "charityResourceCreate", "charityResource { id description }", map[string]any{
			"ownerId": s.id(t, "organisations", "kitchen"), "title": "餐", "description": "联系人 " + number, "kind": "SERVICE", "category": "MEAL_DELIVERY",
			"areaId": "div_130203000000", "quantity": map[string]any{"value": 3, "unit": "PIECE"},
		}, "input.description"},
	} {
		for locale, word := range map[string]string{"zh": "身份证", "en": "citizen"} {
			r := s.mutate(t, c.account, c.mutation, c.object+" notices { code message path }", c.input, "Accept-Language", locale)
			notices, _ := r.at(c.mutation + ".notices").([]any)
			if len(notices) != 1 || text(r.at(c.mutation+".notices.0.code")) != "ID_NUMBER_MASKED" || !strings.Contains(text(r.at(c.mutation+".notices.0.message")), word) {
				t.Errorf("%s: no notice: %s", c.field, r.body)
				continue
			}
			path, _ := r.at(c.mutation + ".notices.0.path").([]any)
			if joined(path) != c.field {
				t.Errorf("%s: the notice is at %s", c.field, joined(path))
			}
			if strings.Contains(r.body, "1231002") || strings.Contains(r.body, "1231 002") || strings.Contains(r.body, "１２３１") || !strings.Contains(r.body, "********") {
				t.Errorf("%s: not masked: %s", c.field, r.body)
			}
		}
	}
	if strings.Contains(s.log.String(), number[6:]) {
		t.Error("the number is in the server's log")
	}
	if n := s.stored(t, number[6:]); n > 0 {
		t.Errorf("the number is %d times in the store", n)
	}
}
