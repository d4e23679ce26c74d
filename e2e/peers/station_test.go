package peers

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/server"
)

// The station's software of examples/station, whose client genqlient makes of the schema:
// a module of its own, as it would be elsewhere.
func TestTheStationOfTheExamples(t *testing.T) {
	t.Parallel()
	address, p := serve(t, server.Config{})
	_, err := intake.ImportFolder(t.Context(), world.Files(), p.Tables(), nil)
	must(t, err)
	l := newLine(t, address)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-C", "../../examples/station", "-count=1", "-v", ".")
	cmd.Env = append(cmd.Environ(), "STATION_SERVER="+address, "STATION_SOCKET="+l.url, "STATION_CUT="+l.cut, "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestADayAtTheDesk") {
		t.Errorf("%v\n%s", err, out)
	}
}
