package division

// Level says how deep a division lies in the tree.
type Level string

// The five levels, from the top. A text that is no division code has level "".
const (
	LevelProvince  Level = "PROVINCE"
	LevelCity      Level = "CITY"
	LevelCounty    Level = "COUNTY"
	LevelTown      Level = "TOWN"
	LevelCommunity Level = "COMMUNITY"
)

// fullLen is the length of a statistical code with all its digits.
const fullLen = 12

// Short returns the canonical form of a code: 2, 4, 6, 9 or 12 digits for
// province, city, county, town and community. It takes that form or any form
// padded with zeros ("130200", "130202000000") and returns "" for a text that
// is no division code. All functions of this file accept what Short accepts and
// answer in the short form.
func Short(code string) string {
	switch len(code) {
	case 2, 4, 6, 9, fullLen:
	default:
		return ""
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return ""
		}
	}
	for _, cut := range [...]int{9, 6, 4, 2} {
		if len(code) > cut && zeros(code[cut:]) {
			code = code[:cut]
		}
	}
	if !wellFormed(code) {
		return ""
	}
	return code
}

// wellFormed refuses a code whose province, city or town digits are zero while
// a deeper group is not. Zero county digits are right: a city such as 东莞
// (441900001) has towns and no counties.
func wellFormed(short string) bool {
	if short[:2] == "00" {
		return false
	}
	if len(short) >= 4 && short[2:4] == "00" {
		return false
	}
	return len(short) < fullLen || short[6:9] != "000"
}

func zeros(digits string) bool {
	for i := range len(digits) {
		if digits[i] != '0' {
			return false
		}
	}
	return true
}

// Full returns the 12-digit form of a code, padded with zeros, as it stands in
// an id: Full("130202") is "130202000000". It returns "" for no division code.
func Full(code string) string {
	short := Short(code)
	if short == "" {
		return ""
	}
	return short + "000000000000"[len(short):]
}

// LevelOf returns the level of a code, "" for no division code.
func LevelOf(code string) Level {
	return levelOfShort(Short(code))
}

func levelOfShort(short string) Level {
	switch len(short) {
	case 2:
		return LevelProvince
	case 4:
		return LevelCity
	case 6:
		return LevelCounty
	case 9:
		return LevelTown
	case fullLen:
		return LevelCommunity
	}
	return ""
}

// Parent returns the short code of the next level up that exists: of a town in
// a city without counties that is the city. It returns "" for a province and
// for no division code.
func Parent(code string) string {
	short := Short(code)
	switch len(short) {
	case 4:
		return short[:2]
	case 6:
		return short[:4]
	case 9:
		return Short(short[:6])
	case fullLen:
		return short[:9]
	}
	return ""
}

// Levels returns the short code of each level that a code lies in, itself
// included; levels below the code, and a county that a city does not have, are
// "". Of no division code all are "".
func Levels(code string) (province, city, county, town, community string) {
	for at := Short(code); at != ""; at = Parent(at) {
		switch levelOfShort(at) {
		case LevelProvince:
			province = at
		case LevelCity:
			city = at
		case LevelCounty:
			county = at
		case LevelTown:
			town = at
		case LevelCommunity:
			community = at
		}
	}
	return province, city, county, town, community
}

// Within reports whether code is area itself or lies below it.
func Within(code, area string) bool {
	inner, outer := Short(code), Short(area)
	return outer != "" && len(inner) >= len(outer) && inner[:len(outer)] == outer
}
