package sheet

// Column is a column that a file may have.
type Column struct {
	Name     string   // English header and the name by which rows are asked
	Also     []string // other headers that mean it, the usual Chinese one first
	Required bool     // the header must be there, and no row may leave it empty
	Zh, En   string   // its rule in words, for templates; "" where there is nothing to say
	Options  []string // the words it may hold, for templates to offer; nil for free text
}

// Titles are all headers that mean the column.
func (c Column) Titles() []string { return append([]string{c.Name}, c.Also...) }

// Title is the header as a locale has it: "en" is English, all else Chinese.
func (c Column) Title(locale string) string {
	if locale == "en" || len(c.Also) == 0 {
		return c.Name
	}
	return c.Also[0]
}
