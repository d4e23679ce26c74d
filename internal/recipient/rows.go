package recipient

import "github.com/fivesociety/linkage/internal/store"

// ConsentRows are the consents as stored, unmasked, for other packages' reading.
func (s *Service) ConsentRows() *store.Collection[Consent] { return s.consents }
