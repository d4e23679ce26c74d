package wire

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func aKeyIsOneCallOfOneActor(t *testing.T, s *site) {
	input := func(title string) map[string]any {
		return map[string]any{"recipientId": s.id(t, "recipients", "wang"), "category": "MEAL_DELIVERY", "title": title, "idempotencyKey": "k-1"}
	}
	first := s.mutate(t, "resident", "serviceRequestDraft", "serviceRequest { id title }", input("午餐"))
	id := text(first.at("serviceRequestDraft.serviceRequest.id"))
	if id == "" {
		t.Fatal(first.body)
	}
	s.unchanged(t, "a repeat", func() {
		if again := s.mutate(t, "resident", "serviceRequestDraft", "serviceRequest { id title }", input("午餐")); again.answer() != first.answer() {
			t.Errorf("a repeat: %s, first %s", again.body, first.body)
		}
	})
	s.try(t, "another input", attempt{"resident", "serviceRequestDraft", input("晚餐"), "IDEMPOTENCY_KEY_REUSED", "input.idempotencyKey"})
	for key, code := range map[string]string{"  ": "REQUIRED", "a\x00b": "TEXT_INVALID", strings.Repeat("键", 65): "TOO_LONG"} {
		bad := input("午餐")
		bad["idempotencyKey"] = key
		s.try(t, "a key that is none", attempt{"resident", "serviceRequestDraft", bad, code, "input.idempotencyKey"})
	}
	other := s.mutate(t, "coordinator", "serviceRequestDraft", "serviceRequest { id }", input("晚餐"))
	if got := text(other.at("serviceRequestDraft.serviceRequest.id")); got == "" || got == id {
		t.Errorf("the same key of another actor: %s", other.body)
	}
	if r := s.as(t, "resident", `query($id: ID!) { serviceRequest(id: $id) { title version } }`, map[string]any{"id": id}); r.at("serviceRequest.title") != "午餐" || r.at("serviceRequest.version") != 1.0 {
		t.Errorf("the first call's request: %s", r.body)
	}
}

// The same call, sent many times at once by a client that lost its patience, is one.
func repeatsAtOnceAreOneCall(t *testing.T, s *site) {
	input := map[string]any{
		"ownerId": s.id(t, "organisations", "kitchen"), "title": "餐", "kind": "SERVICE", "category": "MEAL_DELIVERY",
		"areaId": "div_130203000000", "quantity": map[string]any{"value": 3, "unit": "PIECE"}, "idempotencyKey": "at-once",
	}
	answers := make([]string, 12)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			r := s.mutate(t, "partner", "charityResourceCreate", "charityResource { id }", input)
			answers[i] = fmt.Sprint(r.at("charityResourceCreate.charityResource.id"), r.first().code)
		})
	}
	all.Wait()
	for _, a := range answers {
		if a != answers[0] || len(a) < 10 {
			t.Errorf("different answers: %v", answers)
			break
		}
	}
}
