package store

import (
	"context"
	"testing"
)

func TestOncePerUnitForgetsAtAWriteOfItsNoun(t *testing.T) {
	c := &Collection[Receipt]{def: &Definition{Name: "thing"}}
	u := &unit{pending: map[Key]*Write{}, records: map[Key]Record{}}
	inside := context.WithValue(t.Context(), unitKey{}, u)
	made := 0
	ask := func(ctx context.Context) int {
		n, err := OncePerUnit(ctx, c, "n", func() (int, error) { made++; return made, nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	got := []int{ask(inside), ask(inside)}
	u.write(&Definition{Name: "other"}, Key{"other", "o"}, Write{Change: Put})
	got = append(got, ask(inside))
	u.write(c.def, Key{"thing", "t"}, Write{Change: Put})
	got = append(got, ask(inside), ask(inside), ask(t.Context()), ask(t.Context()))
	for i, want := range []int{1, 1, 1, 2, 2, 3, 4} {
		if got[i] != want {
			t.Fatalf("answers %v", got)
		}
	}
}
