package fault

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// tokens are the words for what parameters name by a token of the API: units, nouns, and
// the fields by which two entries differ. The parameter itself stays as it is.
var tokens = map[string]struct{ zh, en string }{
	"ACCOUNT":          {"账号", "accounts"},
	"ALLOCATION":       {"调配", "allocations"},
	"ASSIGNMENT":       {"派单", "assignments"},
	"CHARITY_RESOURCE": {"公益慈善资源", "charity resources"},
	"CLAIM":            {"认领", "claims"},
	"FEN":              {"分（金额）", "fen (money)"},
	"GRAM":             {"克", "grams"},
	"MATCH_PROPOSAL":   {"匹配", "match proposals"},
	"MERGE":            {"未完成的合并", "merges that go on"},
	"MILLILITRE":       {"毫升", "millilitres"},
	"MINUTE":           {"分钟", "minutes"},
	"OFFER":            {"供给", "offers"},
	"PIECE":            {"件", "pieces"},
	"POST":             {"岗位", "posts"},
	"SERVICE_REQUEST":  {"服务需求", "service requests"},
	"SOCIAL_WORKER":    {"社会工作者", "social workers"},
	"STATION":          {"站点", "stations"},
	"TEAM":             {"志愿队伍", "teams"},
	"admission":        {"准入状态", "admission"},
	"bornOn":           {"出生日期", "date of birth"},
	"certificate":      {"职业水平证书", "certificate"},
	"credit":           {"信用状态", "credit status"},
	"creditCode":       {"统一社会信用代码", "credit code"},
	"filingNumber":     {"备案号", "filing number"},
	"kind":             {"种类", "kind"},
	"number":           {"编号", "number"},
	"state":            {"状态", "state"},
}

// tokenKeys are the parameters that name something so; all others are shown as they are,
// for they may be a person's own words.
var tokenKeys = map[string]bool{"want": true, "got": true, "open": true, "fields": true}

var (
	wordToken = regexp.MustCompile(`[A-Za-z_]+`)
	duration  = regexp.MustCompile(`^P(?:(\d+)D|T(\d+)H|T(\d+)M)$`)
	china     = time.FixedZone("Asia/Shanghai", 8*60*60)
)

// told is a parameter's text for people: tokens in words, a duration by its unit, a moment
// as a clock in China shows it.
func told(key, s string, english bool) string {
	say := func(zh, en string) string {
		if english {
			return en
		}
		return zh
	}
	if tokenKeys[key] {
		return wordToken.ReplaceAllStringFunc(s, func(t string) string {
			if w, ok := tokens[t]; ok {
				return say(w.zh, w.en)
			}
			return t
		})
	}
	if !english && key == "allowed" {
		return wordToken.ReplaceAllStringFunc(s, func(t string) string { return cmp.Or(actions[t], t) })
	}
	if !english && (key == "state" || key == "from") && states[s] != "" {
		return states[s]
	}
	if d := duration.FindStringSubmatch(s); d != nil {
		for i, unit := range [...][2]string{{"天", "day"}, {"小时", "hour"}, {"分钟", "minute"}} {
			if n, err := strconv.Atoi(d[i+1]); err == nil {
				plural := "s"
				if n == 1 {
					plural = ""
				}
				return fmt.Sprint(n, " ", say(unit[0], unit[1]+plural))
			}
		}
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at.In(china).Format("2006-01-02 15:04")
	}
	return s
}

// instead is the text where the code's own would not read well: of a range with one end, of
// a line that needs nothing more, and of what was retired because it is another thing; ""
// for all else.
func (e *Error) instead(english bool) string {
	least, some := e.Params["min"].(string)
	most, too := e.Params["max"].(string)
	zh, en := "", ""
	switch {
	case e.Code == CodeRetired && e.Params["merged"] == true:
		zh, en = "已并入另一条记录，请改用那一条。", "It was merged into another; use that one."
	case e.Code == CodeLineCovered && fmt.Sprint(e.Params["missing"]) == "0":
		zh, en = "该需求项所缺的已全部落实或已有人提议。", "All that the line missed is promised or proposed already."
	case e.Code != CodeOutOfRange || !some || !too:
	case least == "" && most != "":
		zh, en = "超出范围：最大（最晚）为 {end}。", "Out of range: {end} at the most."
	case most == "" && least != "":
		zh, en, most = "超出范围：最小（最早）为 {end}。", "Out of range: {end} at the least.", least
	}
	if english {
		zh = en
	}
	return strings.ReplaceAll(zh, "{end}", told("max", most, english))
}
