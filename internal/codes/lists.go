package codes

// The lists. Reasons are those of the domain's coded reasons; their ids are used
// in indicators and never change meaning.
const (
	NeedCategory       List = "NEED_CATEGORY"
	RequestChannel     List = "REQUEST_CHANNEL"
	Constraint         List = "CONSTRAINT"
	Skill              List = "SKILL"
	PracticeField      List = "PRACTICE_FIELD"
	RecipientCategory  List = "RECIPIENT_CATEGORY"
	SafeContactRule    List = "SAFE_CONTACT_RULE"
	ConsentPurpose     List = "CONSENT_PURPOSE"
	LawfulBasis        List = "LAWFUL_BASIS"
	ReturnItem         List = "RETURN_ITEM"
	DeclineReason      List = "DECLINE_REASON"
	HoldReason         List = "HOLD_REASON"
	CancelReason       List = "CANCEL_REASON"
	ReopenReason       List = "REOPEN_REASON"
	AppealReason       List = "APPEAL_REASON"
	AppealRefusal      List = "APPEAL_REFUSAL"
	ReferralReason     List = "REFERRAL_REASON"
	DuplicateReason    List = "DUPLICATE_REASON"
	PartialReason      List = "PARTIAL_REASON"
	DisputeReason      List = "DISPUTE_REASON"
	WitnessReason      List = "WITNESS_REASON"
	MatchDeclineReason List = "MATCH_DECLINE_REASON"
	ReleaseReason      List = "RELEASE_REASON"
	ReturnReason       List = "RETURN_REASON"
	LossReason         List = "LOSS_REASON"
	RecallReason       List = "RECALL_REASON" // Food Safety Law art. 63, and for other goods alike
	MatchRule          List = "MATCH_RULE"
	ConflictRelation   List = "CONFLICT_RELATION"
	SanctionReason     List = "SANCTION_REASON"
	ServiceField       List = "SERVICE_FIELD"
	StationHave        List = "STATION_HAVE"
	VolunteerHave      List = "VOLUNTEER_STATION_HAVE"
	FacilityKind       List = "FACILITY_KIND"
	RetireReason       List = "RETIRE_REASON"
	ErasureReason      List = "ERASURE_REASON" // PIPL art. 47
	SessionReason      List = "SESSION_REASON" // why a session ended by itself; of the log only
	Notices            List = "NOTICE"
)

