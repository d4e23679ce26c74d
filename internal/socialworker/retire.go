package socialworker

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
)

// Rest takes a social worker who is being retired out of work. Restored they rest until
// the station says otherwise.
func (s *Service) Rest(_ context.Context, _ access.Actor, w *SocialWorker) (string, error) {
	was := w.Header.State
	w.activate(false)
	return was, nil
}
