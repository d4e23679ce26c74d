package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/bench/live/stock"
)

// gqlgen is a server as the guide of gqlgen makes one.
type gqlgen struct {
	resolver stock.Resolver
	event    stock.RequestChanged
}

func newGqlgen() *gqlgen { return &gqlgen{} }

func (s *gqlgen) handler() http.Handler {
	h := handler.New(stock.NewExecutableSchema(stock.Config{Resolvers: &s.resolver}))
	h.AddTransport(transport.Websocket{KeepAlivePingInterval: 20 * time.Second})
	h.AddTransport(transport.POST{})
	h.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	h.Use(extension.FixedComplexityLimit(1000))
	return h
}

func (s *gqlgen) publish(n int) ([]int64, error) {
	began := make([]int64, n)
	for i := range began {
		began[i] = time.Now().UnixNano()
		s.resolver.Publish(s.event)
	}
	return began, nil
}

func (s *gqlgen) readers() int { return s.resolver.Len() }

// prepare makes the event of a frame of the product.
func (s *gqlgen) prepare(o order) (answer, error) {
	var frame struct {
		Payload struct {
			Data struct{ RequestFeed stock.RequestChanged }
		}
	}
	err := json.Unmarshal([]byte(o.Text), &frame)
	s.event = frame.Payload.Data.RequestFeed
	return answer{}, err
}
