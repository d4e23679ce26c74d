package store

import "context"

// walk runs the branches of a query and merges them in order, each row once. It
// asks every branch for limit rows: together they hold the first limit of the union.
func (db *DB) walk(ctx context.Context, scans []Scan, desc bool, after *Pos, limit int) ([]Record, bool, error) {
	lists := make([][]Record, 0, len(scans))
	for _, s := range scans {
		s.Desc, s.After, s.Limit = desc, after, limit+1
		rows, err := db.scan(ctx, s)
		if err != nil {
			return nil, false, err
		}
		lists = append(lists, rows)
	}
	if len(lists) == 1 {
		rows := lists[0]
		if len(rows) > limit {
			return rows[:limit], true, nil
		}
		return rows, false, nil
	}
	return mergeRecords(lists, scans, desc, limit)
}

func mergeRecords(lists [][]Record, scans []Scan, desc bool, limit int) ([]Record, bool, error) {
	var out []Record
	seen := map[string]bool{} // also for a row that moved between two branches' reads
	for {
		best := -1
		var bestPos Pos
		for i, l := range lists {
			if len(l) == 0 {
				continue
			}
			p := scans[i].Noun.posOf(l[0], scans[i].Sort)
			if best < 0 || p.before(bestPos, desc) {
				best, bestPos = i, p
			}
		}
		if best < 0 {
			return out, false, nil
		}
		r := lists[best][0]
		lists[best] = lists[best][1:]
		if seen[r.ID] {
			continue
		}
		seen[r.ID] = true
		if len(out) == limit {
			return out, true, nil
		}
		out = append(out, r)
	}
}

func (d *Definition) posOf(r Record, sortBy string) Pos {
	if sortBy == "" {
		return Pos{ID: r.ID}
	}
	if r.Values == nil {
		return Pos{Key: r.Key, ID: r.ID}
	}
	return Pos{Key: r.Values[d.position[sortBy]], ID: r.ID}
}
