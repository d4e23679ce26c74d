package intake

import (
	"context"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/usecase"
)

func labels(c codes.Code) (zh, en string) {
	return c.Label(context.Background()), c.Label(codes.WithLocale(context.Background(), "en"))
}

var yesNo = []word{{"yes", []string{"是", "true", "1", "y", "√"}}, {"no", []string{"否", "false", "0", "n"}}}

// flag is a yes or no; an empty cell is no.
func (c *cells) flag(column string) bool { return c.choice(column, "no", yesNo) == "yes" }

// number is a whole number, nil when the cell is empty.
func (c *cells) number(column string) *int {
	given := c.Text(column)
	if given == "" {
		return nil
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		c.wrong(column, fault.CodeInvalid, "应为整数。", "A whole number is wanted.")
		return nil
	}
	return &n
}

var (
	dayForm   = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 0?0:00(?::00)?)?$`)
	shortForm = regexp.MustCompile(`^((?:19|20)\d{2})(\d{2})(\d{2})$`)
	countForm = regexp.MustCompile(`^\d{1,6}(?:\.\d+)?$`) // as spreadsheets keep dates
	awayForm  = regexp.MustCompile(`^([+-]\d{1,4})[d天]$`)
	clockForm = regexp.MustCompile(`^(\d{1,2})[:：](\d{2})$`)
)

// date is a day, nil when the cell is empty: 2026-03-01, 2026/3/1, 2026年3月1日, or
// so many days from the import: +30d, +30天.
func (c *cells) date(column string) *usecase.Date {
	given := c.Text(column)
	if given == "" {
		return nil
	}
	d, ok := c.day(given)
	if !ok {
		c.wrong(column, fault.CodeInvalid, "日期应写作 2026-03-01，或 +30d（导入后第 30 天）。", "A date is written 2026-03-01, or +30d for the 30th day from the import.")
		return nil
	}
	return &d
}

// dayOf is date, "" when the cell is empty.
func (c *cells) dayOf(column string) usecase.Date {
	if d := c.date(column); d != nil {
		return *d
	}
	return ""
}

func (c *cells) day(given string) (usecase.Date, bool) {
	if m := awayForm.FindStringSubmatch(given); m != nil {
		n, _ := strconv.Atoi(m[1]) // the form lets only numbers through
		return usecase.DateOf(c.run.now.AddDate(0, 0, n)), true
	}
	if at, ok := c.counted(given); ok {
		return usecase.Date(at.Format(time.DateOnly)), true
	}
	given = strings.Map(halfDigit, strings.TrimSuffix(given, "T00:00:00"))
	m := dayForm.FindStringSubmatch(given)
	if m == nil {
		m = shortForm.FindStringSubmatch(given)
	}
	if m == nil {
		return "", false
	}
	d := usecase.Date(m[1] + "-" + pad(m[2]) + "-" + pad(m[3]))
	_, err := d.Start()
	return d, err == nil
}

// counted reads the days, and parts of one, since the beginning of a spreadsheet's
// calendar. Before March 1900 that calendar is not ours.
func (c *cells) counted(given string) (time.Time, bool) {
	if !countForm.MatchString(given) {
		return time.Time{}, false
	}
	days, err := strconv.ParseFloat(given, 64)
	begin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if c.Days1904() {
		begin = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	at := begin.Add(time.Duration(math.Round(days*24*60)) * time.Minute)
	return at, err == nil && days >= 61 && at.Year() < 2200
}

// halfDigit narrows full-width digits beside words, as in １９９０年.
func halfDigit(r rune) rune {
	if r >= '０' && r <= '９' {
		return r - '０' + '0'
	}
	return r
}

func pad(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// moment is a day and a time of day in China: 2026-03-01 09:30, +3d 09:30.
func (c *cells) moment(column string) time.Time {
	if at, ok := c.counted(c.Text(column)); ok {
		return at.Add(-8 * time.Hour) // it is China's time
	}
	given := strings.Fields(strings.NewReplacer("T", " ").Replace(c.Text(column)))
	if len(given) == 2 {
		d, ok := c.day(given[0])
		m := clockForm.FindStringSubmatch(given[1])
		if start, err := d.Start(); ok && err == nil && m != nil {
			h, _ := strconv.Atoi(m[1]) // the form lets only numbers through
			min, _ := strconv.Atoi(m[2])
			if h < 24 && min < 60 {
				return start.Add(time.Duration(h)*time.Hour + time.Duration(min)*time.Minute)
			}
		}
	}
	c.wrong(column, fault.CodeInvalid, "时间应写作 2026-03-01 09:30，或 +3d 09:30。", "A moment is written 2026-03-01 09:30, or +3d 09:30.")
	return time.Time{}
}

// window is the time between two cells, nil when both are empty.
func (c *cells) window(from, to string) *measure.Window {
	if c.Text(from) == "" && c.Text(to) == "" {
		return nil
	}
	w := measure.Window{From: c.moment(from), To: c.moment(to)}
	if !w.From.IsZero() && !w.To.IsZero() && w.Check() != nil {
		e := fault.New(fault.CodeWindowInvalid)
		c.wrong(to, e.Code, e.Message("zh"), e.Message("en"))
	}
	return &w
}

// unit is a word for a unit and how many base units it is.
type unit struct {
	base  measure.Unit
	times int64
}

var units = map[string]unit{
	"PIECE": {measure.Piece, 1}, "件": {measure.Piece, 1}, "个": {measure.Piece, 1}, "份": {measure.Piece, 1}, "次": {measure.Piece, 1},
	"张": {measure.Piece, 1}, "辆": {measure.Piece, 1}, "套": {measure.Piece, 1}, "袋": {measure.Piece, 1}, "台": {measure.Piece, 1},
	"MINUTE": {measure.Minute, 1}, "分钟": {measure.Minute, 1}, "HOUR": {measure.Minute, 60}, "小时": {measure.Minute, 60}, "课时": {measure.Minute, 45},
	"GRAM": {measure.Gram, 1}, "克": {measure.Gram, 1}, "KG": {measure.Gram, 1000}, "千克": {measure.Gram, 1000}, "公斤": {measure.Gram, 1000}, "斤": {measure.Gram, 500},
	"MILLILITRE": {measure.Millilitre, 1}, "毫升": {measure.Millilitre, 1}, "LITRE": {measure.Millilitre, 1000}, "升": {measure.Millilitre, 1000},
	"FEN": {measure.Fen, 1}, "分": {measure.Fen, 1}, "YUAN": {measure.Fen, 100}, "元": {measure.Fen, 100},
}

// quantity is a number with the unit in another cell, in base units.
func (c *cells) quantity(number, unitColumn string) measure.Quantity {
	u, ok := units[strings.ToUpper(c.Text(unitColumn))]
	if !ok {
		c.wrong(unitColumn, fault.CodeUnitMismatch, "单位可以是：件、次、份、分钟、小时、克、千克、毫升、升、元、分。", "Units: piece, minute, hour, gram, kg, millilitre, litre, yuan, fen.")
		return measure.Quantity{}
	}
	n, ok := new(big.Rat).SetString(c.Text(number))
	if ok {
		n.Mul(n, new(big.Rat).SetInt64(u.times))
	}
	if !ok || !n.IsInt() || !n.Num().IsInt64() || len(c.Text(number)) > 20 {
		e := fault.New(fault.CodeQuantityInvalid, fault.P("max", measure.MaxQuantity))
		c.wrong(number, e.Code, e.Message("zh"), e.Message("en"))
		return measure.Quantity{}
	}
	return measure.Quantity{Value: n.Num().Int64(), Unit: u.base}
}
