package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/fivesociety/linkage/internal/fault"
)

// notPersisted is what clients of automatic persisted queries look for, word for word.
const (
	notPersisted     = "PersistedQueryNotFound"
	notPersistedCode = "PERSISTED_QUERY_NOT_FOUND"
)

// Documents is the gqlgen extension that finds a document by
// extensions.persistedQuery.sha256Hash, over every transport: among the trusted ones of
// a manifest first, then among those that clients registered by sending hash and text
// together (automatic persisted queries). Only a valid document within the limits is
// registered, and the ones unused for longest are forgotten. Ids are the same in capitals
// and small letters.
type Documents struct {
	trusted map[string]string // by id in small letters
	texts   map[string]bool   // the same, by text
	only    bool
	known   *lru.Cache[string, string]
}

var (
	_ graphql.HandlerExtension          = (*Documents)(nil)
	_ graphql.OperationParameterMutator = (*Documents)(nil)
	_ graphql.OperationInterceptor      = (*Documents)(nil)
)

// NewDocuments checks a manifest against the schema: a document that is not valid is
// CONFIGURATION_INVALID, naming its id. With only nothing runs that is not in it, and
// clients register nothing; a document may then still be sent in full, letter for letter.
// So may the server's own pages send theirs, which have no ids.
func NewDocuments(schema *ast.Schema, manifest map[string]string, only bool, pages ...string) (*Documents, error) {
	d := &Documents{trusted: make(map[string]string, len(manifest)), texts: make(map[string]bool, len(manifest)+len(pages)), only: only}
	for _, text := range pages {
		d.texts[text] = true
	}
	for id, text := range manifest {
		key := strings.ToLower(id)
		if other, twice := d.trusted[key]; twice && other != text {
			return nil, fault.New(fault.CodeConfiguration, fault.P("what", "trusted documents: two are called "+key))
		}
		d.trusted[key] = text
		if _, errs := gqlparser.LoadQueryWithRules(schema, text, rules.NewDefaultRules()); len(errs) > 0 {
			return nil, fault.New(fault.CodeConfiguration, fault.P("what", "trusted document "+id+": "+errs[0].Message))
		}
		d.texts[text] = true
	}
	if only && len(manifest) == 0 {
		return nil, fault.New(fault.CodeConfiguration, fault.P("what", "trusted-only without trusted-documents"))
	}
	d.known, _ = lru.New[string, string](cachedQueries) // it fails for a size below 1 only
	return d, nil
}

// ExtensionName names the extension for gqlgen.
func (*Documents) ExtensionName() string { return "Documents" }

// Validate has nothing to check.
func (*Documents) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters puts the text in the place of its hash.
func (d *Documents) MutateOperationParameters(_ context.Context, p *graphql.RawParams) *gqlerror.Error {
	id, bad := persisted(p.Extensions)
	switch {
	case bad != nil:
		return bad
	case p.Query == "" && id != "":
		var ok bool
		if p.Query, ok = d.trusted[id]; !ok && !d.only {
			p.Query, ok = d.known.Get(id)
		}
		if !ok {
			return &gqlerror.Error{Message: notPersisted, Extensions: map[string]any{"code": notPersistedCode}}
		}
	case d.only && !d.texts[p.Query]:
		return raised(fault.New(fault.CodeNotTrusted))
	case id != "" && d.trusted[id] != p.Query && id != digest(p.Query):
		return raised(fault.New(fault.CodeInvalid, fault.At("extensions", "persistedQuery"), fault.P("rule", "QUERY_DIGEST")))
	}
	return nil
}

// InterceptOperation registers a document that came with its hash; here it is known to be
// valid, and no limit has refused it.
func (d *Documents) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	id, _ := persisted(op.Extensions)
	if id != "" && !d.only && d.trusted[id] == "" && len(op.RawQuery) <= cachedQueryBytes && !d.known.Contains(id) {
		d.known.Add(id, op.RawQuery)
	}
	return next(ctx)
}

// persisted is the hash in a request's extensions, "" without one.
func persisted(extensions map[string]any) (id string, bad *gqlerror.Error) {
	given, there := extensions["persistedQuery"]
	if !there || given == nil {
		return "", nil
	}
	q, _ := given.(map[string]any)
	version, _ := q["version"].(json.Number)
	id, _ = q["sha256Hash"].(string)
	if version != "1" || id == "" || len(id) > maxDocumentID {
		return "", raised(fault.New(fault.CodeInvalid, fault.At("extensions", "persistedQuery"), fault.P("rule", "PERSISTED_QUERY")))
	}
	return strings.ToLower(id), nil
}

// maxDocumentID is the longest id of a document; a SHA-256 in hex has 64 characters.
const maxDocumentID = 128

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// raised is a fault before execution; the presenter gives it its words.
func raised(f *fault.Error) *gqlerror.Error {
	return &gqlerror.Error{Err: f, Message: string(f.Code)}
}
