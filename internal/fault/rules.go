package fault

// rules are the words for the parameter "rule" of INVALID and of other codes that
// name one: what was expected. A rule without words is shown as it is; a test finds
// every token in the code that has none.
var rules = map[string]struct{ zh, en string }{
	"ACTIVE":                      {"该社工目前不在岗", "the social worker is not at work now"},
	"ANOTHER_STATION":             {"须为另一个站点", "another station than this one is wanted"},
	"ANOTHER_REQUEST":             {"须为另一个需求", "another request is wanted"},
	"ANOTHER_PASSWORD":            {"须与现在的密码不同", "another than the present password is wanted"},
	"APPEALED":                    {"没有待处理的申诉", "there is no appeal to settle"},
	"AREA":                        {"不在服务区域内", "out of the area"},
	"BAND":                        {"不是可用的人数段", "no such band of residents"},
	"BATCHES":                     {"由各批次决定，请登记或召回批次", "the batches say this: receive or recall one"},
	"CAPACITY":                    {"提供方目前不接收这位服务对象", "the owner does not take this recipient on now"},
	"CAP":                         {"该组织进行中的认领已达上限（{max}）", "the organisation has as many open claims as it may have ({max})"},
	"CHALLENGE":                   {"须为校验串 SHA-256 的 base64url", "the base64url of the verifier's SHA-256 is wanted"},
	"CHARACTER":                   {"第 {at} 位不是允许的字符", "the character at position {at} is not allowed"},
	"CHECKED_SINCE":               {"已有更新的查询结果", "there is a later look-up already"},
	"CHECK_DIGIT":                 {"校验位与其他各位不符，请核对", "the check digit does not fit the rest; compare it"},
	"CLASS":                       {"不是可用的保护级别", "no such class"},
	"CLAIM_TO_TAKE_OVER":          {"须为同一需求项上他人已获准的认领，且本认领要求接手", "a granted claim of another on the same line is wanted, and a claim that asks to take over"},
	"CLASS_OF_KIND":               {"代码类别与组织类型不符", "the code is one of another kind of organisation"},
	"COMMUNITY_LEVEL":             {"须为村或社区一级的区划", "a division at the level of a village or community is wanted"},
	"COMMUNITY_OF_COUNTY":         {"须为站点所在县（市、区）内的村或社区", "a community inside the station's county is wanted"},
	"COMMUNITY_STAYS":             {"社区的编号即区划代码，不能迁移；区划有变更时，请登记后继区划", "a community's id is its division's code, so that it is not moved; when divisions change, their successors are recorded"},
	"CREDIT":                      {"不是可用的信用状态", "no such credit status"},
	"DATE":                        {"日期不正确，或不在允许的范围内", "no such day, or one that is out of range here"},
	"DAY_TO_COME":                 {"须为该周期需求中尚未生成的一天", "a day of the series on which nothing has appeared yet is wanted"},
	"DIVISION_CODE":               {"须为 12 位区划代码", "a division code of 12 digits is wanted"},
	"ELIGIBILITY":                 {"不符合条件", "not eligible"},
	"EXPIRY":                      {"需要时已过有效期", "it will have expired when it is needed"},
	"FIRST_OCCURRENCE":            {"时间段须是规则的第一次", "the window must be the first occurrence of the rule"},
	"FIVE_YEARS_AFTER_REVOCATION": {"资格被吊销后五年内不能再有", "not within five years of the revocation"},
	"GIVER":                       {"只能由本人或监护人给出", "only the recipient or the guardian can give it"},
	"GRADE":                       {"不是可用的评估等级", "no such grade"},
	"GROUPS_ONLY":                 {"只有社区社会组织填写备案号", "only community groups have a filing number"},
	"GROUP_WITHOUT_CODE":          {"社区社会组织没有统一社会信用代码", "a community group has none"},
	"HOURS":                       {"星期或时刻不正确，结束须晚于开始", "a weekday and two times of day are wanted, the end after the start"},
	"KIND":                        {"种类不合适", "of a kind that does not fit here"},
	"LAYOUT":                      {"第 {at} 位应为数字", "a digit is wanted at position {at}"},
	"LENGTH":                      {"须为 18 位", "18 characters are wanted"},
	"LEVEL":                       {"不是可用的等级", "no such level"},
	"LEVEL_OF_DIVISION":           {"站点级别须与所在区划一致", "the level must be that of the division it stands in"},
	"LINK":                        {"须为 http 或 https 网址", "an http or https address is wanted"},
	"MINORS_CLEARANCE":            {"接触未成年人须先通过准入查询", "contact with minors needs clearance first"},
	"NOT_IN_THE_FUTURE":           {"不能晚于现在", "it must not be later than now"},
	"MERGED":                      {"已合并到另一条，不能恢复", "it was merged into another and stays so"},
	"MERGE_ITSELF":                {"不能与自己合并", "nothing is merged into itself"},
	"MERGE_OTHER_NOUN":            {"须为同一类对象", "both must be of the same kind"},
	"MERGE_OTHER_WAY":             {"证照信息在重复的一条上，请把两条对调", "the duplicate has the papers; merge the other way round"},
	"NOT_RETIRED":                 {"没有停用", "it is not retired"},
	"NOUN":                        {"平台上没有这类对象", "no such kind of object on the platform"},
	"NO_ID_NUMBER":                {"不能填写身份证号", "a citizen number must not stand here"},
	"ONE_PROOF":                   {"须且只须给出一种凭据：恢复码，或手机号与验证码", "exactly one proof is wanted: a recovery code, or a telephone with its code"},
	"ONE_SUPPLY":                  {"须且只须指明一项资源或一名志愿者", "exactly one resource or one volunteer is wanted"},
	"OPEN_REQUEST":                {"须为进行中的需求", "a request that goes on is wanted"},
	"PERIOD":                      {"只有服务按日、周或月计容量", "only a service has its capacity by the day, week or month"},
	"PERSISTED_QUERY":             {"须有 version 1 与 sha256Hash", "version 1 and a sha256Hash are wanted"},
	"PHONE":                       {"须为手机号，如 13800138000 或 +8613800138000", "a telephone number such as 13800138000 or +8613800138000 is wanted"},
	"QUANTITY":                    {"数量不合适", "the quantity does not fit here"},
	"QUERY_DIGEST":                {"须为查询文本的 SHA-256（十六进制）", "the SHA-256 of the query is wanted, in hex"},
	"ROLE_TO_GIVE":                {"这个角色不能授予", "this role cannot be given"},
	"RRULE":                       {"须为按天、周或月的 RRULE", "an RRULE of days, weeks or months is wanted"},
	"RRULE_END":                   {"RRULE 须有且只有 COUNT 或 UNTIL", "an RRULE needs either COUNT or UNTIL"},
	"SAME_PLACE":                  {"须为同一社区的需求", "the communities must be the same"},
	"SAME_REASON":                 {"须与提出人给出的理由相同", "the reason must be that of who proposed it"},
	"SAME_RECIPIENT":              {"须为同一服务对象的需求", "the recipients must be the same"},
	"SAME_STATION":                {"须为同一站点的需求", "the stations must be the same"},
	"SERIES_THAT_GOES_ON":         {"须为仍在继续的周期需求", "a series that goes on is wanted"},
	"SIGN_IN_NAME":                {"须为 3 至 64 个字母、数字或 . _ - @ +", "3 to 64 letters, digits and . _ - @ + are wanted"},
	"SKILL":                       {"缺少所需技能", "a skill that is needed is missing"},
	"SOCIAL_ORGANISATIONS_ONLY":   {"仅限社会组织", "for social organisations only"},
	"STATE":                       {"不是可用的状态", "no such state"},
	"STATION_OPERATING":           {"该站点没有在运行", "the station is not in operation"},
	"STEP":                        {"没有这个步骤", "no such step"},
	"TRUE_OR_FALSE":               {"须为 true 或 false", "true or false is wanted"},
	"VOLUNTEER_STATION_HERE":      {"须为服务本社区的志愿服务站点", "a volunteer station that serves this community is wanted"},
	"WEBHOOK_HTTPS":               {"须为 https 网址", "an https address is wanted"},
	"WEBHOOK_PORT":                {"端口须为 443 或 8443", "port 443 or 8443 is wanted"},
	"WEBHOOK_PUBLIC":              {"须为公网地址", "a public address is wanted"},
	"WEBHOOK_URL":                 {"须为 https://主机/路径，不带用户名和片段", "https://host/path is wanted, without user or fragment"},
	"WHOLE_BODY":                  {"文件没有传完", "the file did not come whole"},
	"WINDOW":                      {"不在需要的时间段内", "outside of the time when it is needed"},
	"WITHIN_A_YEAR":               {"须为今后一年内的一天", "a day within a year from now is wanted"},
	"XLSX_OR_CSV":                 {"须为 xlsx 或 csv", "xlsx or csv is wanted"},
}

// words are a rule's words; the rule itself when it has none.
func words(rule string, english bool) string {
	w, ok := rules[rule]
	switch {
	case !ok:
		return rule
	case english:
		return w.en
	}
	return w.zh
}
