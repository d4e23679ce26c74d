package platform

import (
	"net/url"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/sqlite"
)

// Adapter makes the engine that a store address names: "sqlite:PATH", or a
// "mongodb://…" or "mongodb+srv://…" URI with the database in its path.
// CONFIGURATION_INVALID names what to mend.
func Adapter(address string) (store.Adapter, error) {
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		path := strings.TrimPrefix(address, "sqlite:")
		if path == "" {
			return nil, misconfigured("store: sqlite: needs a path, such as sqlite:linkage.db")
		}
		return sqlite.New(sqlite.Config{Path: path}), nil
	case strings.HasPrefix(address, "mongodb://"), strings.HasPrefix(address, "mongodb+srv://"):
		return mongo.New(mongo.Config{URI: address}), nil
	}
	return nil, misconfigured("store: want sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME")
}

func misconfigured(what string) error {
	return fault.New(fault.CodeConfiguration, fault.P("what", what))
}

// Redact is a store's address without user and password, for messages and logs.
func Redact(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	u.User = nil
	return u.String()
}
