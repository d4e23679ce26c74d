package account_test

import (
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/testkit"
)

// BenchmarkActor is what each request pays to know who calls: a signature and two
// reads by id.
func BenchmarkActor(b *testing.B) {
	r := open(b)
	v := r.account(b, "lifang", access.Admin, division.ID(testkit.City))
	s, err := r.OpenSession(r.ctx, v.ID)
	must(b, err)
	b.Run("token", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Identify(s.AccessToken); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("token-and-grants", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := r.ActorOf(r.ctx, s.AccessToken); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("refused-sign-in", func(b *testing.B) {
		for b.Loop() {
			_, _, _ = r.SignIn(r.ctx, account.SignIn{Name: "nobody", Password: "x"})
			r.Clock.Advance(hour)
		}
	})
}
