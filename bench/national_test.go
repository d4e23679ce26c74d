package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/platform"
)

// villages is how many communities and villages the country has.
const villages = 620_573

// nation writes a file of divisions as large as the country's: so many villages, sixteen
// a town, fourteen towns a county, nine counties a city, twelve cities a province. It
// answers with how many rows that are.
func nation(t testing.TB, path string, villages int) (rows int) {
	t.Helper()
	file, err := os.Create(path)
	must(t, err)
	w := bufio.NewWriter(file)
	write := func(code, name string) {
		rows++
		_, err := fmt.Fprintf(w, "%s,%s\n", code, name)
		must(t, err)
	}
	write("code", "name")
	rows--
	var stems []string // names of real ones
	for f := range division.Facts() {
		if f.Level == division.LevelCommunity {
			stems = append(stems, f.Name)
		}
	}
	for n := range villages {
		town, county, city := n/16, n/16/14, n/16/14/9
		province := fmt.Sprint([]int{11, 12, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65}[city/12])
		at := fmt.Sprintf("%s%02d", province, city%12+1)
		if n%(16*14*9*12) == 0 {
			write(province, "第"+province+"省")
		}
		if n%(16*14*9) == 0 {
			write(at, stems[city])
		}
		if at += fmt.Sprintf("%02d", county%9+1); n%(16*14) == 0 {
			write(at, stems[county])
		}
		if at += fmt.Sprintf("%03d", town%14+100); n%16 == 0 {
			write(at, stems[town%len(stems)])
		}
		write(fmt.Sprintf("%s%03d", at, n%16+200), stems[n%len(stems)])
	}
	must(t, w.Flush())
	must(t, file.Close())
	return rows
}

// BenchmarkNational imports a file as large as all divisions of the country: checked
// whole, then written. MB is the most that the heap grew.
func BenchmarkNational(b *testing.B) {
	path := filepath.Join(b.TempDir(), "divisions.csv")
	rows := nation(b, path, villages)
	adapter, err := platform.Adapter(embedded(b))
	must(b, err)
	p, err := platform.Open(b.Context(), platform.Config{Adapter: adapter, Accounts: account.Config{AccessTTL: time.Hour}})
	must(b, err)
	b.Cleanup(func() { must(b, p.Close()) })
	for round := 0; b.Loop(); round++ {
		src, err := division.OpenSource(path)
		must(b, err)
		runtime.GC()
		most, cpu, began := uint64(0), work(b), time.Now()
		stop := peak(&most)
		done, err := p.Divisions.Import(b.Context(), src, false, nil, nil)
		stop()
		must(b, err)
		if done.Read != rows || round == 0 && done.Added != rows {
			b.Fatalf("%+v of %d", done, rows)
		}
		if round == 0 { // later ones find all there
			b.ReportMetric(time.Since(began).Seconds(), "s")
			b.ReportMetric((work(b) - cpu).Seconds(), "cpu-s")
			b.ReportMetric(float64(most)/1e6, "MB-heap")
			b.ReportMetric(float64(rows), "rows")
		}
	}
}
