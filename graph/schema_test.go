package graph_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
)

// loaded is the schema as the generated code serves it.
func loaded() *ast.Schema { return graph.NewExecutableSchema(graph.Config{}).Schema() }

// ours are the schema's own types, without those of GraphQL itself.
func ours(s *ast.Schema) []*ast.Definition {
	var out []*ast.Definition
	for _, d := range s.Types {
		if !d.BuiltIn && !strings.HasPrefix(d.Name, "__") {
			out = append(out, d)
		}
	}
	return out
}

func fieldsOf(d *ast.Definition) []*ast.FieldDefinition {
	return slices.DeleteFunc(slices.Clone(d.Fields), func(f *ast.FieldDefinition) bool {
		return strings.HasPrefix(f.Name, "__")
	})
}

func TestEveryWordOfTheSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	check := func(where, text string) {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s has no description", where)
		}
	}
	for _, d := range ours(loaded()) {
		check(d.Name, d.Description)
		for _, f := range fieldsOf(d) {
			check(d.Name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				check(d.Name+"."+f.Name+"("+a.Name+")", a.Description)
			}
		}
		for _, v := range d.EnumValues {
			check(d.Name+"."+v.Name, v.Description)
		}
	}
}

func TestEveryOperationSaysWhoMayUseIt(t *testing.T) {
	t.Parallel()
	s := loaded()
	for _, root := range []*ast.Definition{s.Query, s.Mutation, s.Subscription} {
		for _, f := range fieldsOf(root) {
			if !strings.Contains(f.Description, " Who: ") {
				t.Errorf("%s.%s does not say who may use it", root.Name, f.Name)
			}
		}
	}
}

func TestNamesFollowTheConventions(t *testing.T) {
	t.Parallel()
	pascal := regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	camel := regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	upper := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	for _, d := range ours(loaded()) {
		if !pascal.MatchString(d.Name) {
			t.Errorf("type %s", d.Name)
		}
		for _, v := range d.EnumValues {
			if !upper.MatchString(v.Name) {
				t.Errorf("value %s.%s", d.Name, v.Name)
			}
		}
		for _, f := range fieldsOf(d) {
			if !camel.MatchString(f.Name) {
				t.Errorf("field %s.%s", d.Name, f.Name)
			}
			checkType(t, d.Name+"."+f.Name, f.Name, f.Type)
			for _, a := range f.Arguments {
				checkType(t, d.Name+"."+f.Name+"("+a.Name+")", a.Name, a.Type)
			}
		}
	}
}

// checkType: ids are named as such, moments and days by their endings, and list
// items are never null but in `nodes`.
func checkType(t *testing.T, where, name string, typ *ast.Type) {
	t.Helper()
	isID := strings.EqualFold(name, "id") || strings.EqualFold(name, "ids") || strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "Ids")
	if (typ.Name() == "ID") != isID && where != "Code.id" {
		t.Errorf("%s: names and ids must agree", where)
	}
	if typ.Name() == "DateTime" && !strings.HasSuffix(name, "At") &&
		!slices.Contains([]string{"at", "from", "to", "until", "since", "time", "heldUntil", "keptSince"}, name) {
		t.Errorf("%s: a moment is named …At", where)
	}
	if typ.Name() == "Date" && !strings.HasSuffix(name, "On") && !strings.HasSuffix(name, "To") && !strings.HasSuffix(name, "From") {
		t.Errorf("%s: a day is named …On, …From or …To", where)
	}
	if typ.Elem != nil && !typ.Elem.NonNull && where != "Query.nodes" {
		t.Errorf("%s: items of a list are never null", where)
	}
}

func TestMutationsHaveOneInputAndOnePayload(t *testing.T) {
	t.Parallel()
	s := loaded()
	for _, f := range fieldsOf(s.Mutation) {
		want := strings.ToUpper(f.Name[:1]) + f.Name[1:] + "Input!"
		if len(f.Arguments) != 1 || f.Arguments[0].Name != "input" || f.Arguments[0].Type.String() != want {
			t.Errorf("%s: want the one argument input: %s", f.Name, want)
		}
		payload := s.Types[f.Type.Name()]
		if !strings.HasSuffix(payload.Name, "Payload") || !f.Type.NonNull {
			t.Errorf("%s: answers %s", f.Name, f.Type)
		}
		if e := payload.Fields.ForName("errors"); e == nil || e.Type.String() != "[UserError!]!" {
			t.Errorf("%s: no errors: [UserError!]!", payload.Name)
		}
		for _, p := range payload.Fields {
			if p.Name != "ended" && p.Type.Elem == nil && p.Type.NonNull {
				t.Errorf("%s.%s cannot be null, yet there may be errors", payload.Name, p.Name)
			}
		}
	}
}

// Sessions, passwords and links are not repeated by key: no secret is kept to be
// answered twice.
var withoutKey = []string{
	"sessionRenew", "signIn", "tokenRefresh", "signOut", "passwordChange", "confirmLinkIssue", "sessionEnd", "sessionEndOthers",
	"signInWithCode", "signInWithIdToken", "phoneCodeRequest", "phoneSignIn", "phoneSet", "phoneConfirm", "identityUnlink", "identityInvite",
	"recoveryIssue", "recoveryCodesPrint", "passwordReset",
}

