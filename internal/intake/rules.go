package intake

import (
	"context"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/sheet"
)

// is gives a column its rule in words.
func is(c sheet.Column, zh, en string) sheet.Column {
	c.Zh, c.En = zh, en
	return c
}

// dated is a column of days.
func dated(c sheet.Column) sheet.Column {
	return is(c, "日期，如 2026-03-01", "a day, as 2026-03-01")
}

// timed is a column of moments.
func timed(c sheet.Column) sheet.Column {
	return is(c, "时间，如 2026-03-01 09:30", "a moment, as 2026-03-01 09:30")
}

// named is a column that refers to a row of another table.
func named(c sheet.Column, zh, table string) sheet.Column {
	return is(c, zh+"表中的标识，或系统编号", "a key in "+table+", or an id")
}

// placed is a column of division codes.
func placed(c sheet.Column) sheet.Column {
	return is(c, "区划代码，2、4、6、9 或 12 位；设为文本格式", "a division code of 2 to 12 digits; as text")
}

// listed is a column of a closed set of words.
func listed(c sheet.Column, words []word) sheet.Column {
	for _, w := range words {
		if len(w.also) > 0 {
			c.Options = append(c.Options, w.also[0])
		} else {
			c.Options = append(c.Options, w.value)
		}
	}
	return is(c, "从列表中选", "one of the list")
}

// coded is a column of one entry of a code list; several is one of many.
func coded(c sheet.Column, list codes.List) sheet.Column {
	for _, e := range codes.All(list) {
		c.Options = append(c.Options, e.Label(context.Background()))
	}
	return is(c, "从列表中选", "one of the list")
}

func several(c sheet.Column, list codes.List) sheet.Column {
	c = coded(c, list)
	return is(c, "可多个，用分号或顿号隔开", "several, parted by ; or 、")
}
