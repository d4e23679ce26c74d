package intake

import (
	"fmt"
	"iter"
	"runtime/debug"
	"sync"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
)

// ahead is how many units of rows are read before they are rehearsed, at most, of all files
// together. To take a workbook apart costs about what it costs to rehearse its rows.
const ahead = 16

// survey reads every row once for what is wrong in the files themselves: cells, doubled
// keys. It counts the rows, and hands them on to whoever rehearses them meanwhile, as
// long as nothing is wrong.
type survey struct {
	units []chan []sheet.Row // of each file; closed behind the last one
	room  chan struct{}      // a token for each unit that waits
	stop  chan struct{}
	leave func()        // closes stop
	done  chan struct{} // closed at the end; what follows is to be read then
	rows  int
	wrong Invalid
	err   error
}

// begin surveys files beside the caller, who must end it, whatever happens.
func begin(sheets []loaded, atMost int) *survey {
	s := &survey{room: make(chan struct{}, ahead), stop: make(chan struct{}), done: make(chan struct{})}
	s.leave = sync.OnceFunc(func() { close(s.stop) })
	for range sheets {
		s.units = append(s.units, make(chan []sheet.Row, ahead))
	}
	go func() {
		defer close(s.done)
		next := 0
		defer func() {
			if p := recover(); p != nil { // it must not take the process along
				s.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
			for _, units := range s.units[next:] {
				close(units)
			}
		}()
		for ; next < len(sheets); next++ {
			if !closed(s.stop) {
				s.read(sheets[next], s.units[next], atMost)
			}
			close(s.units[next])
		}
	}()
	return s
}

// of gives the units of a file, each once. Files are to be taken in their order.
func (s *survey) of(file int) iter.Seq[[]sheet.Row] {
	return func(yield func([]sheet.Row) bool) {
		for rows := range s.units[file] {
			<-s.room
			if !yield(rows) {
				return
			}
		}
	}
}

// ended reports whether the survey has come to its end.
func (s *survey) ended() bool { return closed(s.done) }

func closed(signal <-chan struct{}) bool {
	select {
	case <-signal:
		return true
	default:
		return false
	}
}

// end waits for the end of a survey whose units nobody takes any longer, and gives what
// it found. hurry lets it leave out what it has not read. It may be asked again.
func (s *survey) end(hurry bool) error {
	if hurry {
		s.leave()
	}
	for i := range s.units {
		for range s.of(i) { // they are rehearsed, or there is no need to
		}
	}
	<-s.done
	if s.err == nil && s.wrong.Total > 0 {
		return &s.wrong
	}
	return s.err
}

func (s *survey) read(file loaded, units chan<- []sheet.Row, atMost int) {
	first := map[string]int{}
	var some []sheet.Row
	hand := func() bool {
		select {
		case s.room <- struct{}{}:
			units <- some // there is room in it for all tokens
			some = nil
			return true
		case <-s.stop:
			return false
		}
	}
	for row, problems := range file.Rows() {
		s.rows++
		s.wrong.add(problems...)
		key := row.Text(keyColumn)
		if n, twice := first[key]; twice && key != "" {
			s.wrong.add(sheet.Problem{
				File: file.Name, Row: row.Number, Column: row.Head(keyColumn), Code: fault.CodeDuplicate,
				Zh: "与第 " + itoa(n) + " 行的标识相同。", En: "The same key as in row " + itoa(n) + ".",
			})
			continue
		}
		first[key] = row.Number
		if s.wrong.Total > 0 {
			some = nil
			continue
		}
		if some = append(some, row); len(some) == atMost && !hand() {
			return
		}
	}
	if len(some) > 0 {
		hand()
	}
}
