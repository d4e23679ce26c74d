package intake

import (
	"regexp"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/rota"
)

var (
	weekdays = []word{
		{"MONDAY", []string{"周一", "星期一"}},
		{"TUESDAY", []string{"周二", "星期二"}},
		{"WEDNESDAY", []string{"周三", "星期三"}},
		{"THURSDAY", []string{"周四", "星期四"}},
		{"FRIDAY", []string{"周五", "星期五"}},
		{"SATURDAY", []string{"周六", "星期六"}},
		{"SUNDAY", []string{"周日", "星期日", "周天", "星期天"}},
	}
	slotForm = regexp.MustCompile(`^(\S+?)\s*(\d{1,2})[:：](\d{2})\s*[-–~至]\s*(\d{1,2})[:：](\d{2})$`)
)

// hours are stretches of a week: 周一 09:00-11:30; FRIDAY 14:00-16:00.
func (c *cells) hours(column string) []rota.Slot {
	var out []rota.Slot
	for _, part := range parts(c.Text(column)) {
		m := slotForm.FindStringSubmatch(strings.TrimSpace(part))
		on := rota.Day("")
		for _, w := range weekdays {
			for _, name := range append([]string{w.value}, w.also...) {
				if m != nil && strings.EqualFold(name, m[1]) {
					on = rota.Day(w.value)
				}
			}
		}
		if on == "" {
			c.wrong(column, fault.CodeInvalid, "时间应写作 周一 09:00-11:30。", "A stretch is written MONDAY 09:00-11:30.")
			return nil
		}
		out = append(out, rota.Slot{Day: on, From: pad(m[2]) + ":" + m[3], To: pad(m[4]) + ":" + m[5]})
	}
	return out
}

func (s speech) hours(r rota.Rota) string {
	out := make([]string, len(r))
	for i, slot := range r {
		out[i] = s.word(weekdays, string(slot.Day)) + " " + slot.From + "-" + slot.To
	}
	return strings.Join(out, ";")
}
