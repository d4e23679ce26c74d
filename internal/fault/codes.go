package fault

import "sort"

// Code is a stable name for one way to fail. Clients may switch on it.
type Code string

type entry struct {
	kind   Kind
	zh, en string
}

// The codes. Their names are the values of the schema's ErrorCode enum.
const (
	CodeInternal             Code = "INTERNAL"
	CodeUnavailable          Code = "UNAVAILABLE"
	CodeOutcomeUnknown       Code = "OUTCOME_UNKNOWN"
	CodeUnauthenticated      Code = "UNAUTHENTICATED"
	CodeTokenExpired         Code = "TOKEN_EXPIRED"
	CodeSignInFailed         Code = "SIGN_IN_FAILED"
	CodeSessionEnded         Code = "SESSION_ENDED"
	CodeForbidden            Code = "FORBIDDEN"
	CodeNotFound             Code = "NOT_FOUND"
	CodeConflict             Code = "CONFLICT"
	CodeDuplicate            Code = "DUPLICATE"
	CodeIdempotencyKeyReused Code = "IDEMPOTENCY_KEY_REUSED"
	CodeTransition           Code = "TRANSITION_NOT_ALLOWED"
	CodeRequired             Code = "REQUIRED"
	CodeInvalid              Code = "INVALID"
	CodeTooLong              Code = "TOO_LONG"
	CodeTooMany              Code = "TOO_MANY"
	CodeOutOfRange           Code = "OUT_OF_RANGE"
	CodeTextInvalid          Code = "TEXT_INVALID"
	CodeIDInvalid            Code = "ID_INVALID"
	CodeCursorInvalid        Code = "CURSOR_INVALID"
	CodePageInvalid          Code = "PAGE_INVALID"
	CodeFilterUnsupported    Code = "FILTER_UNSUPPORTED"
	CodeCodeUnknown          Code = "CODE_UNKNOWN"
	CodeQuantityInvalid      Code = "QUANTITY_INVALID"
	CodeUnitMismatch         Code = "UNIT_MISMATCH"
	CodeWindowInvalid        Code = "WINDOW_INVALID"
	CodeDivisionUnknown      Code = "DIVISION_UNKNOWN"
	CodeDivisionEnded        Code = "DIVISION_ENDED"
	CodeHavesMissing         Code = "HAVES_MISSING"
	CodeWorkOpen             Code = "WORK_OPEN"
	CodeRetired              Code = "RETIRED"
	CodeNotTheSame           Code = "NOT_THE_SAME"
	CodeNoStation            Code = "NO_STATION"
	CodeCreditCodeInvalid    Code = "CREDIT_CODE_INVALID"
	CodeGuardianConsent      Code = "GUARDIAN_CONSENT_REQUIRED"
	CodeConsentRequired      Code = "CONSENT_REQUIRED"
	CodeNeedLineRequired     Code = "NEED_LINE_REQUIRED"
	CodeOfficerRequired      Code = "OFFICER_REQUIRED"
	CodeSecondPersonRequired Code = "SECOND_PERSON_REQUIRED"
	CodeNotOwnVerifier       Code = "NOT_OWN_VERIFIER"
	CodeStockShort           Code = "STOCK_SHORT"
	CodeResourceUnavailable  Code = "RESOURCE_UNAVAILABLE"
	CodeAlreadyDecided       Code = "ALREADY_DECIDED"
	CodePolicyReplaced       Code = "POLICY_REPLACED"
	CodeHoldLapsed           Code = "HOLD_LAPSED"
	CodeLineCovered          Code = "LINE_COVERED"
	CodeLineClaimed          Code = "LINE_CLAIMED"
	CodeFenced               Code = "FENCED"
	CodeOverlap              Code = "ASSIGNMENT_OVERLAP"
	CodeCoverageIncomplete   Code = "COVERAGE_INCOMPLETE"
	CodeLinesOpen            Code = "LINES_OPEN"
	CodeAllocationsOpen      Code = "ALLOCATIONS_OPEN"
	CodeRequestsOpen         Code = "REQUESTS_OPEN"
	CodeReopenOver           Code = "REOPEN_OVER"
	CodeReopenSpent          Code = "REOPEN_SPENT"
	CodeHolidaysUnknown      Code = "HOLIDAYS_UNKNOWN"
	CodeMergeOver            Code = "MERGE_OVER"
	CodeAppealOver           Code = "APPEAL_OVER"
	CodeLastAdmin            Code = "LAST_ADMIN"
	CodeLinkInvalid          Code = "LINK_INVALID"
	CodeLinkUsed             Code = "LINK_USED"
	CodeMinorBlocked         Code = "MINORS_CLEARANCE_REQUIRED"
	CodeRequirementsUnmet    Code = "REQUIREMENTS_UNMET"
	CodeOrganisationBarred   Code = "ORGANISATION_NOT_ADMITTED"
	CodePasswordWeak         Code = "PASSWORD_WEAK"
	CodeSignInAgain          Code = "SIGN_IN_AGAIN"
	CodeIssuerUnavailable    Code = "ISSUER_UNAVAILABLE"
	CodeIDTokenInvalid       Code = "ID_TOKEN_INVALID"
	CodeIdentityUnlinked     Code = "IDENTITY_UNLINKED"
	CodeOneTimeCode          Code = "ONE_TIME_CODE_INVALID"
	CodeMethodOff            Code = "SIGN_IN_METHOD_OFF"
	CodeRateLimited          Code = "RATE_LIMITED"
	CodeQueryTooComplex      Code = "QUERY_TOO_COMPLEX"
	CodeNotTrusted           Code = "DOCUMENT_NOT_TRUSTED"
	CodeImportInvalid        Code = "IMPORT_INVALID"
	CodeStoreFull            Code = "STORE_FULL"
	CodeStoreNewer           Code = "STORE_NEWER"
	CodeStoreLocked          Code = "STORE_LOCKED"
	CodeStoreNotEmpty        Code = "STORE_NOT_EMPTY"
	CodeDumpInvalid          Code = "DUMP_INVALID"
	CodeConfiguration        Code = "CONFIGURATION_INVALID"
)

