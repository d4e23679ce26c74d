package intake

import (
	"fmt"
	"strings"
)

// Describe is what the files may hold, as a page of Markdown: docs/import.md is made
// of it.
func Describe() string {
	var b strings.Builder
	b.WriteString(`# 表格的导入与导出 Tables in and out

` + "`linkage template 志愿者`" + ` 写出一张带填写规则的空表；` + "`linkage import 文件夹或文件`" + ` 读入；` + "`linkage export 文件夹或文件`" + ` 写出同样的列，写出的表可原样读回。
可用 XLSX，或 UTF-8、UTF-16、GB 18030 的 CSV；中文或英文表头，列的顺序不限，表头上方可有标题行（前 10 行内），纵向合并的单元格按每行都填计，横向合并的须拆开；
数字形式的电话和日期、全角数字都可以，公式取其结果；只读第一个可见的工作表。
全部检查通过之后才写入；有任何错误，逐行指出文件、行、列和原因，什么也不写入。写入中断后重复导入即可继续。
重复导入不会产生重复：有标识（key）的行由表和标识认定，同一标识内容不同则报错；没有标识的行由文件摘要和行号认定。` + "`--check`" + ` 只检查。

` + "`linkage template volunteers`" + ` writes an empty table with its rules; ` + "`linkage import FOLDER-OR-FILE`" + ` reads tables; ` + "`linkage export FOLDER-OR-FILE`" + `
writes the same columns, and what it writes can be read again unchanged. XLSX, or CSV in UTF-8, UTF-16 or GB 18030; headers in
Chinese or English, in any order, with titles above them (within the first 10 rows). Cells merged downwards count for each row, cells merged
across columns have to be unmerged. Phones and dates as numbers and full-width digits are understood; of a formula the result
is read; only the first sheet that is shown is read. Nothing is written before all of it has been found good; otherwise every bad row is named
with file, row, column and reason. After an interruption repeat the import: it goes on. Importing again changes nothing: a row with a key
is known by its table and key, and other content under an old key is an error; one without by the file's digest and the row's number. ` + "`--check`" + ` only checks.

接口也能导入，以自己的权限：` + "`POST /imports?file=志愿者.xlsx&checkOnly=true`" + `（正文为文件，` + "`Authorization`" + ` 同 GraphQL）返回 ` + "`importJob.id`" + `；
` + "`subscription { importProgress(id: …) { state steps of problems { row column message } } }`" + ` 看进度；` + "`GET /imports/{id}/problems`" + ` 下载错误表；
` + "`GET /templates/volunteers`" + ` 下载空表。每一行都像亲手录入一样受规则和权限约束；账号表不能这样导入；任务记录保留七天。

Over the API an import has its starter's rights: ` + "`POST /imports?file=volunteers.xlsx&checkOnly=true`" + ` with the file as the body and the same
` + "`Authorization`" + ` as GraphQL answers ` + "`importJob.id`" + `; the subscription ` + "`importProgress`" + ` tells how far it is, ` + "`GET /imports/{id}/problems?format=csv`" + `
what is wrong as a table, ` + "`GET /templates/volunteers`" + ` is an empty one. Each row meets the rules and rights that it would meet if typed;
tables of accounts are refused; jobs are kept for seven days. At most 32 MiB, one import at a time for an account and two for a server.

一张表只写得下现有的和未开始的：已终止的（退出、注销、撤回、停用）、办理中和已过时间的需求、已动用的资源，以及以这些为前提的行，不在其中，命令会说明数目；队伍、岗位、账号中只略去相应的人或角色；本人在平台上作出的同意以其编号为依据；密码从不写出。以 = + - @ 开头的文字前面会加 '，读入时去掉，任何表格软件都不会执行它。
要原样搬移整个数据库（编号、版本、日志），用 ` + "`linkage dump`" + ` 和 ` + "`linkage restore`" + `，见 [operations.md](operations.md)。

A table holds what stands and has not begun: what has ended, requests under way or past their time, resources of which something was given, and rows that rest on any
of these are left out, and counted; a team, a post, an account goes without a name that is left out; a consent that its giver entered has
its own id as evidence; passwords are never written. Texts that begin with = + - @ get an apostrophe, which reading takes away: no spreadsheet runs them.
To move a whole store (ids, versions, the log) use ` + "`linkage dump`" + ` and ` + "`linkage restore`" + `, see [operations.md](operations.md).

- 引用 References: 其他文件中行的标识，或系统里的编号（` + "`sta_…`" + `）。The key of a row of another file, or an id of the platform.
- 多个值 Several values: 用分号或顿号隔开 parted by ` + "`;`" + ` or ` + "`、`" + `。
- 日期 Dates: ` + "`2026-03-01`, `2026/3/1`, `2026年3月1日`, `+30d`" + `（导入后第 30 天 the 30th day from the import）；时间 moments: ` + "`2026-03-01 09:30`, `+3d 09:30`" + `（北京时间 China's time）。
- 代码值 Coded values: 中文名、英文名或代码均可 the Chinese label, the English one, or the code。
- 数量 Quantities: 数字一列，单位一列（件、次、份、分钟、小时、克、公斤、毫升、升、元、分）a number and a unit (piece, minute, hour, gram, kg, millilitre, litre, yuan, fen)。
- 角色 Roles: ` + "`COORDINATOR:站点标识`" + `，多个用分号 several parted by semicolons。没有密码的账号会得到一个，只显示一次 an account without a password is given one, told once。
- 行政区划与社区 Divisions and communities: 由代码认定；平台自带的社区，无人描述过的可由表格补充，描述过的只能在系统中修改。Known by their codes; a community that came with the platform and that nobody has described yet is described by a row, one that was described is changed in the platform only。
- 队员与任职者 Members and holders: 自导入之日起，须是可服务的 from the day of the import, of those who can serve。
- 例子 An example: [internal/world/data](../internal/world/data)。
`)
	for _, t := range tables() {
		fmt.Fprintf(&b, "\n## %s · %s\n\n| 列 column | 也可写作 also | 必填 required | 规则 rule |\n|---|---|---|---|\n", t.name, t.zh)
		for _, c := range t.columns {
			required := ""
			if c.Required {
				required = "✓"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Name, strings.Join(c.Also, ", "), required, strings.TrimSpace(c.Zh+" "+c.En))
		}
	}
	return b.String()
}
