// Package resolvers translates between GraphQL and the use cases, and does nothing
// else: one call each, the actor out of the context once, errors split into those
// that the caller can mend and those that it cannot. One file a schema file, which
// gqlgen rewrites; helpers stand in convert.go, errors.go, feed_events.go. The rule
// it keeps: no resolver decides who sees what; use cases answer already masked.
package resolvers