// These change something without naming a version: the fence, the one-time link or
// the grant's own end decides instead.
var withoutVersion = []string{
	"roleRevoke", "assignmentCheckIn", "assignmentCheckOut", "assignmentComplete",
	"serviceRequestConfirmByLink", "serviceRequestDisputeByLink",
	// A refused event is not edited: it is tried or gone.
	"webhookDeliveryRetry", "webhookDeliveryDrop",
	// An import is not edited: it runs or it has ended.
	"importCancel",
	// These make something new.
	"identityLink", "phoneRemove",
	"accountCreate", "roleGrant", "divisionCreate", "communityCreate", "stationCreate", "organisationCreate",
	"socialWorkerCreate", "volunteerRegister", "recipientRegister", "consentGrant", "conflictRecord", "charityResourceCreate", "offerDraft",
	"webhookCreate", "postCreate", "volunteerTeamCreate", "matchingPolicyDraft", "serviceRequestDraft", "matchProposalPropose", "needLineClaim", "matchPlanAccept", "assignmentOffer",
}

// These rest on the version or, noted on the way, on the fence: one of the two is said.
var versionOrFence = []string{"allocationDispatch", "allocationDeliver", "allocationReturn", "allocationLose"}

func TestChangesCarryVersionAndKey(t *testing.T) {
	t.Parallel()
	s := loaded()
	for _, f := range fieldsOf(s.Mutation) {
		if slices.Contains(withoutKey, f.Name) {
			continue
		}
		in := s.Types[f.Arguments[0].Type.Name()]
		if k := in.Fields.ForName("idempotencyKey"); k == nil || k.Type.String() != "String" {
			t.Errorf("%s: no idempotencyKey: String", in.Name)
		}
		v, fence, kind := in.Fields.ForName("expectedVersion"), in.Fields.ForName("fence"), "Int!"
		if slices.Contains(versionOrFence, f.Name) {
			if kind = "Int"; fence == nil || fence.Type.String() != kind {
				t.Errorf("%s: no fence: Int", in.Name)
			}
		}
		if want := !slices.Contains(withoutVersion, f.Name); want != (v != nil) || (want && v.Type.String() != kind) {
			t.Errorf("%s: expectedVersion: %s wanted: %v", in.Name, kind, want)
		}
	}
}

func TestListsAreConnections(t *testing.T) {
	t.Parallel()
	s := loaded()
	for _, d := range ours(s) {
		for _, f := range fieldsOf(d) {
			connection := strings.HasSuffix(f.Type.Name(), "Connection")
			for _, name := range []string{"first", "last"} {
				paged := connection || name == "first" && slices.Contains([]string{"ChangePage", "OpenNeedPage"}, f.Type.Name()) // read forward only
				if a := f.Arguments.ForName(name); paged != (a != nil) || (paged && a.Type.String() != "Int") {
					t.Errorf("%s.%s: %s", d.Name, f.Name, name)
				}
			}
		}
		node, ok := strings.CutSuffix(d.Name, "Connection")
		if !ok {
			continue
		}
		want := map[string]string{
			"nodes": "[" + itemOf(node) + "!]!", "edges": "[" + node + "Edge!]!", "pageInfo": "PageInfo!", "totalCount": "Int",
		}
		for name, typ := range want {
			if f := d.Fields.ForName(name); f == nil || f.Type.String() != typ {
				t.Errorf("%s.%s: want %s", d.Name, name, typ)
			}
		}
	}
}

// itemOf is what a connection lists: history alone has another name for its items.
func itemOf(node string) string {
	if node == "History" {
		return "HistoryEntry"
	}
	return node
}

func TestNullableMutableTypesNameWhatTheyHide(t *testing.T) {
	t.Parallel()
	for _, d := range ours(loaded()) {
		if d.Kind != ast.Object {
			continue
		}
		mayHide := slices.ContainsFunc(d.Fields, func(f *ast.FieldDefinition) bool {
			return strings.Contains(f.Description, "may be hidden")
		})
		if h := d.Fields.ForName("hidden"); mayHide && h == nil && d.Name != "Confirmation" {
			t.Errorf("%s hides fields and does not name them", d.Name)
		} else if h != nil && h.Type.String() != "[String!]!" {
			t.Errorf("%s.hidden: %s", d.Name, h.Type)
		}
		for _, f := range fieldsOf(d) {
			if strings.Contains(f.Description, "may be hidden") && f.Type.NonNull {
				t.Errorf("%s.%s can be hidden, so it has to be nullable", d.Name, f.Name)
			}
		}
	}
}

func TestEnumsEqualTheListsInCode(t *testing.T) {
	t.Parallel()
	s := loaded()
	var want []string
	for _, c := range fault.Codes() {
		want = append(want, string(c))
	}
	if got := valuesOf(s, "ErrorCode"); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("ErrorCode: %v\nfault: %v", got, want)
	}
	for _, list := range valuesOf(s, "CodeList") {
		if len(codes.All(codes.List(list))) == 0 {
			t.Errorf("code list %s is empty", list)
		}
	}
	for _, c := range valuesOf(s, "NoticeCode") {
		if !codes.Known(codes.Notices, c) {
			t.Errorf("notice %s has no text", c)
		}
	}
}

func valuesOf(s *ast.Schema, enum string) []string {
	var out []string
	for _, v := range s.Types[enum].EnumValues {
		out = append(out, v.Name)
	}
	slices.Sort(out)
	return out
}
