package importjob_test

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/importjob"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/world"
)

// rows are so many that an import of them is caught under way.
const rows = 8000

// site is a platform with the demonstration world and its coordinator.
type site struct {
	*platform.Platform
	coordinator access.Actor
}

func open(t *testing.T) *site {
	t.Helper()
	p, err := platform.Open(t.Context(), platform.Config{
		Adapter:  sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "jobs.db")}),
		Accounts: account.Config{Hash: argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 8, KeyLength: 16}},
		Seeded:   testkit.Few,
	})
	testkit.WantCode(t, err, "")
	t.Cleanup(func() { _ = p.Close() })
	report, err := intake.ImportFolder(t.Context(), world.Files(), p.Tables(), nil)
	testkit.WantCode(t, err, "")
	row, err := p.Accounts.Load(t.Context(), report.IDs["accounts"]["coordinator"])
	testkit.WantCode(t, err, "")
	p.Imports.Every(10 * time.Millisecond)
	return &site{Platform: p, coordinator: access.Actor{ID: row.ID, Grants: row.Rights(time.Now())}}
}

// table is a table of recipients of the coordinator's street.
func table() []byte {
	var b strings.Builder
	b.WriteString("key,name,category,class,bornOn,phone,community\n")
	for i := range rows {
		fmt.Fprintf(&b, "r%d,测试%d,老年人,RESTRICTED,1941-03-15,138%08d,130203001010\n", i, i, i)
	}
	return []byte(b.String())
}

func (s *site) start(t *testing.T) string {
	t.Helper()
	v, err := s.Imports.Start(t.Context(), s.coordinator, importjob.Start{File: "recipients.csv", Data: table()})
	testkit.WantCode(t, err, "")
	return v.ID
}

// until watches a job until it is as asked, or over.
func (s *site) until(t *testing.T, id string, is func(*importjob.View) bool) *importjob.View {
	t.Helper()
	next := s.Imports.Watch(s.coordinator, id)
	var last *importjob.View
	for {
		v, _, err := next(t.Context())
		if errors.Is(err, io.EOF) {
			return last
		}
		testkit.WantCode(t, err, "")
		if last = v; is(v) {
			return v
		}
	}
}

func never(*importjob.View) bool { return false }

func underWay(v *importjob.View) bool { return v.Steps > 0 }

func TestAJobIsCancelledUnderWay(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := s.start(t)
	if v := s.until(t, id, underWay); v.State != importjob.Running || v.Steps == 0 || v.Of != 2*rows {
		t.Fatalf("under way: %+v", v)
	}
	_, err := s.Imports.Cancel(t.Context(), s.coordinator, importjob.Cancel{ImportJobID: id})
	testkit.WantCode(t, err, "")
	if v := s.until(t, id, never); v.State != importjob.Cancelled || v.Reason != nil || v.Made == rows {
		t.Errorf("the end: %+v", v)
	}
}

func TestAJobEndsWithItsStartersRights(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := s.start(t)
	s.until(t, id, underWay)
	_, _, err := s.Accounts.RoleRevoke(t.Context(), access.System("test"), account.RoleRevoke{GrantID: s.coordinator.Grants[0].ID, Reason: "COMPLAINT"})
	testkit.WantCode(t, err, "")
	if v := s.until(t, id, never); v.State != importjob.Cancelled || v.Reason == nil || *v.Reason != string(fault.CodeForbidden) {
		t.Errorf("the end: %+v", v)
	}
}

func TestAClosedServerInterruptsAndTheSameTableGoesOn(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := s.start(t)
	s.until(t, id, func(v *importjob.View) bool { return v.Steps > rows }) // some are written
	s.Imports.Close()
	if v := s.until(t, id, never); v.State != importjob.Interrupted || v.Made == 0 || v.Made == rows {
		t.Fatalf("the end: %+v", v)
	}
	_, err := s.Imports.Start(t.Context(), s.coordinator, importjob.Start{File: "recipients.csv", Data: []byte("x")})
	testkit.WantCode(t, err, fault.CodeUnavailable)
	made := 0
	testkit.WantCode(t, s.Recipients.Rows().Each(t.Context(), store.Query{}, func(r *recipient.Recipient) error {
		if strings.HasPrefix(r.Private.Name, "测试") {
			made++
		}
		return nil
	}), "")
	report, err := intake.ImportAs(t.Context(), s.coordinator, []intake.Input{{Name: "recipients.csv", Data: table()}}, s.Tables(), nil)
	testkit.WantCode(t, err, "")
	if f := report.Files[0]; f.Known != made || f.Made != rows-made {
		t.Errorf("again: %+v, %d were there", f, made)
	}
}