var table = map[Code]entry{
	CodeInternal:             {Internal, "服务器内部错误，请把请求编号告诉管理员。", "Internal error; give the request id to the administrator."},
	CodeUnavailable:          {Unavailable, "服务暂时不可用，请稍后再试。", "The service is unavailable for the moment; try again later."},
	CodeOutcomeUnknown:       {Unavailable, "不能确认是否已保存，请用同一个幂等键再试一次。", "It is not known whether this was saved; repeat it with the same idempotency key."},
	CodeUnauthenticated:      {Unauthenticated, "请先登录。", "Sign in first."},
	CodeTokenExpired:         {Unauthenticated, "登录令牌已过期，请刷新。", "The access token has expired; refresh it."},
	CodeSignInFailed:         {Invalid, "账号或密码不正确。", "The account or the password is not right."},
	CodeSessionEnded:         {Unauthenticated, "会话已结束，请重新登录。", "The session has ended; sign in again."},
	CodeForbidden:            {Forbidden, "您没有做这件事的权限。", "You may not do this."},
	CodeNotFound:             {NotFound, "没有找到，或您不能查看。", "Not found, or not visible to you."},
	CodeConflict:             {Conflict, "数据已被他人修改：您看到的是第 {expectedVersion} 版，现在是第 {actualVersion} 版。", "It was changed meanwhile: you saw version {expectedVersion}, it is now {actualVersion}."},
	CodeDuplicate:            {Conflict, "已存在相同的记录（{field}）。", "There is already one with the same {field}."},
	CodeIdempotencyKeyReused: {Conflict, "这个幂等键已用于另一份内容。", "This idempotency key was used with another input."},
	CodeTransition:           {Conflict, "当前状态（{from}）不能这样做；允许的操作：{allowed}。", "Not possible from state {from}; allowed: {allowed}."},
	CodeRequired:             {Invalid, "此项必填。", "This is required."},
	CodeInvalid:              {Invalid, "内容不符合要求：{rule}。", "Not valid: {rule}."},
	CodeTooLong:              {Invalid, "内容太长，最多 {max} 个字符。", "Too long: {max} characters at most."},
	CodeTooMany:              {Invalid, "数量太多，最多 {max} 个。", "Too many: {max} at most."},
	CodeOutOfRange:           {Invalid, "数值超出范围（{min} 至 {max}）。", "Out of range ({min} to {max})."},
	CodeTextInvalid:          {Invalid, "文字含有不能保存的字符。", "The text has characters that cannot be stored."},
	CodeIDInvalid:            {Invalid, "编号的类型不对，应为 {want}。", "This id is of another type; {want} is wanted."},
	CodeCursorInvalid:        {Invalid, "游标无效或来自另一个列表。", "The cursor is not valid here."},
	CodePageInvalid:          {Invalid, "分页参数不正确：first 或 last 须为 1 至 {max}，且只能用一个。", "Paging is wrong: one of first or last, from 1 to {max}."},
	CodeFilterUnsupported:    {Invalid, "不支持这种筛选或排序组合。", "This combination of filter and sort is not offered."},
	CodeCodeUnknown:          {Invalid, "不在代码表 {list} 中：{value}。", "Not in the code list {list}: {value}."},
	CodeQuantityInvalid:      {Invalid, "数量须为 1 至 {max} 的整数。", "The quantity must be a whole number from 1 to {max}."},
	CodeUnitMismatch:         {Invalid, "单位不一致：应为 {want}，收到 {got}。", "Units differ: {want} is wanted, {got} was given."},
	CodeWindowInvalid:        {Invalid, "时间段不正确：结束须晚于开始，且不能已经过去。", "The time window is wrong: its end must be after its start and in the future."},
	CodeDivisionUnknown:      {Invalid, "没有这个区划代码：{code}。", "No such division code: {code}."},
	CodeDivisionEnded:        {Invalid, "区划代码 {code} 已不再使用；现为 {successors}。", "The division code {code} is no longer in force; what follows it is {successors}."},
	CodeHavesMissing:         {Conflict, "尚缺：{missing}。", "Still missing: {missing}."},
	CodeWorkOpen:             {Conflict, "还有未了结的关联：{open}。", "Something still hangs on it: {open}."},
	CodeNotTheSame:           {Conflict, "两条记录互相矛盾，不是同一对象：{fields}。", "The two contradict each other: {fields}."},
	CodeRetired:              {Conflict, "已停用；须先恢复使用。", "It is retired; restore it first."},
	CodeNoStation:            {Invalid, "该社区还没有负责的站点。", "No station is responsible for this community yet."},
	CodeCreditCodeInvalid:    {Invalid, "统一社会信用代码不正确：{rule}。", "The unified social credit code is not valid: {rule}."},
	CodeGuardianConsent:      {Invalid, "未满 18 周岁须有监护人同意。", "Under 18 a guardian's consent is required."},
	CodeConsentRequired:      {Invalid, "需要服务对象的同意或法定依据。", "The recipient's consent or another lawful basis is required."},
	CodeNeedLineRequired:     {Invalid, "至少要有一条带单位和时间段、尚未满足的需求项。", "At least one need line with a unit and a window that still misses something is required."},
	CodeOfficerRequired:      {Forbidden, "保护类和封存类需求须由保护专员处理。", "Protected and sealed requests are handled by a protection officer."},
	CodeSecondPersonRequired: {Invalid, "须由另一人复核。", "A second person has to agree."},
	CodeNotOwnVerifier:       {Forbidden, "不能核验自己的服务。", "One cannot verify one's own service."},
	CodeStockShort:           {Conflict, "库存不足：可用 {free}，需要 {wanted}。", "Not enough in stock: {free} free, {wanted} wanted."},
	CodeResourceUnavailable:  {Conflict, "该资源当前不可用（{state}）。", "The resource is not available now ({state})."},
	CodeAlreadyDecided:       {Conflict, "已经有结果了（{state}）。", "This was decided already ({state})."},
	CodePolicyReplaced:       {Conflict, "此处现行的匹配规则已不是您看到的那一版，现为 {label}，请重新查看。", "Another matching policy is in force here than the one you saw: it is {label} now. Look at it first."},
	CodeHoldLapsed:           {Conflict, "预留已过期，请重新匹配。", "The hold has lapsed; match again."},
	CodeLineCovered:          {Conflict, "除已落实和已提议的以外，该需求项只需 {missing}，这次是 {wanted}。", "Beside what is promised or proposed already the line needs {missing} only; this is {wanted}."},
	CodeLineClaimed:          {Conflict, "该需求项还可认领 {free}，要认领的是 {wanted}；其余已由其他组织认领。", "Of the line {free} is left to claim, {wanted} was asked for: others have claimed the rest."},
	CodeFenced:               {Conflict, "这项安排已变更（您的序号 {given}，现在 {current}），此操作来得太晚。", "This arrangement has changed (yours is {given}, now {current}); the action came too late."},
	CodeOverlap:              {Conflict, "与您已接受的另一项任务（{from} 至 {to}）时间冲突。", "The time clashes with another assignment of yours, from {from} to {to}."},
	CodeCoverageIncomplete:   {Invalid, "需求尚未全部落实；如接受部分落实，请说明理由。", "Not everything is covered; accept it as partial with a reason, or go on matching."},
	CodeLinesOpen:            {Conflict, "还有未完成的需求项：{lines}。", "Some need lines are not finished: {lines}."},
	CodeAllocationsOpen:      {Conflict, "还有未结清的调配。", "Some allocations are not settled."},
	CodeRequestsOpen:         {Conflict, "还有未结束的需求。", "Some requests are still open."},
	CodeReopenOver:           {Conflict, "重新打开的期限已过（{until}），请登记新的需求。", "The time to open it again is over ({until}): write a new request."},
	CodeReopenSpent:          {Conflict, "服务对象一方已重新打开过一次，请联系站点。", "The recipient's side has opened it again once: ask the station."},
	CodeAppealOver:           {Conflict, "申诉期限已过（{until}）；可登记新的需求或投诉。", "The time to appeal is over ({until}): write a new request, or complain."},
	CodeMergeOver:            {Conflict, "撤销合并的期限已过（{until}）。", "The time to take the merging back is over ({until})."},
	CodeHolidaysUnknown:      {Invalid, "没有 {year} 年的节假日安排，不能按工作日计算。", "The working days of {year} are not known."},
	CodeLastAdmin:            {Conflict, "这样就没有管理全部区域的管理员了；请先授权另一位。", "This would leave nobody to administer the whole area; give that role to another first."},
	CodeLinkInvalid:          {NotFound, "链接无效或已过期。", "The link is not valid or has expired."},
	CodeLinkUsed:             {Conflict, "链接已使用过。", "The link has been used already."},
	CodeMinorBlocked:         {Invalid, "接触未成年人须先通过准入查询。", "Contact with minors needs clearance first."},
	CodeRequirementsUnmet:    {Invalid, "不符合岗位要求，缺少：{missing}。", "Does not meet what the post asks for; missing: {missing}."},
	CodeOrganisationBarred:   {Conflict, "该组织目前不能参与（{state}）。", "The organisation may not take part now ({state})."},
	CodeSignInAgain:          {Forbidden, "这一步需要刚刚登录过：请重新登录后再试。", "This needs a sign-in of the last minutes: sign in again first."},
	CodeIssuerUnavailable:    {Unavailable, "身份提供方暂时没有回应，请稍后再试，或用其他方式登录。", "The identity provider does not answer; try again later or sign in another way."},
	CodeIDTokenInvalid:       {Invalid, "身份提供方的凭证无效、过期或已用过，请重新登录。", "What came from the identity provider is invalid, too old or used; sign in again."},
	CodeIdentityUnlinked:     {Invalid, "这个身份还没有关联账号，请联系管理员。", "No account is linked to this identity; ask an administrator."},
	CodeOneTimeCode:          {Invalid, "验证码或一次性码不正确、已过期或已用过。", "The code is not right, too old or used."},
	CodeMethodOff:            {Invalid, "这里没有开通这种登录方式。", "This way to sign in is not offered here."},
	CodePasswordWeak:         {Invalid, "密码至少 {min} 个字符，不能是常见密码，也不能含有登录名。", "The password needs at least {min} characters, must not be a common one and must not contain the sign-in name."},
	CodeRateLimited:          {Limit, "操作太频繁，请 {seconds} 秒后再试。", "Too often; try again in {seconds} seconds."},
	CodeQueryTooComplex:      {Limit, "查询太复杂（{what}：上限 {max}）。", "The query is too complex ({what}: at most {max})."},
	CodeNotTrusted:           {Forbidden, "此服务只执行受信任的查询文档。", "Only trusted documents run here."},
	CodeImportInvalid:        {Invalid, "导入文件有 {rows} 处错误，没有写入任何数据。", "The import has {rows} errors; nothing was written."},
	CodeStoreFull:            {Unavailable, "存储空间已满，没有保存。", "The store is full; nothing was saved."},
	CodeStoreNewer:           {Unavailable, "数据库由更新的版本创建，请升级程序。", "The database was made by a newer version; upgrade the program."},
	CodeStoreLocked:          {Unavailable, "数据库文件正被另一个进程使用。", "Another process is using this database file."},
	CodeStoreNotEmpty:        {Conflict, "目标数据库不是空的，没有写入。", "The store to restore into is not empty; nothing was written."},
	CodeDumpInvalid:          {Invalid, "备份文件不完整或已损坏：{what}。", "The dump is incomplete or damaged: {what}."},
	CodeConfiguration:        {Invalid, "配置不正确：{what}。", "The configuration is wrong: {what}."},
}

// Codes lists every declared code in alphabetical order.
func Codes() []Code {
	out := make([]Code, 0, len(table))
	for c := range table {
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}
