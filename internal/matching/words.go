package matching

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
)

// ReasonView is one rule applied.
type ReasonView struct {
	Rule  codes.Code
	Score *float64

	found string // as it is stored
	unit  measure.Unit
	areas []string // names of the divisions that were found
}

func reasonView(r Reason, unit measure.Unit) ReasonView {
	return ReasonView{Rule: codes.Code{List: codes.MatchRule, ID: r.Rule}, Score: r.Score, found: r.Detail, unit: unit}
}

// named reads the names of the divisions that reasons speak of.
func (s *Service) named(ctx context.Context, a access.Actor, lists ...[]ReasonView) error {
	var places []string
	each := func(fn func(v *ReasonView, found []string)) {
		for _, list := range lists {
			for i := range list {
				if list[i].Rule.ID == "AREA" {
					fn(&list[i], strings.Fields(list[i].found))
				}
			}
		}
	}
	each(func(_ *ReasonView, found []string) {
		for _, code := range found {
			places = append(places, division.ID(code))
		}
	})
	if len(places) == 0 {
		return nil
	}
	div, err := s.divisions.Views(ctx, a, places)
	each(func(v *ReasonView, found []string) {
		for _, code := range found {
			if d := div[division.ID(code)]; d != nil {
				code = d.Name
			}
			v.areas = append(v.areas, code)
		}
	})
	return err
}

// tokens are what reasons name by a token, in Chinese and English.
var tokens = map[string][2]string{
	string(request.KindGoods): {"物资", "goods"}, string(request.KindFund): {"资金", "money"}, string(request.KindVenue): {"场地", "a venue"},
	string(request.KindService): {"服务", "a service"}, string(resource.InKind): {"实物或技能", "in kind"}, string(request.KindHours): {"志愿工时", "volunteers' hours"},
	string(measure.Piece): {"件", "pieces"}, string(measure.Gram): {"克", "g"}, string(measure.Millilitre): {"毫升", "ml"},
	string(measure.Minute): {"分钟", "min"}, string(measure.Fen): {"元", "CNY"},
	string(resource.AcceptsNew): {"接收新的服务对象", "takes new recipients on"}, string(resource.ExistingOnly): {"只接收服务过的对象", "takes on whom it has served"},
	string(resource.ExistingFamilies): {"只接收服务过的对象及其家人", "takes on whom it has served and their families"},
}

// Detail is what was found, in the reader's language: names instead of tokens and codes,
// times of China, money in yuan; "" when there is nothing to add.
func (v ReasonView) Detail(ctx context.Context) string {
	english := codes.English(ctx)
	say := func(zh, en string) string {
		if english {
			return en
		}
		return zh
	}
	comma := say("、", ", ")
	switch v.Rule.ID {
	case "SKILL", "SKILL_FIT":
		var labels []string
		for _, id := range strings.Fields(v.found) {
			labels = append(labels, codes.Label(ctx, codes.Skill, id))
		}
		return strings.Join(labels, comma)
	case "AREA":
		if len(v.areas) > 0 {
			return strings.Join(v.areas, comma)
		}
	case "QUANTITY", "IDLE":
		parts := strings.Fields(v.found)
		for i, p := range parts {
			if n, err := strconv.ParseInt(p, 10, 64); err == nil {
				parts[i] = measure.Quantity{Value: n, Unit: v.unit}.Text(english)
			}
		}
		return strings.Join(parts, " ")
	case "WINDOW":
		if at, err := time.Parse(time.RFC3339, v.found); err == nil {
			return at.In(clock.China).Format("2006-01-02 15:04")
		}
	case "DISTANCE":
		switch len(v.found) {
		case 12:
			return say("同一社区", "the same community")
		case 9:
			return say("同一乡镇、街道", "the same town or street")
		case 6:
			return say("同一县（市、区）", "the same county")
		case 4:
			return say("同一市", "the same city")
		}
	case "CONTINUITY":
		return fmt.Sprintf(say("曾为其服务 %s 次", "has helped them %s times"), v.found)
	case "PAIRING":
		return fmt.Sprintf(say("与主责社工搭档过 %s 次", "has worked with the lead %s times"), v.found)
	case "PAST_CONFIRMATION":
		if confirmed, all, ok := strings.Cut(v.found, " "); ok {
			return fmt.Sprintf(say("以往 %[2]s 次中 %[1]s 次获确认", "%s of %s confirmed"), confirmed, all)
		}
		return say("尚无确认记录", "nothing to go by yet")
	case "LOAD":
		return fmt.Sprintf(say("已承诺 %s 项", "%s promised"), v.found)
	}
	if w, ok := tokens[v.found]; ok {
		return say(w[0], w[1])
	}
	return v.found
}
