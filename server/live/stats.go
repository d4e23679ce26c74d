package live

// Stats is how much there is at one moment.
type Stats struct {
	Websockets, EventStreams, Subscriptions int
	Groups                                  int    // of subscriptions with one document
	QueuedBytes                             int    // written by nobody yet
	SlowCuts                                uint64 // since the start
}

// Stats counts.
func (t *Transport) Stats() Stats {
	s := Stats{SlowCuts: t.slow.Load()}
	t.mu.Lock()
	s.Groups = len(t.groups)
	t.mu.Unlock()
	for _, c := range t.list() {
		if c.ws != nil {
			s.Websockets++
		} else {
			s.EventStreams++
		}
		c.mu.Lock()
		for _, op := range c.active {
			if op.stream {
				s.Subscriptions++
			}
		}
		c.mu.Unlock()
		s.QueuedBytes += c.out.size()
	}
	return s
}

// size is how many bytes wait.
func (o *outbox) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes
}
