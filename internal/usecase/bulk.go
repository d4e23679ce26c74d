package usecase

import "context"

type bulkKey struct{}

// InBulk marks a context in which very many use cases run whose answers nobody reads
// but for id and version, as in an import: views made in it leave out the places and
// organisations that they refer to, which cost more than the rows themselves, or all
// but these two. What a use case decides does not rest on views, so nothing else differs.
func InBulk(ctx context.Context) context.Context { return context.WithValue(ctx, bulkKey{}, true) }

// Bulk reports whether references of views are to be left out.
func Bulk(ctx context.Context) bool {
	on, _ := ctx.Value(bulkKey{}).(bool)
	return on
}
