package organisation

import "context"

// Move puts an organisation's seat into another division.
func (s *Service) Move(ctx context.Context, o *Organisation, divisionID string) error {
	d, err := s.divisions.Resolve(ctx, divisionID)
	if err != nil {
		return err
	}
	o.Division = d.ID
	o.Header.Place(d.Code)
	return nil
}
