package matching

import (
	"context"
	"testing"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/measure"
)

// What was found is told as a social worker reads it, in their language.
func TestWhatWasFoundIsToldInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, found string
		unit        measure.Unit
		zh, en      string
	}{
		{"KIND", "GOODS", measure.Piece, "物资", "goods"},
		{"UNIT", "FEN", measure.Fen, "元", "CNY"},
		{"QUANTITY", "300 ≥ 2", measure.Piece, "300 件 ≥ 2 件", "300 pieces ≥ 2 pieces"},
		{"QUANTITY", "50000 / 120050", measure.Fen, "500.00 元 / 1200.50 元", "CNY 500.00 / CNY 1200.50"},
		{"QUANTITY", "60", measure.Minute, "60 分钟", "60 min"},
		{"WINDOW", "2026-03-02T17:30:00Z", measure.Minute, "2026-03-03 01:30", "2026-03-03 01:30"},
		{"WINDOW", "", measure.Minute, "", ""},
		{"SKILL", "DRIVING COOKING", measure.Minute, "驾驶、烹饪", "Driving, Cooking"},
		{"DISTANCE", "130203001010", measure.Piece, "同一社区", "the same community"},
		{"DISTANCE", "1302", measure.Piece, "同一市", "the same city"},
		{"DISTANCE", "", measure.Piece, "", ""},
		{"LOAD", "3", measure.Minute, "已承诺 3 项", "3 promised"},
		{"CONTINUITY", "2", measure.Minute, "曾为其服务 2 次", "has helped them 2 times"},
		{"PAIRING", "2", measure.Minute, "与主责社工搭档过 2 次", "has worked with the lead 2 times"},
		{"SKILL_FIT", "COOKING", measure.Minute, "烹饪", "Cooking"},
		{"IDLE", "3 / 10", measure.Piece, "3 件 / 10 件", "3 pieces / 10 pieces"},
		{"PAST_CONFIRMATION", "3 4", measure.Piece, "以往 4 次中 3 次获确认", "3 of 4 confirmed"},
		{"PAST_CONFIRMATION", "", measure.Piece, "尚无确认记录", "nothing to go by yet"},
		{"CAPACITY", "EXISTING_ONLY", measure.Piece, "只接收服务过的对象", "takes on whom it has served"},
		{"EXPIRY", "2026-04-01", measure.Piece, "2026-04-01", "2026-04-01"},
		{"ORG_CREDIT", "", measure.Piece, "", ""},
	} {
		v := reasonView(Reason{Rule: c.rule, Detail: c.found}, c.unit)
		zh, en := v.Detail(context.Background()), v.Detail(codes.WithLocale(context.Background(), "en"))
		if zh != c.zh || en != c.en {
			t.Errorf("%s %q: %q, %q", c.rule, c.found, zh, en)
		}
	}
	v := reasonView(Reason{Rule: "AREA", Detail: "130203 130204"}, measure.Piece)
	if v.Detail(context.Background()) != "130203 130204" {
		t.Error("without their names areas are told by their codes")
	}
	if v.areas = []string{"路北区", "古冶区"}; v.Detail(context.Background()) != "路北区、古冶区" {
		t.Error(v.Detail(context.Background()))
	}
}
