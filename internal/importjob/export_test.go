package importjob

import "time"

// Every sets how often jobs give a sign of life.
func (s *Service) Every(d time.Duration) { s.every = d }