var lists = map[List][]entry{
	NeedCategory: {
		{"MEAL_DELIVERY", "助餐送餐", "Meal delivery"},
		{"HOME_VISIT", "探访关爱", "Home visit"},
		{"MEDICAL_ESCORT", "陪同就医", "Escort to a doctor"},
		{"TUTORING", "课业辅导", "Tutoring"},
		{"HOME_REPAIR", "小修小补", "Small repairs"},
		{"BATHING", "助浴", "Help with bathing"},
		{"PSYCHOLOGICAL_SUPPORT", "心理支持", "Psychological support"},
		{"LEGAL_ADVICE", "法律咨询", "Legal advice"},
		{"TEMPORARY_CARE", "临时照护", "Temporary care"},
		{"HARDSHIP_RELIEF", "困难救助", "Hardship relief"},
		{"ASSISTIVE_DEVICE", "辅具借用", "Loan of assistive devices"},
		{"GROUP_ACTIVITY_VENUE", "活动场地", "Venue for a group"},
		{"CONFIDENTIAL", "保密需求", "A confidential need"},
	},
	RequestChannel: {
		{"SELF", "本人", "By oneself"},
		{"GUARDIAN", "监护人", "By the guardian"},
		{"GRID_WORKER", "网格员", "By a grid worker"},
		{"VOLUNTEER", "志愿者", "By a volunteer"},
		{"SOCIAL_WORKER", "社工", "By a social worker"},
		{"HOTLINE", "热线", "By the hotline"},
		{"DESK", "站点窗口", "At the station's desk"},
	},
	Constraint: {
		{"FEMALE_HELPER", "希望女性服务", "A woman should help"},
		{"MALE_HELPER", "希望男性服务", "A man should help"},
		{"DIALECT", "需会本地方言", "The local dialect is needed"},
		{"WHEELCHAIR", "使用轮椅", "Uses a wheelchair"},
		{"LIFT_NEEDED", "无电梯", "There is no lift"},
		{"PETS_AT_HOME", "家有宠物", "There are pets"},
		{"DIABETIC", "糖尿病饮食", "Diabetic diet"},
		{"HALAL", "清真饮食", "Halal food"},
		{"WITH_MINORS", "涉及未成年人", "Minors are involved"},
	},
	Skill: {
		{"DRIVING", "驾驶", "Driving"},
		{"COOKING", "烹饪", "Cooking"},
		{"NURSING", "护理", "Nursing"},
		{"TEACHING", "教学", "Teaching"},
		{"COUNSELLING", "心理咨询", "Counselling"},
		{"LAW", "法律", "Law"},
		{"ELECTRICS", "水电维修", "Electrics and plumbing"},
		{"CARPENTRY", "木工", "Carpentry"},
		{"SIGN_LANGUAGE", "手语", "Sign language"},
		{"FIRST_AID", "急救", "First aid"},
		{"HAIRDRESSING", "理发", "Hairdressing"},
		{"COMPANIONSHIP", "陪伴", "Companionship"},
		{"COMPUTERS", "电脑手机", "Computers and phones"},
	},
	PracticeField: {
		{"ELDERLY", "老年", "The elderly"},
		{"CHILDREN", "儿童青少年", "Children and youth"},
		{"DISABILITY", "残障", "Disability"},
		{"FAMILY", "家庭", "Families"},
		{"COMMUNITY", "社区", "Community"},
		{"SOCIAL_ASSISTANCE", "社会救助", "Social assistance"},
		{"MEDICAL", "医务", "Medical"},
		{"JUSTICE", "司法矫治", "Justice"},
	},
	RecipientCategory: {
		{"ELDERLY", "老年人", "Elderly"},
		{"CHILD_IN_DIFFICULTY", "困境儿童", "Child in difficulty"},
		{"LEFT_BEHIND_CHILD", "留守儿童", "Left-behind child"},
		{"DISABLED", "残疾人", "Disabled"},
		{"LOW_INCOME", "低收入家庭", "Low-income household"},
		{"VIOLENCE_VICTIM", "家暴受害人", "Victim of domestic violence"},
		{"PATIENT", "患者", "Patient"},
		{"CAREGIVER", "照护者", "Caregiver"},
		{"RESIDENT", "普通居民", "Resident"},
	},
	SafeContactRule: {
		{"ANY_TIME", "随时可联系", "Any time"},
		{"DAYTIME_ONLY", "仅限白天", "In the daytime only"},
		{"GUARDIAN_ONLY", "只联系监护人", "Only the guardian"},
		{"NO_PHONE", "不可打电话", "No telephone"},
		{"WORKER_ONLY", "只由社工联系", "Only the social worker"},
	},
	ConsentPurpose: {
		{"SERVICE", "接受服务", "To be served"},
		{"SHARE_CONTACT", "向服务者提供联系方式", "To give contact details to helpers"},
		{"REFERRAL", "转介", "To be referred"},
		{"STATISTICS", "统计研究", "Statistics"},
		{"PUBLICITY", "宣传", "Publicity"},
	},
	LawfulBasis: {
		{"LEGAL_DUTY", "履行法定职责", "A legal duty"},
		{"EMERGENCY", "紧急保护生命健康", "An emergency to life or health"},
		{"GUARDIAN_UNAVAILABLE", "监护人缺位", "No guardian can be reached"},
	},
	ReturnItem: {
		{"ADDRESS", "地址", "The address"},
		{"CONTACT", "联系方式", "How to make contact"},
		{"TIME", "时间", "The time"},
		{"QUANTITY", "数量", "The quantity"},
		{"DESCRIPTION", "情况说明", "A description"},
		{"CONSENT", "同意", "Consent"},
	},
	DeclineReason: {
		{"OUT_OF_AREA", "不在服务区域", "Out of the area"},
		{"NOT_ELIGIBLE", "不符合条件", "Not eligible"},
		{"STATUTORY_DUTY_ELSEWHERE", "属其他部门法定职责", "Another body's statutory duty"},
		{"UNSAFE", "存在安全风险", "Unsafe"},
		{"DUPLICATE", "重复", "A duplicate"},
		{"INSUFFICIENT_INFO", "信息不足", "Too little information"},
		{"WITHDRAWN", "已撤回", "Withdrawn"},
	},
	HoldReason: {
		{"RECIPIENT_AWAY", "服务对象外出", "The recipient is away"},
		{"HOSPITALISED", "住院", "In hospital"},
		{"WAITING_DOCUMENTS", "等待材料", "Waiting for documents"},
		{"WEATHER", "天气", "Weather"},
		{"OTHER", "其他", "Other"},
	},
	CancelReason: {
		{"NO_LONGER_NEEDED", "不再需要", "No longer needed"},
		{"SOLVED_OTHERWISE", "已另行解决", "Solved otherwise"},
		{"ENTERED_BY_MISTAKE", "误录", "Entered by mistake"},
		{"RECIPIENT_REFUSED", "服务对象拒绝", "The recipient refused"},
		{"LOST_CONTACT", "失联", "Contact lost"},
		{"NOT_COMPLETED", "退回后逾期未补正", "Given back and not completed in time"},
	},
	ReopenReason: {
		{"NOT_SOLVED", "问题未解决", "The need is not met"},
		{"CAME_BACK", "需求再次出现", "The need has come back"},
		{"CLOSED_BY_MISTAKE", "结案有误", "Closed by mistake"},
		{"NEW_FACTS", "出现新情况", "New facts"},
		{"COMPLAINT", "投诉属实", "A complaint was upheld"},
	},
	AppealReason: {
		{"FACTS_WRONG", "认定的情况不实", "The facts were taken wrongly"},
		{"NEW_FACTS", "出现新情况", "New facts"},
		{"ALTERNATIVE_FAILED", "建议的其他途径行不通", "The alternative does not help"},
		{"UNFAIR", "认为处理不公", "It is felt to be unfair"},
	},
	AppealRefusal: {
		{"DECLINE_STANDS", "原决定正确", "The decline was right"},
		{"NO_NEW_FACTS", "没有新的情况", "Nothing new was said"},
		{"HELPED_OTHERWISE", "已通过其他途径解决", "Helped by other means"},
		{"STATUTORY_DUTY_ELSEWHERE", "属其他部门法定职责", "The legal duty of another body"},
		{"WITHDRAWN", "申诉人撤回", "The appeal was taken back"},
	},
	ReferralReason: {
		{"OUT_OF_AREA", "不在服务区域", "Out of the area"},
		{"STATUTORY_DUTY_ELSEWHERE", "属其他站点职责", "Another station's duty"},
		{"SPECIALISED_HELP", "需要专门服务", "Specialised help is needed"},
		{"NO_CAPACITY", "没有余力", "No capacity"},
		{"NEARER_STATION", "就近服务", "Another station is nearer"},
		{"RECIPIENT_WISH", "服务对象的意愿", "The recipient wishes it"},
	},
	DuplicateReason: {
		{"SAME_RECIPIENT", "同一服务对象", "The same recipient"},
		{"SAME_CONTACT", "联系方式相同", "The same contact"},
		{"SAME_CATEGORY", "类别相同", "The same category"},
		{"SAME_PLACE", "地址相同", "The same address"},
		{"NEAR_TIME", "时间相近", "About the same time"},
		{"SAME_WORDS", "文字相近", "Much the same words"},
	},
	PartialReason: {
		{"NO_CAPACITY", "资源不足", "No capacity"},
		{"STOCK", "库存不足", "Out of stock"},
		{"TIME", "时间不合", "Time"},
		{"DISTANCE", "距离太远", "Distance"},
		{"SKILL", "缺少技能", "Skill"},
		{"COST", "费用", "Cost"},
		{"EXPIRED_GOODS", "物资过期", "Expired goods"},
		{"RECIPIENT_REFUSED", "服务对象拒绝", "The recipient refused"},
	},
	DisputeReason: {
		{"NOT_DELIVERED", "没有提供服务", "Nothing was delivered"},
		{"INCOMPLETE", "服务不完整", "Incomplete"},
		{"QUALITY", "质量问题", "Quality"},
		{"CONDUCT", "服务态度", "Conduct"},
		{"CHARGED", "被收费", "Money was asked"},
	},
	WitnessReason: {
		{"CANNOT_USE_LINK", "无法使用链接", "Cannot use the link"},
		{"NO_FULL_CAPACITY", "无完全行为能力", "Without full capacity"},
		{"NO_REPLY", "没有回复", "No reply"},
		{"SEALED", "封存案件", "A sealed case"},
	},
	MatchDeclineReason: {
		{"NO_CAPACITY", "没有余力", "No capacity"},
		{"WAITLIST", "排队中", "Waiting list"},
		{"NEEDS_ASSESSMENT", "需评估", "Needs an assessment"},
		{"TIME", "时间不合", "Time"},
		{"DISTANCE", "距离太远", "Distance"},
		{"SKILL", "缺少技能", "Skill"},
		{"STOCK", "库存不足", "Stock"},
		{"EXPIRED_GOODS", "物资过期", "Expired goods"},
		{"COST", "费用", "Cost"},
		{"SAFETY", "安全", "Safety"},
		{"CONFLICT", "利益冲突", "Conflict of interest"},
		{"RECIPIENT_REFUSED", "服务对象拒绝", "The recipient refused"},
		{"NO_REPLY", "没有回复", "No reply"},
	},
	ReleaseReason: {
		{"ILLNESS", "生病", "Illness"},
		{"OVERLOAD", "负担过重", "Overload"},
		{"SAFETY", "安全", "Safety"},
		{"RELATION_BROKEN", "关系破裂", "The relation broke"},
		{"CREDIT_LISTED", "组织被列入名录", "The organisation was listed"},
		{"CLEARANCE_LAPSED", "准入过期", "The clearance lapsed"},
		{"REQUEST_ENDED", "需求已结束", "The request ended"},
		{"RESOURCE_WITHDRAWN", "资源撤回", "The resource was withdrawn"},
		{"OWNER_STOPPED", "提供组织已暂停或除名", "The owner was suspended or barred"},
		{"HOLD_LAPSED", "预留过期", "The hold lapsed"},
		{"RECALLED", "物资召回", "It was called back"},
		{"TAKEN_OVER", "由其他组织接手", "Another organisation took it over"},
		{"COVERED", "需求已由他人落实", "Others have covered the need"},
		{"REARRANGED", "站点另作安排", "The station arranged it otherwise"},
	},
	ReturnReason: {
		{"RECIPIENT_REFUSED", "服务对象拒收", "The recipient refused it"},
		{"NOBODY_THERE", "无人接收", "Nobody was there"},
		{"WRONG_ADDRESS", "地址有误", "The address was wrong"},
		{"NO_LONGER_NEEDED", "不再需要", "No longer needed"},
		{"NOT_AS_AGREED", "与约定不符", "Not as agreed"},
		{"RECALLED", "召回", "Recalled"},
	},
	LossReason: {
		{"LOST", "途中遗失", "Lost on its way"},
		{"DAMAGED", "损坏", "Damaged"},
		{"SPOILED", "变质", "Spoiled"},
		{"EXPIRED_GOODS", "物资过期", "Expired goods"},
		{"STOLEN", "被盗", "Stolen"},
	},
	RecallReason: {
		{"UNSAFE", "不符合安全标准", "Below the safety standard"},
		{"CONTAMINATED", "污染变质", "Contaminated or spoiled"},
		{"DEFECTIVE", "质量缺陷", "Defective"},
		{"MISLABELLED", "标签或说明有误", "Wrongly labelled"},
		{"EXPIRED_GOODS", "已过保质期", "Expired goods"},
		{"MAKER_NOTICE", "生产或经营者通知召回", "Called back by the maker or seller"},
		{"AUTHORITY_ORDER", "监管部门责令召回", "By order of the authority"},
	},
	MatchRule: {
		{"KIND", "种类相符", "Kind"},
		{"UNIT", "单位相符", "Unit"},
		{"QUANTITY", "数量足够", "Quantity"},
		{"WINDOW", "时间相符", "Window"},
		{"AREA", "区域相符", "Area"},
		{"ELIGIBILITY", "符合条件", "Eligibility"},
		{"MINORS_CLEARANCE", "未成年人准入", "Clearance for minors"},
		{"ORG_CREDIT", "组织信用", "The organisation's credit"},
		{"CONFLICT", "无利益冲突", "No conflict"},
		{"CONSENT", "已获同意", "Consent"},
		{"EXPIRY", "有效期", "Expiry"},
		{"DISTANCE", "距离", "Distance"},
		{"SKILL", "技能相符", "Skill"},
		{"LOAD", "近期负担", "Recent load"},
		{"CONTINUITY", "服务延续", "Continuity"},
		{"PAIRING", "社工与志愿者搭档", "Worker and volunteer have worked together"},
		{"SKILL_FIT", "所求以外的技能", "Skills beyond what is asked"},
		{"IDLE", "闲置资源", "Idle capacity"},
		{"PAST_CONFIRMATION", "以往服务获确认", "Confirmed in the past"},
		{"CAPACITY", "接收能力", "Capacity"},
		{"CONFIRMED", "近期经提供方确认", "Confirmed by its owner lately"},
	},
	ConflictRelation: {
		{"RELATIVE", "亲属", "A relative"},
		{"EMPLOYER", "用人单位", "The employer"},
		{"COMPLAINED_OF", "被投诉举报的人或组织", "The person or organisation complained of"},
		{"HOUSEHOLD", "被投诉举报人的家庭成员", "Of the household of the person complained of"},
		{"OTHER", "其他", "Other"},
	},
	SanctionReason: {
		{"ABNORMAL_LISTED", "活动异常名录", "Listed as abnormal"},
		{"SERIOUS_LISTED", "严重违法失信名单", "Listed as seriously dishonest"},
		{"COMPLAINT", "投诉属实", "A complaint was substantiated"},
		{"DEREGISTERED", "已注销", "Deregistered"},
		{"OTHER", "其他", "Other"},
	},
	// Standards.md A5 names these six of the seven fields of the source.
	ServiceField: {
		{"NEEDY_PEOPLE", "困难群众救助帮扶", "People in need"},
		{"ELDERLY", "养老服务", "The elderly"},
		{"CHILDREN", "儿童福利和关爱保护", "Children"},
		{"SOCIAL_SUPPORT", "社会支持", "Social support"},
		{"COMMUNITY_PARTICIPATION", "社区参与", "Taking part in the community"},
		{"FOSTERING_ORGANISATIONS", "社会组织培育", "Fostering organisations"},
	},
	// The six haves, 六有, of a social-work station.
	StationHave: {
		{"PLACE", "有场地", "A place"},
		{"EQUIPMENT", "有设备", "Equipment"},
		{"STAFF", "有人员", "Staff"},
		{"SERVICES", "有服务功能", "Services"},
		{"WORKFLOW", "有工作流程", "A workflow"},
		{"RULES", "有规章制度", "Rules"},
	},
	// What a volunteer station must have since 2024, which is another list.
	VolunteerHave: {
		{"PLACE", "有场所", "A place"},
		{"TEAM", "有队伍", "A team"},
		{"PROJECT", "有项目", "Projects"},
		{"FACILITIES", "有设施", "Facilities"},
		{"RULES", "有制度", "Rules"},
		{"SIGN", "有标识", "A sign"},
	},
	FacilityKind: {
		{"SERVICE_CENTRE", "社区综合服务设施", "Community service centre"},
		{"ELDERLY_CARE", "养老服务设施", "Care for the elderly"},
		{"CANTEEN", "助餐点、食堂", "Canteen"},
		{"CHILDREN", "儿童之家", "Children's home"},
		{"CULTURE", "文化活动室", "Culture room"},
		{"SPORT", "体育健身设施", "Sport"},
		{"HEALTH", "卫生服务站", "Health station"},
		{"CIVIC_HALL", "议事厅", "Hall for deliberation"},
		{"OTHER", "其他", "Other"},
	},
	RetireReason: {
		{"CLOSED_DOWN", "已停办、撤销", "Closed down"},
		{"MOVED_AWAY", "已迁出", "Moved away"},
		{"ENTERED_BY_MISTAKE", "误录", "Entered by mistake"},
		{"DUPLICATE", "重复", "A duplicate"},
		{"OTHER", "其他", "Other"},
	},
	ErasureReason: {
		{"SUBJECT_REQUEST", "本人或监护人要求删除", "At the word of the person or their guardian"},
		{"CONSENT_WITHDRAWN", "撤回同意", "Consent was withdrawn"},
		{"PURPOSE_ENDED", "处理目的已实现、无法实现或不再必要", "The purpose is reached, out of reach or over"},
		{"UNLAWFUL", "处理违反法律法规或约定", "Processing was against the law or what was agreed"},
		{"RETENTION_OVER", "停止服务或保存期限届满", "The service has ended or the time of keeping is over"},
	},
	SessionReason: {
		{"REUSED", "刷新令牌被重复使用", "A refresh token was used twice"},
	},
	Notices: {
		{"ID_NUMBER_MASKED", "文字中的身份证号已遮盖。", "A citizen number in the text was masked."},
		{"NAME_BANNED", "该名称在被取缔的非法社会组织名单中。", "The name is on the list of banned organisations."},
		{"NAME_NEAR_BANNED", "该名称与被取缔的非法社会组织相近，请核实。", "The name is close to that of a banned organisation; check it."},
		{"CREDIT_CODE_UNUSUAL", "信用代码通过校验，但有异常，请核实。", "The credit code is valid but unusual; check it."},
		{"POSSIBLE_DUPLICATE", "可能与已有需求重复。", "It may be a duplicate of an earlier request."},
		{"SERIES_GOES_ON", "后面各次仍会按周期出现；不再需要时请结束周期。", "What comes later of the series still appears; end the series if it is not wanted."},
		{"GOODS_RECALLED", "这批物资发出后已被召回，请告知服务对象不要使用。", "These goods were called back after they were sent: tell the recipient not to use them."},
	},
}
