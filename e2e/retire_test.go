package e2e

import (
	"testing"

	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/socialworker"
)

// retiredOrAtWork: of retiring somebody and giving them work at the same moment one wins,
// whichever is first; nobody is retired with a request to lead.
func retiredOrAtWork(t *testing.T, e *env) {
	th := e.stage(t, "matching", ordinary)
	req := th.get("request").(string)
	for range 12 {
		w, _, err := e.Workers.Create(t.Context(), sys, socialworker.Create{Name: "孟示例", StationID: e.names["stations.qiaotun"].(string)})
		must(t, err)
		r, err := e.Requests.Rows().Get(t.Context(), req)
		must(t, err)
		codes := atOnce(2, func(i int) string {
			var err error
			if i == 0 {
				err = e.Directory.Retire(t.Context(), sys, directory.Retire{NodeID: w.ID, Reason: "OTHER", ExpectedVersion: w.Version})
			} else {
				_, _, err = e.Requests.LeadAppoint(t.Context(), sys, request.LeadAppointInput{ServiceRequestID: req, SocialWorkerID: w.ID, ExpectedVersion: r.Version})
			}
			if err == nil {
				return ""
			}
			return string(fault.CodeOf(err))
		})
		row, err := e.Workers.Load(t.Context(), w.ID)
		must(t, err)
		r, err = e.Requests.Rows().Get(t.Context(), req)
		must(t, err)
		if retired, leads := row.Retired != nil, r.Lead == w.ID; retired == leads || codes[""] != 1 {
			t.Fatalf("retired %t, leads %t, answers %v", retired, leads, codes)
		}
	}
}
