package bench

import (
	"bytes"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/sheet"
)

// people is how many volunteers the imported workbook has.
const people = 100_000

// roster is a workbook of volunteers as a station keeps one.
func roster(b *testing.B, n int) []byte {
	b.Helper()
	columns := []sheet.Column{{Name: "姓名"}, {Name: "志愿者编号"}, {Name: "电话"}, {Name: "出生日期"}, {Name: "技能"}, {Name: "社区代码"}}
	var out bytes.Buffer
	w, err := sheet.Write(&out, sheet.XLSX, columns, "zh")
	must(b, err)
	given := []rune("安宁思远志强丽华建国秀英文静海涛雨晨浩然梓涵")
	for i := range n {
		name := "王" + string(given[i%len(given)]) + string(given[i/len(given)%len(given)])
		must(b, w.Row([]string{name, fmt.Sprintf("9902%014d", i), fmt.Sprintf("138%08d", i), "1988-05-04", "烹饪、陪伴", "130203001010"}))
	}
	must(b, w.Close())
	return out.Bytes()
}

// BenchmarkImport imports 100,000 volunteers from one workbook through the use cases:
// opened, checked whole, written. MB is the most that the heap grew.
func BenchmarkImport(b *testing.B) {
	file, embedded := roster(b, people), 1.0
	for _, e := range engines[:2] {
		b.Run(e.name, func(b *testing.B) {
			s := open(b, e.address(b), 0)
			rows, most, cpu := 0.0, uint64(0), time.Duration(0)
			for round := 0; b.Loop(); round++ {
				if round > 0 {
					s = open(b, e.address(b), 0)
				}
				runtime.GC()
				cpu = work(b)
				began, stop := time.Now(), peak(&most)
				report, err := intake.ImportFolder(b.Context(), fstest.MapFS{"志愿者.xlsx": &fstest.MapFile{Data: file}}, s.Tables(), nil)
				stop()
				must(b, err)
				if made := report.Files[0].Made; made != people {
					b.Fatalf("%d made", made)
				}
				rows, cpu = people/time.Since(began).Seconds(), work(b)-cpu
			}
			b.ReportMetric(rows, "rows/s")
			b.ReportMetric(float64(cpu.Microseconds())/people, "cpu-µs/row")
			b.ReportMetric(float64(most)/1e6, "MB-heap")
			if e.name == "sqlite" {
				embedded = rows
			} else {
				b.ReportMetric(rows/embedded, "to-sqlite")
			}
		})
	}
}

// work is the processor time that this process has had.
func work(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak watches the heap until it is stopped.
func peak(most *uint64) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				*most = max(*most, m.HeapInuse)
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}
