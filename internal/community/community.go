package community

import (
	"strings"
	"unicode/utf8"

	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/store"
)

// prefix is that of community ids.
const prefix = "com"

// ID is the natural id of the community with a code, "" if the code is not one of
// village level.
func ID(code string) string {
	if division.LevelOf(code) != division.LevelCommunity {
		return ""
	}
	return prefix + "_" + division.Short(code)
}

// ResidentBand is how many live there, roughly.
type ResidentBand string

// The bands.
const (
	Under1000 ResidentBand = "UNDER_1000"
	From1000  ResidentBand = "FROM_1000"
	From3000  ResidentBand = "FROM_3000"
	From10000 ResidentBand = "FROM_10000"
)

// Bands lists the bands.
var Bands = []ResidentBand{Under1000, From1000, From3000, From10000}

// Community is one community or village.
type Community struct {
	store.Head `bson:",inline"`
	Code       string       `bson:"code"` // 12 digits
	Name       string       `bson:"name"`
	Residents  ResidentBand `bson:"residents"` // "" if not known
	Committee  string       `bson:"committee"`
	Phone      string       `bson:"phone"`
	Facilities []string     `bson:"facilities"`
	Location   *place.Point `bson:"location"`
	Term       Term         `bson:"term"`
	Services   []Facility   `bson:"services"`
	Contacts   []Contact    `bson:"contacts"` // personal
}

// of is the community of a division as nobody has described it yet. The official
// name of such a division is that of its committee; people leave that part out:
// 龙凤庄村村民委员会 is 龙凤庄村.
func of(code, official string) *Community {
	c := &Community{Head: store.Head{ID: ID(code)}, Code: code, Name: official, Facilities: []string{}}
	for _, suffix := range []string{"居民委员会", "村民委员会"} {
		if rest, found := strings.CutSuffix(official, suffix); found {
			c.Committee = official
			if utf8.RuneCountInString(rest) > 1 {
				c.Name = rest
			}
		}
	}
	return c
}

// Plain reports whether the community is as the public list of divisions has it:
// nobody has described it.
func (c *Community) Plain() bool {
	return c.Residents == "" && c.Phone == "" && len(c.Facilities) == 0 && c.Location == nil && c.Term == Term{} && len(c.Services) == 0 && len(c.Contacts) == 0
}
