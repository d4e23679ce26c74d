package intake

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/usecase"
)

// problem tells an error of a use case in the terms of the file.
func (s loaded) problem(row sheet.Row, err error) sheet.Problem {
	p := sheet.Problem{File: s.Name, Row: row.Number, Code: fault.CodeOf(err)}
	e, ok := fault.As(err)
	switch {
	case !ok:
		p.Zh, p.En = "内部错误："+err.Error(), "Internal error: "+err.Error()
	case e.Code == fault.CodeIdempotencyKeyReused:
		p.Column = row.Head(keyColumn)
		p.Zh, p.En = "以前导入过同一标识的行，但内容不同；请改用新的标识，或在系统中修改。", "A row with this key was imported before with other content: use a new key, or change the object itself."
	default:
		p.Column, p.Zh, p.En = s.column(row, e.Path), e.Message("zh"), e.Message("en")
		if field, _ := e.Params["field"].(string); p.Column == "" {
			p.Column = s.column(row, []string{field})
		}
	}
	return p
}

func (s loaded) remark(row sheet.Row, n usecase.Notice) sheet.Problem {
	zh, en := context.Background(), codes.WithLocale(context.Background(), "en")
	return sheet.Problem{File: s.Name, Row: row.Number, Column: s.column(row, n.Path), Code: fault.Code(n.Code), Zh: n.Message(zh), En: n.Message(en)}
}

// fields are the fields of the API that stand in a column of another name.
var fields = map[string][]string{
	"window": {"from"}, "name": {keyColumn}, "login": {keyColumn}, "code": {keyColumn}, "divisionId": {keyColumn}, "communityIds": {"community"}, "successorIds": {"successors"},
	"role": {"roles"}, "scopeId": {"roles"}, "guardianConsent": {"guardianName"}, "location": {"latitude"}, "volunteerId": {"members"}, "holderId": {"holders"},
	"number": {"term"}, "validFrom": {"termFrom", "certifiedOn"}, "validTo": {"termTo", "gradeValidTo"},
}

// column is the header of the input field that a path names. Columns are named
// after the fields of the API; a reference without its Id.
func (s loaded) column(row sheet.Row, path []string) string {
	for _, means := range []func(field, column string) bool{
		func(field, column string) bool { return field == column || field == column+"Id" },
		func(field, column string) bool { return slices.Contains(fields[field], column) },
	} {
		for _, field := range path {
			for _, c := range s.table.columns {
				if means(field, c.Name) {
					return row.Head(c.Name)
				}
			}
		}
	}
	return ""
}
