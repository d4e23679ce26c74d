// Package api is what genqlient makes of operations.graphql and the platform's schema.
package api

//go:generate go tool genqlient genqlient.yaml
