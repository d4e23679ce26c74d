package division

// Type says what kind of unit a division is by law or in the statistics.
type Type string

// The types, read from the code ranges of GB/T 2260 (county), GB/T 10114 (town)
// and the statistics bureau's coding rules (community). A "like" type is a
// unit that the statistics treat as a town or community though civil affairs
// has not confirmed it: development zones, state farms, mine settlements.
const (
	TypeProvince      Type = "PROVINCE"
	TypeCity          Type = "CITY"
	TypeDistrict      Type = "DISTRICT"            // 市辖区
	TypeCounty        Type = "COUNTY"              // 县
	TypeCountyCity    Type = "COUNTY_CITY"         // 县级市
	TypeZone          Type = "ZONE"                // development zone in the county list
	TypeStreet        Type = "STREET"              // 街道, 001–099
	TypeTown          Type = "TOWN"                // 镇, 100–199
	TypeTownship      Type = "TOWNSHIP"            // 乡, 200–399
	TypeTownLike      Type = "TOWN_LIKE"           // 类似乡级单位, 400–599
	TypeResidents     Type = "RESIDENTS_COMMITTEE" // 居民委员会, 001–199
	TypeVillagers     Type = "VILLAGERS_COMMITTEE" // 村民委员会, 200–399
	TypeResidentsLike Type = "RESIDENTS_LIKE"      // 类似居委会, 400–499
	TypeVillagersLike Type = "VILLAGERS_LIKE"      // 类似村委会, 500–599
	TypeVirtual       Type = "VIRTUAL"             // 虚拟单位 of a town that has no community, 498 and 598
	typeUnknown       Type = ""
)

// TypeOf returns the type that the digits of a code give, "" for no division
// code and for a number outside the published ranges.
func TypeOf(code string) Type {
	short := Short(code)
	switch levelOfShort(short) {
	case LevelProvince:
		return TypeProvince
	case LevelCity:
		return TypeCity
	case LevelCounty:
		return countyType(number(short[4:]))
	case LevelTown:
		return townType(number(short[6:]))
	case LevelCommunity:
		return communityType(number(short[9:]))
	}
	return typeUnknown
}

// countyType reads the last two digits of a county code. 71–79 are the
// statistics bureau's own numbers for zones: all 124 such rows of the edition
// of 2023-06-30 are zones, and no administrative division has one.
func countyType(n int) Type {
	switch {
	case n >= 71 && n <= 79:
		return TypeZone
	case n >= 21 && n <= 50:
		return TypeCounty
	case n >= 81:
		return TypeCountyCity
	}
	return TypeDistrict
}

func townType(n int) Type {
	switch {
	case n < 100:
		return TypeStreet
	case n < 200:
		return TypeTown
	case n < 400:
		return TypeTownship
	case n < 600:
		return TypeTownLike
	}
	return typeUnknown
}

func communityType(n int) Type {
	switch {
	case n == 498 || n == 598:
		return TypeVirtual
	case n < 200:
		return TypeResidents
	case n < 400:
		return TypeVillagers
	case n < 500:
		return TypeResidentsLike
	case n < 600:
		return TypeVillagersLike
	}
	return typeUnknown
}

// Counted reports whether a division stands in the denominator of an
// indicator. Zones in the county list, units that only look like towns or
// communities and virtual units roll up into their parent and are not counted;
// their own parts are judged each by its own type.
func Counted(code string) bool {
	switch TypeOf(code) {
	case TypeZone, TypeTownLike, TypeResidentsLike, TypeVillagersLike, TypeVirtual, typeUnknown:
		return false
	}
	return true
}

// number reads digits that Short has checked.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}
