package division

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// perCounty is the table of the 2023-06-30 edition: towns and communities.
var perCounty = map[string]struct {
	name               string
	towns, communities int
}{
	"130202": {"路南区", 11, 138},
	"130203": {"路北区", 13, 250},
	"130204": {"古冶区", 10, 206},
	"130205": {"开平区", 11, 180},
	"130207": {"丰南区", 16, 492},
	"130208": {"丰润区", 23, 553},
	"130209": {"曹妃甸区", 19, 167},
	"130224": {"滦南县", 17, 609},
	"130225": {"乐亭县", 16, 490},
	"130227": {"迁西县", 19, 430},
	"130229": {"玉田县", 23, 775},
	"130271": {"河北唐山芦台经济开发区", 2, 28},
	"130272": {"唐山市汉沽管理区", 3, 36},
	"130273": {"唐山高新技术产业开发区", 4, 74},
	"130274": {"河北唐山海港经济开发区", 2, 63},
	"130281": {"遵化市", 27, 690},
	"130283": {"迁安市", 21, 585},
	"130284": {"滦州市", 14, 538},
}

func TestFactsHaveTheCountsOfTheEdition(t *testing.T) {
	t.Parallel()
	byLevel, byType, counted := map[Level]int{}, map[Type]int{}, map[Level]int{}
	for fact := range Facts() {
		byLevel[fact.Level]++
		byType[fact.Type]++
		if Counted(fact.Code) {
			counted[fact.Level]++
		}
	}
	wantLevel := map[Level]int{
		LevelProvince: 1, LevelCity: 1, LevelCounty: 18, LevelTown: 251, LevelCommunity: 6304,
	}
	wantType := map[Type]int{
		TypeProvince: 1, TypeCity: 1,
		TypeDistrict: 7, TypeCounty: 4, TypeCountyCity: 3, TypeZone: 4,
		TypeStreet: 49, TypeTown: 156, TypeTownship: 19, TypeTownLike: 27,
		TypeResidents: 808, TypeVillagers: 5463, TypeResidentsLike: 15, TypeVillagersLike: 11, TypeVirtual: 7,
	}
	wantCounted := map[Level]int{
		LevelProvince: 1, LevelCity: 1, LevelCounty: 14, LevelTown: 224, LevelCommunity: 6271,
	}
	if got, want := fmt.Sprint(byLevel, byType, counted), fmt.Sprint(wantLevel, wantType, wantCounted); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFactsHaveTheCountsOfEachCounty(t *testing.T) {
	t.Parallel()
	names, towns, communities := map[string]string{}, map[string]int{}, map[string]int{}
	split := map[string]int{}
	for fact := range Facts() {
		_, _, county, _, _ := Levels(fact.Code)
		switch fact.Level {
		case LevelCounty:
			names[county] = fact.Name
		case LevelTown:
			towns[county]++
		case LevelCommunity:
			communities[county]++
			split[county+string(fact.Type)]++
		}
	}
	for code, want := range perCounty {
		if names[code] != want.name || towns[code] != want.towns || communities[code] != want.communities {
			t.Errorf("%s: %s %d/%d, want %+v", code, names[code], towns[code], communities[code], want)
		}
	}
	if len(names) != len(perCounty) {
		t.Errorf("%d county rows", len(names))
	}
	got := []int{
		split["130202"+string(TypeResidents)], split["130202"+string(TypeVillagers)],
		split["130203"+string(TypeResidents)], split["130203"+string(TypeVillagers)],
	}
	if !slices.Equal(got, []int{83, 55, 179, 71}) {
		t.Errorf("residents' and villagers' committees of 路南 and 路北: %v", got)
	}
}

func TestFactsComeParentFirstWithExactNames(t *testing.T) {
	t.Parallel()
	names := map[string]string{}
	last := ""
	for fact := range Facts() {
		if parent := Parent(fact.Code); parent != "" && names[parent] == "" {
			t.Errorf("%s comes before its parent", fact.Code)
		}
		if fact.Code <= last || fact.Name == "" {
			t.Errorf("%s %q after %s", fact.Code, fact.Name, last)
		}
		names[fact.Code], last = fact.Name, fact.Code
	}
	for code, want := range map[string]string{
		"13": "河北省", "1302": "唐山市", "130202001": "学院南路街道",
		"130202001001": "立新东楼社区居民委员会", "130202102201": "龙凤庄村村民委员会",
		"130272451510": "第二十生产队", "130229401598": "河北唐山国家农业科技园区虚拟生活区",
	} {
		if names[code] != want {
			t.Errorf("%s is %q, want %q", code, names[code], want)
		}
	}
	if _, found := names["130223"]; found {
		t.Error("滦县 130223 was replaced by 滦州市 130284 before this edition")
	}
}

func TestFactsCanBeLeftEarly(t *testing.T) {
	t.Parallel()
	seen := 0
	for range Facts() {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("%d rows before the break", seen)
	}
}

func TestDamagedFactsAreAnError(t *testing.T) {
	t.Parallel()
	all := func(Fact) bool { return true }
	for _, packed := range [][]byte{nil, []byte("code,name"), tangshan[:len(tangshan)/2]} {
		if eachFact(bytes.NewReader(packed), all) == nil {
			t.Errorf("%d bytes were read without an error", len(packed))
		}
	}
}

func BenchmarkFacts(b *testing.B) {
	for b.Loop() {
		for range Facts() {
			continue
		}
	}
}
