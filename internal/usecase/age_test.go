package usecase

import "testing"

func TestAgeBandsTurnOnTheBirthday(t *testing.T) {
	t.Parallel()
	for born, want := range map[Date]AgeBand{
		"": "UNKNOWN", "2026-03-03": "UNKNOWN", "2026-03-02": "UNDER_14", "2012-03-03": "UNDER_14", "2012-03-02": "FROM_14",
		"2010-03-03": "FROM_14", "2010-03-02": "FROM_16", "2008-03-03": "FROM_16", "2008-03-02": "FROM_18", "1991-03-02": "FROM_35",
		"1966-03-02": "FROM_60", "1946-03-03": "FROM_60", "1946-03-02": "FROM_80", "1900-01-01": "FROM_80", "yesterday": "UNKNOWN",
	} {
		if got := BandOf(born, "2026-03-02"); got != want {
			t.Errorf("%s: %s, want %s", born, got, want)
		}
	}
}
