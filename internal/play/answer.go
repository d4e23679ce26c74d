package play

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// answer is a part of a JSON answer.
type answer struct{ value any }

func parse(raw []byte) (answer, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return answer{}, fmt.Errorf("read answer: %w", err)
	}
	return answer{v}, nil
}

// at goes down a path of field names and list positions, such as nodes.0.id; what is
// not there is the empty answer.
func (a answer) at(path string) answer {
	v := a.value
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return answer{}
			}
			v = x[i]
		default:
			return answer{}
		}
	}
	return answer{v}
}

// text is a scalar as text; "" for null and for what is not there.
func (a answer) text(path string) string {
	switch v := a.at(path).value.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// num is a whole number, 0 for what is none.
func (a answer) num(path string) int {
	n, _ := strconv.Atoi(a.text(path)) // not a number is 0, as promised
	return n
}

// list is the entries of a list, none for what is none.
func (a answer) list(path string) []answer {
	items, _ := a.at(path).value.([]any)
	out := make([]answer, len(items))
	for i, v := range items {
		out[i] = answer{v}
	}
	return out
}

// null reports whether nothing is there.
func (a answer) null(path string) bool { return a.at(path).value == nil }

// find is the first entry of a list whose field has a value; the empty answer if none.
func (a answer) find(list, field, value string) answer {
	for _, item := range a.list(list) {
		if item.text(field) == value {
			return item
		}
	}
	return answer{}
}

// words joins one field of all entries of a list.
func (a answer) words(list, field string) string {
	var out []string
	for _, item := range a.list(list) {
		if field == "" {
			out = append(out, fmt.Sprint(item.value))
		} else {
			out = append(out, item.text(field))
		}
	}
	return strings.Join(out, ", ")
}
