package server

import (
	"mime"
	"strconv"
	"strings"
)

const (
	typeJSON     = "application/json"
	typeResponse = "application/graphql-response+json"
)

// offered are the types that can be answered. Of two that a client likes equally well the
// one that it names goes before the one that is under a star only, then the earlier one.
var offered = []string{typeResponse, typeJSON}

// liking is how much a client likes a type: its quality, and how exactly it names it
// (2 by name, 1 "application/*", 0 "*/*").
type liking struct {
	quality float64
	named   int
}

// negotiated chooses the type of the answer by the Accept headers (RFC 9110, 12.5.1);
// false when none that there is will do. Who names neither gets plain JSON.
func negotiated(accept []string) (kind string, ok bool) {
	header := strings.TrimSpace(strings.Join(accept, ","))
	if header == "" {
		return typeJSON, true
	}
	ranges := strings.Split(header, ",")
	var best liking
	for _, t := range offered {
		l := likes(ranges, t)
		if l.quality > best.quality || l.quality > 0 && l.quality == best.quality && (l.named > best.named || l.named == best.named && l.named < 2) {
			best, kind = l, t
		}
	}
	return kind, best.quality > 0
}

// likes finds the range that fits a type most exactly.
func likes(ranges []string, kind string) liking {
	best := liking{named: -1}
	for _, r := range ranges {
		media, params, err := mime.ParseMediaType(r)
		if err != nil || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
			continue
		}
		named := 2
		switch media {
		case kind:
		case "application/*":
			named = 1
		case "*/*":
			named = 0
		default:
			continue
		}
		if named > best.named {
			best = liking{quality(params["q"]), named}
		}
	}
	return best
}

// quality is a weight between 0 and 1; one that is none weighs nothing.
func quality(q string) float64 {
	if q == "" {
		return 1
	}
	v, err := strconv.ParseFloat(q, 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return 0
	}
	return v
}
