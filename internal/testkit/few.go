package testkit

import (
	"strings"

	"github.com/fivesociety/linkage/internal/division"
)

// Few says which of the embedded divisions the stores of most tests hold: all above the
// communities, and the 388 communities of 路南区 and 路北区, where the demonstration world
// lives. All 6,304 of the city take longer to write than most tests take.
func Few(f division.Fact) bool {
	return f.Level != division.LevelCommunity || strings.HasPrefix(f.Code, "130202") || strings.HasPrefix(f.Code, "130203")
}
