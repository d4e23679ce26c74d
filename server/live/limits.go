package live

import "time"

// Limits bounds what one connection may cost. A zero field takes the default
// named beside it.
type Limits struct {
	InitTimeout   time.Duration // 5 s: from the handshake to connection_init, and from there to the hook's answer
	PingEvery     time.Duration // 20 s; a connection silent for 2.5 × this is closed with 4408
	WriteTimeout  time.Duration // 5 s for one frame; then the connection is cut
	CloseWait     time.Duration // 2 s for the client's answer to our close frame
	Message       int64         // 64 kB for one message, after inflation
	Subscriptions int           // 16 at a time
	Operations    int           // 64 at a time, subscriptions included
	QueueBytes    int           // 256 kB waiting to be written
	QueueFrames   int           // 1,024 frames waiting to be written
	SendBuffer    int           // 64 kB in the kernel
}

func (l Limits) withDefaults() Limits {
	or(&l.InitTimeout, 5*time.Second)
	or(&l.PingEvery, 20*time.Second)
	or(&l.WriteTimeout, 5*time.Second)
	or(&l.CloseWait, 2*time.Second)
	or(&l.Message, 64<<10)
	or(&l.Subscriptions, 16)
	or(&l.Operations, 64)
	or(&l.QueueBytes, 256<<10)
	or(&l.QueueFrames, 1024)
	or(&l.SendBuffer, 64<<10)
	return l
}

func or[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// silence is how long a connection may say nothing.
func (l Limits) silence() time.Duration { return l.PingEvery * 5 / 2 }
