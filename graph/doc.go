// Package graph is the GraphQL surface: the code that gqlgen makes of the schema,
// and the scalars, written by hand as pure functions. Types of the schema are bound
// to those of the domain packages in gqlgen.yml, one by one. The rule it keeps: no
// logic stands here, and what is generated is never edited.
package graph
