package access

import "github.com/fivesociety/linkage/internal/fault"

// Action is one verb on one noun, "<noun>.<verb>".
type Action string

// Rights say who may do an action: on a row by relation, or without a row (to
// create one) by role in an area.
type Rights struct {
	Relations Relations
	Roles     []Role // with the division covered by the grant
	Anyone    bool   // any signed-in account
}

var (
	staff = Rel(ToStation, ToProtected, ToSystem)
	asker = Rel(ToSelf, ToWard, ToCreated, ToSystem)
	setUp = []Role{Admin}
)

// actions is the one table of rights. A row's state is the noun's own guard; here
// stands only who.
var actions = map[Action]Rights{
	"account.create":      {Roles: setUp},
	"account.disable":     {Roles: setUp},
	"account.link":        {Roles: setUp},
	"account.recover":     {Roles: setUp},
	"role.grant":          {Roles: setUp},
	"role.revoke":         {Roles: setUp},
	"division.change":     {Roles: setUp},
	"community.create":    {Roles: setUp},
	"community.change":    {Roles: []Role{Admin, Coordinator}},
	"station.create":      {Roles: setUp},
	"station.change":      {Roles: []Role{Admin, Coordinator}},
	"organisation.create": {Roles: []Role{Admin, Coordinator}},
	"organisation.change": {Roles: []Role{Admin, Coordinator}},
	"organisation.admit":  {Roles: setUp},
	"worker.create":       {Roles: []Role{Admin, Coordinator}},
	"worker.change":       {Relations: Rel(ToSelf, ToStation, ToAdmin, ToSystem)},
	"worker.certify":      {Relations: Rel(ToAdmin, ToSystem)},
	"team.create":         {Roles: []Role{Admin, Coordinator}},
	"team.change":         {Relations: Rel(ToSelf, ToStation, ToAdmin, ToSystem)},
	"team.join":           {Relations: Rel(ToSelf, ToStation, ToAdmin, ToSystem)},
	"team.leave":          {Relations: Rel(ToSelf, ToStation, ToAdmin, ToSystem)},
	"team.dissolve":       {Relations: Rel(ToStation, ToAdmin, ToSystem)},
	"volunteer.create":    {Roles: []Role{Admin, Coordinator}},
	"volunteer.change":    {Relations: Rel(ToSelf, ToStation, ToSystem)},
	"volunteer.verify":    {Relations: Rel(ToStation, ToSystem)},
	"volunteer.suspend":   {Relations: Rel(ToStation, ToAdmin, ToSystem)},
	"volunteer.clear":     {Relations: Rel(ToVetted, ToSystem)},
	"recipient.create":    {Roles: []Role{Coordinator, ProtectionOfficer, SocialWorker}},
	"recipient.change":    {Relations: staff | Rel(ToSelf, ToWard)},
	"recipient.classify":  {Relations: staff},
	"recipient.erase":     {Relations: staff},
	"consent.grant":       {Relations: staff | Rel(ToSelf, ToWard, ToLed, ToCreated)},
	"consent.withdraw":    {Relations: Rel(ToSelf, ToWard, ToStation, ToProtected, ToSystem)},
	"post.create":         {Roles: []Role{Admin, Coordinator}},
	"post.change":         {Relations: Rel(ToStation, ToAdmin, ToSystem)},
	"post.release":        {Relations: Rel(ToStation, ToAdmin, ToHelped, ToSystem)},
	"resource.create":     {Roles: []Role{Partner, Coordinator}},
	"resource.change":     {Relations: Rel(ToSelf, ToStation, ToSystem)},
	"resource.publish":    {Relations: Rel(ToSelf, ToStation, ToSystem)},
	"resource.withdraw":   {Relations: Rel(ToSelf, ToStation, ToSystem)},
	"resource.recall":     {Relations: Rel(ToSelf, ToStation, ToSystem)},
	"offer.draft":         {Relations: Rel(ToSelf, ToSystem)},
	"offer.change":        {Relations: Rel(ToSelf, ToSystem)},
	"offer.review":        {Relations: Rel(ToStation, ToSystem)},
	"offer.end":           {Relations: Rel(ToSelf, ToStation, ToSystem)},
	"request.draft":       {Anyone: true},
	"request.change":      {Relations: asker | staff},
	"request.submit":      {Relations: asker},
	"request.triage":      {Relations: staff},
	"request.accept":      {Relations: staff},
	"request.return":      {Relations: staff},
	"request.decline":     {Relations: staff},
	"request.appeal":      {Relations: asker},
	"request.settle":      {Relations: Rel(ToSupervised, ToProtected, ToSystem)}, // an appeal
	"request.hold":        {Relations: staff},
	"request.resume":      {Relations: staff},
	"request.arrange":     {Relations: staff},
	"request.cancel":      {Relations: asker | staff},
	"request.deliver":     {Relations: Rel(ToLed, ToSystem)},
	"request.confirm":     {Relations: Rel(ToSelf, ToWard, ToLinked, ToSystem)},
	"request.dispute":     {Relations: Rel(ToSelf, ToWard, ToLinked, ToSystem)},
	"request.witness":     {Relations: staff},
	"request.close":       {Relations: staff},
	"request.merge":       {Relations: staff},
	"request.refer":       {Relations: staff},
	"request.referral":    {Relations: Rel(ToReferred, ToSystem)},
	"request.reopen":      {Relations: staff | Rel(ToSelf, ToWard, ToSupervised)},
	"request.link":        {Relations: staff},
	"request.lead":        {Relations: staff},
	"request.shorten":     {Relations: staff | Rel(ToLed)},
	"policy.draft":        {Roles: []Role{Admin, Supervisor}},
	"policy.try":          {Roles: []Role{Admin, Supervisor, Coordinator, ProtectionOfficer}},
	"policy.change":       {Relations: Rel(ToAdmin, ToSupervised, ToSystem)},
	"proposal.create":     {Relations: Rel(ToStation, ToProtected, ToOffered, ToHelped, ToAsked, ToSystem)},
	"claim.make":          {Relations: Rel(ToOffered, ToAsked, ToHelped, ToServed)},
	"claim.decide":        {Relations: Rel(ToStation, ToProtected, ToSystem)},
	"claim.release":       {Relations: Rel(ToSelf, ToStation, ToProtected, ToSystem)},
	"conflict.record":     {Relations: staff | Rel(ToLed)},
	"conflict.lift":       {Relations: staff | Rel(ToLed, ToSupervised)},
	"allocation.commit":   {Relations: Rel(ToStation, ToProtected, ToSystem)},
	"allocation.dispatch": {Relations: Rel(ToSelf, ToStation, ToProtected, ToSystem)},
	"allocation.deliver":  {Relations: Rel(ToSelf, ToLed, ToStation, ToProtected, ToSystem)},
	"allocation.release":  {Relations: Rel(ToSelf, ToStation, ToProtected, ToSystem)},
	"allocation.return":   {Relations: Rel(ToSelf, ToLed, ToStation, ToProtected, ToSystem)},
	"allocation.lose":     {Relations: Rel(ToSelf, ToLed, ToStation, ToProtected, ToSystem)},
	"assignment.offer":    {Relations: Rel(ToLed, ToStation, ToProtected, ToSystem)},
	"assignment.answer":   {Relations: Rel(ToSelf, ToSystem)},
	"assignment.check":    {Relations: Rel(ToSelf, ToSystem)},
	"assignment.release":  {Relations: Rel(ToSelf, ToLed, ToStation, ToProtected, ToSystem)},
	"assignment.verify":   {Relations: Rel(ToLed, ToStation, ToProtected, ToSystem)},
	"entry.retire":        {Relations: Rel(ToStation, ToAdmin, ToSystem), Roles: setUp},
	"entry.merge":         {Relations: Rel(ToAdmin, ToSystem), Roles: setUp},
	"entry.move":          {Relations: Rel(ToAdmin, ToSystem), Roles: setUp},
	"history.read":        {Relations: Rel(ToSelf, ToWard, ToLed, ToStation, ToProtected, ToSupervised, ToAdmin, ToSystem)},
	"resource.stock":      {Anyone: true},
}

// Actions is the whole table, for tests and documentation.
func Actions() map[Action]Rights {
	out := make(map[Action]Rights, len(actions))
	for k, v := range actions {
		out[k] = v
	}
	return out
}

// MayAt refuses an action that needs no row, at a division code ("" where no place
// is involved): UNAUTHENTICATED for nobody, FORBIDDEN without a fitting grant.
func (a Actor) MayAt(action Action, code string) error {
	if a.system {
		return nil
	}
	if !a.SignedIn() {
		return fault.New(fault.CodeUnauthenticated)
	}
	r := actions[action]
	if r.Anyone {
		return nil
	}
	for _, g := range a.Grants {
		for _, role := range r.Roles {
			if g.Role == role && g.Area != "" && (code == "" || g.Covers(code)) {
				return nil
			}
		}
	}
	return fault.New(fault.CodeForbidden)
}
