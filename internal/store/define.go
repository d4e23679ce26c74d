package store

// NewDefinition makes a definition without a collection, for code that compiles
// filters over a fixed set of fields.
func NewDefinition(name string, fields []FieldDef) *Definition {
	d := &Definition{Name: name, Fields: fields, position: make(map[string]int, len(fields))}
	for i, f := range fields {
		d.position[f.Name] = i
	}
	return d
}
