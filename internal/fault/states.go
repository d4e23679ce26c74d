package fault

// states and actions are the Chinese words for what parameters name of the schema's *State
// and *Action enums. English messages name the value itself: it is English already.
var (
	states = map[string]string{
		"ABNORMAL_LISTED": "列入异常名录", "ACCEPTED": "已接受", "ACTIVE": "生效中", "ADMITTED": "已准入", "APPLIED": "已申请",
		"ARRANGED": "已安排", "BANNED": "已取缔", "BARRED": "已除名", "BUILDING": "建设中", "CANCELLED": "已取消",
		"CHECKED_IN": "已签到", "CHECKED_OUT": "已签退", "CLOSED": "已结束", "COMMITTED": "已承诺", "COMPLETED": "已完成",
		"CONFIRMED": "已确认", "DECLARED": "已申报", "DECLINED": "已婉拒", "DELIVERED": "已送达", "DEREGISTERED": "已注销",
		"DISABLED": "已停用", "DISCARDED": "已废弃", "DISPATCHED": "已发出", "DISPUTED": "有异议", "DISSOLVED": "已解散",
		"DONE": "已完成", "DRAFT": "草稿", "DUE": "待续期", "ENDED": "已结束", "EN_ROUTE": "在途", "EXHAUSTED": "已用完",
		"EXITED": "已退出", "EXPIRED": "已过期", "FAILED": "失败", "FAILING": "投递失败中", "FILLED": "已有人选",
		"FULFILLED": "已满足", "GRANTED": "已同意", "HELD": "预留中", "INTERRUPTED": "已中断", "IN_FORCE": "生效中", "IN_REVIEW": "审核中",
		"IN_SERVICE": "服务中", "LAPSED": "已失效", "LIFTED": "已解除", "LOST": "已损失", "MATCHING": "匹配中", "MERGED_INTO": "已并入",
		"NORMAL": "正常", "NO_SHOW": "未到场", "OFFERED": "待接受", "ON_HOLD": "暂缓", "OPEN": "开放中", "OPERATING": "运行中",
		"PAUSED": "已暂停", "PENDING": "待处理", "PLANNED": "规划中", "PROPOSED": "已提议", "PUBLISHED": "已发布",
		"REAL_NAME_VERIFIED": "已实名", "REASSIGNED": "已改派", "RECALLED": "已召回", "RECTIFYING": "整改中",
		"REFERRED_OUT": "转介中", "REFUSED": "未通过", "REGISTERED": "已登记", "RELEASED": "已释放", "REOPENED": "已重开",
		"RETURNED": "已退回", "REVOKED": "已撤销", "RUNNING": "进行中", "SERIOUS_LISTED": "列入严重违法失信名单", "SETTLED": "已结清",
		"SHORT": "未满足", "STOPPED": "已停止", "SUBMITTED": "已提交", "SUPERSEDED": "已被替代",
		"SUSPENDED": "已停权", "TRIAGED": "已分诊", "TRIAL": "试运行", "UNDISPUTED": "没有异议", "UNREGISTERED": "未登记", "UPHELD": "已支持",
		"VERIFIED": "已核验", "WITHDRAWN": "已撤回",
	}
	actions = map[string]string{
		"ACCEPT": "受理或接受", "ACTIVATE": "启用", "ADMIT": "准入", "APPEAL": "申诉", "APPEAL_SETTLE": "裁定申诉", "APPOINT": "选定人选",
		"ARRANGE": "确认安排", "ASSIGN": "派单", "BAR": "除名", "CANCEL": "取消", "CHANGE": "修改", "CHECK_IN": "签到", "CHECK_OUT": "签退",
		"CLOSE": "结案", "COMMIT": "承诺", "COMPLETE": "完成", "CONFIRM": "确认", "CONSENT_GRANT": "登记同意", "CREDIT_RECORD": "登记信用",
		"DECLINE": "婉拒", "DELIVER": "送达", "DISPATCH": "发出", "DISPUTE": "提出异议", "DISPUTE_SETTLE": "处理异议", "DISSOLVE": "解散",
		"ERASE": "删除个人信息", "EXIT": "退出", "GRANT": "同意", "HOLD": "暂缓", "JOIN": "加入", "LEAD": "任负责人", "LEAD_APPOINT": "指定主责社工",
		"LEAVE": "退出队伍", "LIFT": "解除回避", "LINE_SHORT": "注明未满足", "LINK_ISSUE": "发确认链接", "LOSE": "登记损失", "MERGE": "合并", "MINORS_CLEAR": "登记未成年人准入",
		"PAUSE": "暂停", "PROPOSE": "提议匹配", "PUBLISH": "发布", "RECALL": "召回", "RECALL_BATCH": "召回批次", "RECEIVE": "入库",
		"RECLASSIFY": "调整敏感级别", "REFER": "转介", "REFERRAL_ACCEPT": "接收转介", "REFERRAL_DECLINE": "退回转介", "REFERRAL_WITHDRAW": "撤回转介",
		"RELEASE": "释放", "REOPEN": "重开", "REQUEST_DRAFT": "登记需求", "RESUME": "恢复", "RETURN": "退回", "SETTLE": "结清", "SUBMIT": "提交",
		"SUSPEND": "停权", "TRIAGE": "分诊", "UNMERGE": "撤销合并", "VERIFY": "核验", "WITHDRAW": "撤回", "WITNESS": "见证确认",
	}
)
