package testkit

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Codes of the divisions that every world has, with the real names of 2023-06-30.
const (
	City       = "1302"         // 唐山市
	Lunan      = "130202"       // 路南区
	Lubei      = "130203"       // 路北区
	Street     = "130202001"    // a street of 路南区, where the station stands
	Town       = "130202102"    // a town of 路南区, without a station
	Community1 = "130202001001" // 立新东楼社区
	Community2 = "130202001003"
	Village    = "130202102201" // 龙凤庄村
	Elsewhere  = "130203001001" // a community of 路北区
)

// World is a store with its services, open until the test ends.
type World struct {
	Core          *usecase.Core
	Clock         *clock.Manual
	Divisions     *division.Service
	Organisations *organisation.Service
	Stations      *station.Service
	Communities   *community.Service
	Workers       *socialworker.Service

	Station      string // id of a social-work station in operation at Street
	Organisation string // id of an admitted service institution
}

// Start is the moment at which a world's clock stands: a Monday morning in China.
var Start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// Open makes a world. Each of also registers further services before the store
// starts.
func Open(t testing.TB, also ...func(w *World)) *World {
	t.Helper()
	return OpenOn(t, sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "world.db")}), also...)
}

// OpenOn makes a world on a fresh store of any engine.
func OpenOn(t testing.TB, a store.Adapter, also ...func(w *World)) *World {
	t.Helper()
	w := &World{Clock: clock.NewManual(Start)}
	db := store.New(a, store.Options{Now: w.Clock.Now})
	box, err := seal.New(make([]byte, seal.KeySize))
	ok(t, err)
	w.Core = &usecase.Core{DB: db, Once: store.NewOnce(db), Box: box, Now: w.Clock.Now}
	w.Divisions = division.New(w.Core)
	w.Organisations = organisation.New(w.Core, w.Divisions)
	w.Stations = station.New(w.Core, w.Divisions, w.Organisations)
	w.Communities = community.New(w.Core, w.Divisions, w.Stations)
	w.Workers = socialworker.New(w.Core, w.Organisations, w.Stations)
	for _, register := range also {
		register(w)
	}
	ok(t, db.Start(context.Background()))
	t.Cleanup(func() { ok(t, db.Close()) })
	w.seed(t)
	return w
}

// seed fills the world; it takes as few steps as can be.
func (w *World) seed(t testing.TB) {
	t.Helper()
	wanted := map[string]bool{"13": true}
	for _, code := range []string{City, Lunan, Lubei, Street, Town, "130203001", Community1, Community2, Village, Elsewhere} {
		wanted[code] = true
	}
	ctx := context.Background()
	ok(t, w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		for f := range division.Facts() {
			if !wanted[f.Code] {
				continue
			}
			d := &division.Division{Head: store.Head{ID: division.ID(f.Code)}, Code: f.Code, Name: f.Name}
			if err := w.Divisions.Rows().Insert(ctx, d, store.Note{}); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, code := range []string{Community1, Community2, Village, Elsewhere} {
		_, _, err := w.Communities.Create(ctx, w.System(), community.Create{DivisionID: division.ID(code)})
		ok(t, err)
	}
	w.Organisation = w.AddOrganisation(t, "唐山市路南区暖阳社会工作服务中心（示例）", "52130202MJ0000C30R")
	w.Station = w.AddStation(t, "学院南路街道社工站", station.SocialWork, station.Street, Street)
}

// AddOrganisation makes an admitted social organisation that works in 路南区.
func (w *World) AddOrganisation(t testing.TB, name, creditCode string) string {
	t.Helper()
	ctx, sys := context.Background(), w.System()
	o, _, err := w.Organisations.Create(ctx, sys, organisation.Create{Name: name, Kind: organisation.Social, CreditCode: &creditCode, DivisionID: division.ID(Lunan)})
	ok(t, err)
	_, _, err = w.Organisations.Verify(ctx, sys, organisation.Verify{OrganisationID: o.ID, Evidence: "登记证书", ExpectedVersion: 1})
	ok(t, err)
	_, _, err = w.Organisations.Admit(ctx, sys, organisation.Admit{OrganisationID: o.ID, ExpectedVersion: 2})
	ok(t, err)
	return o.ID
}

// AddStation makes a station in operation at a division.
func (w *World) AddStation(t testing.TB, name string, kind station.Kind, level station.Level, code string) string {
	t.Helper()
	ctx, sys := context.Background(), w.System()
	s, _, err := w.Stations.Create(ctx, sys, station.Create{Name: name, Kind: kind, Level: level, DivisionID: division.ID(code)})
	ok(t, err)
	_, _, err = w.Stations.Open(ctx, sys, station.Open{StationID: s.ID, ExpectedVersion: 1})
	ok(t, err)
	return s.ID
}

// AddWorker makes a social worker with a post at the world's station.
func (w *World) AddWorker(t testing.TB, name string) string {
	t.Helper()
	v, _, err := w.Workers.Create(context.Background(), w.System(), socialworker.Create{Name: name, StationID: w.Station})
	ok(t, err)
	return v.ID
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
