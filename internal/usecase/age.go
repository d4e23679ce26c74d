package usecase

// AgeBand is how old somebody is, roughly; its values are those of the schema.
type AgeBand string

// Bands are the ages at which a band begins, with its name.
var bands = []struct {
	from int
	band AgeBand
}{{80, "FROM_80"}, {60, "FROM_60"}, {35, "FROM_35"}, {18, "FROM_18"}, {16, "FROM_16"}, {14, "FROM_14"}, {0, "UNDER_14"}}

// Adult is the age from which nobody else has to consent.
const Adult = 18

// BandOf is the band of somebody born on a day; UNKNOWN for no day.
func BandOf(born, today Date) AgeBand {
	years := born.YearsTo(today)
	for _, b := range bands {
		if years >= b.from {
			return b.band
		}
	}
	return "UNKNOWN"
}
