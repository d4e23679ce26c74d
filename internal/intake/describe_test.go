package intake_test

import (
	"os"
	"testing"

	"github.com/fivesociety/linkage/internal/intake"
)

// LINKAGE_UPDATE=1 go test ./internal/intake writes the page anew.
func TestThePageDescribesTheColumns(t *testing.T) {
	t.Parallel()
	const page = "../../docs/import.md"
	if os.Getenv("LINKAGE_UPDATE") != "" {
		if err := os.WriteFile(page, []byte(intake.Describe()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(raw) != intake.Describe() {
		t.Errorf("%s is not what the code says: run LINKAGE_UPDATE=1 go test ./internal/intake", page)
	}
}
