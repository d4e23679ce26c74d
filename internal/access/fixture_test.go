package access_test

import (
	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
)

// The pools are small, so that random actors and rows meet often.
var (
	codes    = []string{"", "13", "1302", "130202", "130203", "130202001", "130202001001", "1303", "130302001001"}
	stations = []string{"", "sta_a", "sta_b"}
	states   = []string{"DRAFT", "MATCHING", "CLOSED", "PUBLISHED"}
	people   = []string{"rcp_a", "rcp_b", "vol_a", "vol_b", "wrk_a", "wrk_b", "org_a", "org_b", "acc_a", "acc_b"}
	parties  = []access.Party{
		access.PartyCreator, access.PartyRecipient, access.PartyGuardian, access.PartyLead, access.PartyHelp,
		access.PartySupply, access.PartyAsked, access.PartyOwner, access.PartySelf, access.PartyServed, access.PartyReferred,
	}
	// classes with what no row should have: it must be as closed in all three uses.
	classes = append([]access.Class{""}, access.Classes...)
	nouns   = []access.Noun{
		{Name: "request", Screened: true, Offered: []string{"MATCHING"}},
		{Name: "resource", Offered: []string{"PUBLISHED"}, Shown: []string{"PUBLISHED"}},
		{Name: "worker", Staff: true},
		{Name: "plain", Screened: true},
		{Name: "offer", Shown: []string{"PUBLISHED"}, Desk: true},
	}
	masks = []access.Mask{access.Blind, access.Limited, access.Contact, access.Full}
)

var scopes = map[access.Role][]string{
	access.Admin: {"div_130200000000"}, access.Supervisor: {"div_130200000000"}, access.Auditor: {"div_130200000000"},
	access.Resident: {"rcp_a", "rcp_b"}, access.Guardian: {"rcp_a", "rcp_b"},
	access.Volunteer: {"vol_a", "vol_b"}, access.SocialWorker: {"wrk_a", "wrk_b"}, access.Partner: {"org_a", "org_b"},
	access.Coordinator: {"sta_a", "sta_b", ""}, access.ProtectionOfficer: {"sta_a", "sta_b"},
}

func drawGrant(t *rapid.T) access.Grant {
	role := rapid.SampledFrom(access.Roles).Draw(t, "role")
	return access.Grant{
		ID: "grt_x", Role: role, Scope: rapid.SampledFrom(scopes[role]).Draw(t, "scope"), Area: rapid.SampledFrom(codes).Draw(t, "area"),
	}
}

func drawActor(t *rapid.T) access.Actor {
	a := access.Actor{ID: rapid.SampledFrom([]string{"", "acc_a", "acc_b"}).Draw(t, "account")}
	if a.ID == "" {
		return a
	}
	for range rapid.IntRange(0, 6).Draw(t, "grants") {
		a.Grants = append(a.Grants, drawGrant(t))
	}
	return a
}

func drawHeader(t *rapid.T) access.Header {
	h := access.Header{
		Station: rapid.SampledFrom(stations).Draw(t, "station"), Class: rapid.SampledFrom(classes).Draw(t, "class"),
		State: rapid.SampledFrom(states).Draw(t, "state"), Subject: rapid.SampledFrom([]string{"", "rcp_a", "rcp_b"}).Draw(t, "subject"),
	}
	h.Place(rapid.SampledFrom(codes).Draw(t, "place"))
	for range rapid.IntRange(0, 4).Draw(t, "parties") {
		h.Relate(rapid.SampledFrom(parties).Draw(t, "party"), rapid.SampledFrom(people).Draw(t, "who"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "barred") {
		h.Barred = append(h.Barred, rapid.SampledFrom(people).Draw(t, "barred id"))
	}
	return h
}

// drawNear is a row that the actor probably has to do with: chance alone seldom brings
// the two together.
func drawNear(t *rapid.T, a access.Actor) access.Header {
	h := drawHeader(t)
	if len(a.Grants) == 0 || rapid.IntRange(0, 3).Draw(t, "far") == 0 {
		return h
	}
	g := rapid.SampledFrom(a.Grants).Draw(t, "near")
	for range rapid.IntRange(0, 2).Draw(t, "own parties") {
		h.Relate(rapid.SampledFrom(parties).Draw(t, "own party"), g.Scope)
	}
	if rapid.Bool().Draw(t, "same place") && g.Area != "" {
		h.Place(rapid.SampledFrom([]string{"130202001001", "130203", g.Area}).Draw(t, "near place"))
	}
	if rapid.Bool().Draw(t, "waits") {
		h.State = "MATCHING"
	}
	if rapid.IntRange(0, 2).Draw(t, "bars") == 0 {
		h.Barred = append(h.Barred, rapid.SampledFrom([]string{g.Scope, a.ID}).Draw(t, "bars whom"))
	}
	return h
}
