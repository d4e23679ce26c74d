package intake

import (
	"fmt"
	"strings"
)

// Describe is what the files may hold, as a page of Markdown: docs/import.md is made
// of it.
func Describe() string {
	var b strings.Builder
	b.WriteString(`# 导入 Import

` + "`linkage import DIR`" + ` 读取一个文件夹里的 CSV 文件（UTF-8，有无 BOM 均可，中文或英文表头，列的顺序不限）。
全部检查通过之后才写入；有任何错误，逐行指出文件、行、列和原因，什么也不写入。
重复导入同一文件夹不会产生重复：每行由文件和标识（key）认定；同一标识内容不同则报错。
` + "`--check`" + ` 只检查。

` + "`linkage import DIR`" + ` reads the CSV files of a folder (UTF-8 with or without a byte-order mark, Chinese or English
headers, columns in any order). Nothing is written before all of it has been found good; otherwise every bad row is named
with file, row, column and reason. Importing the same folder again changes nothing: a row is known by its file and key,
and other content under an old key is an error. ` + "`--check`" + ` only checks.

- 引用 References: 其他文件中行的标识，或系统里的编号（` + "`sta_…`" + `）。The key of a row of another file, or an id of the platform.
- 多个值 Several values: 用分号或顿号隔开 parted by ` + "`;`" + ` or ` + "`、`" + `。
- 日期 Dates: ` + "`2026-03-01`, `2026/3/1`, `2026年3月1日`, `+30d`" + `（导入后第 30 天 the 30th day from the import）；时间 moments: ` + "`2026-03-01 09:30`, `+3d 09:30`" + `（北京时间 China's time）。
- 代码值 Coded values: 中文名、英文名或代码均可 the Chinese label, the English one, or the code。
- 数量 Quantities: 数字一列，单位一列（件、次、份、分钟、小时、克、公斤、毫升、升、元、分）a number and a unit (piece, minute, hour, gram, kg, millilitre, litre, yuan, fen)。
- 角色 Roles: ` + "`COORDINATOR:站点标识`" + `，多个用分号 several parted by semicolons。没有密码的账号会得到一个，只显示一次 an account without a password is given one, told once。
- 例子 An example: [internal/world/data](../internal/world/data)。
`)
	for _, t := range tables() {
		fmt.Fprintf(&b, "\n## %s.csv · %s.csv\n\n| 列 column | 也可写作 also | 必填 required |\n|---|---|---|\n", t.name, t.zh)
		for _, c := range t.columns {
			required := ""
			if c.Required {
				required = "✓"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Name, strings.Join(c.Also, ", "), required)
		}
	}
	return b.String()
}
