package account

import "github.com/fivesociety/linkage/internal/store"

// Rows are the accounts as stored, unmasked: for whoever runs the program, never for
// the API.
func (s *Service) Rows() *store.Collection[Account] { return s.rows }
