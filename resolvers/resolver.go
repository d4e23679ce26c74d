package resolvers

import (
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/platform"
)

// Resolver is what all resolvers work with.
type Resolver struct {
	P       *platform.Platform
	Hub     *feed.Hub
	Version string // of the program, for serverInfo
}
