package play

import (
	"fmt"
	"strings"
	"time"
)

// chinese are the words for the API's names, for readers who do not know them.
var chinese = map[string]string{
	"DRAFT": "草稿", "SUBMITTED": "已提交", "TRIAGED": "已研判", "MATCHING": "匹配中", "ARRANGED": "已安排", "IN_SERVICE": "服务中",
	"DELIVERED": "已送达", "CONFIRMED": "已确认", "CLOSED": "已结案",
	"NONE": "尚未落实", "PARTIAL": "部分落实", "FULL": "全部落实", "PROPOSED": "已提议", "HELD": "已预留", "COMMITTED": "已确认给", "DISPATCHED": "已发出",
	"OFFERED": "已邀请", "ACCEPTED": "已接受", "CHECKED_IN": "已签到", "CHECKED_OUT": "已签退", "COMPLETED": "已报告", "VERIFIED": "已核验", "FULFILLED": "已完成",
	"COMMUNITY": "社区", "SOCIAL_WORKER": "社会工作者", "SOCIAL_ORGANISATION": "社会组织", "VOLUNTEER": "志愿者", "CHARITY_RESOURCE": "公益慈善资源",
	"COORDINATED": "协调", "LED": "主责", "HELPED": "服务", "SUPPLIED": "提供",
	"SERVICE": "服务", "HOURS": "志愿时间", "RequestEntered": "需求进入看板",
	"CONSENT_REQUIRED": "被拒绝：缺少同意", "CONFLICT": "被拒绝：已有新版本", "OUT_OF_RANGE": "被拒绝：超出需要", "ALREADY_DECIDED": "被拒绝：已有结果",
	"FENCED": "被拒绝：序号过期", "LINK_USED": "被拒绝：链接已用过", "FORBIDDEN": "被拒绝：没有权限",
}

// word shows a value as people say it: yes and no, nothing for what is withheld, and
// in Chinese the word with the API's own name behind it.
func (s *stage) word(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return s.pick("是", "yes")
		}
		return s.pick("否", "no")
	case string:
		if v == "" {
			return s.pick("（无）", "(nothing)")
		}
		if zh := chinese[v]; zh != "" && !s.english() {
			return zh + " " + v
		}
		return v
	}
	return fmt.Sprint(value)
}

// span shows an ISO 8601 duration in hours, minutes and seconds.
func (s *stage) span(iso string) string {
	d, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(iso, "PT")))
	if err != nil {
		return iso
	}
	d = d.Round(time.Second)
	h, m, sec := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return fmt.Sprintf(s.pick("%d 小时 %d 分", "%d h %d min"), h, m)
	case m > 0:
		return fmt.Sprintf(s.pick("%d 分 %d 秒", "%d min %d s"), m, sec)
	}
	return fmt.Sprintf(s.pick("%d 秒", "%d s"), sec)
}
