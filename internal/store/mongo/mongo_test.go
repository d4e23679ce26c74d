package mongo_test

import (
	"testing"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

func engine() storetest.Engine {
	return storetest.Engine{Shared: true, Fresh: func(t testing.TB) storetest.Place {
		uri := mongotest.URI(t)
		return func() store.Adapter { return mongo.New(mongo.Config{URI: uri}) }
	}}
}

func TestContract(t *testing.T) { storetest.Run(t, engine()) }
