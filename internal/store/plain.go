package store

import "reflect"

// text unwraps named string, integer and float types (enums of the nouns) to
// their plain type; other values pass unchanged.
func text(v any) any {
	switch v.(type) {
	case nil, string, int64, float64, []string:
		return v
	}
	switch r := reflect.ValueOf(v); r.Kind() { //nolint:exhaustive // the rest is refused where it is used
	case reflect.String:
		return r.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int()
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(r.Uint())
	}
	return v
}

func setOf(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, s := range list {
		m[s] = true
	}
	return m
}
