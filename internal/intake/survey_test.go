package intake

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/fivesociety/linkage/internal/sheet"
)

// However many files there are, no more than so many units wait to be rehearsed, and all of
// them come in the end.
func TestTheSurveyRunsAheadOfAllFilesTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const files, rows = 4, ahead + 3
		var sheets []loaded
		for i := range files {
			data := "key,name,station\n"
			for n := range rows {
				data += fmt.Sprintf("t%d-%d,队,s\n", i, n)
			}
			f, problems := sheet.Open("teams.csv", []byte(data), teams().columns)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			sheets = append(sheets, loaded{File: f})
		}
		s := begin(sheets, 1)
		synctest.Wait()
		if len(s.room) != ahead {
			t.Errorf("%d units wait", len(s.room))
		}
		var keys []string
		for i := range sheets {
			for unit := range s.of(i) {
				keys = append(keys, unit[0].Text(keyColumn))
				synctest.Wait()
				waiting := 0
				for _, units := range s.units {
					waiting += len(units)
				}
				if waiting > ahead {
					t.Fatalf("%d units wait", waiting)
				}
			}
		}
		if err := s.end(false); err != nil {
			t.Fatal(err)
		}
		if len(keys) != files*rows || !strings.HasPrefix(keys[rows], "t1-") {
			t.Errorf("%d units came, that behind the first file is %s", len(keys), keys[rows])
		}
	})
}
