package resource_test

import (
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/testkit"
)

func TestFollowing(t *testing.T) {
	t.Parallel()
	w := open(t)
	rows := map[string]string{} // title → id
	for title, area := range map[string]string{"city": "div_130200000000", "street": "div_130202001000", "beside": "div_130202102000"} {
		rows[title] = w.add(t, title, true, func(c *resource.Create) { c.AreaID = area })
	}
	rows["fund"] = w.add(t, "fund", true, func(c *resource.Create) {
		c.Kind, c.AreaID, c.Batch, c.ExpiresOn = resource.Fund, "div_130202001000", nil, nil
		c.Quantity = measure.Quantity{Value: 100, Unit: measure.Fen}
	})
	for name, c := range map[string]struct {
		kinds     []resource.Kind
		divisions []string
		want      []string
	}{
		"everything":                {nil, nil, []string{"beside", "city", "fund", "street"}},
		"two kinds":                 {[]resource.Kind{resource.Fund, resource.Venue}, nil, []string{"fund"}},
		"what goes to a street":     {nil, []string{"div_130202001000"}, []string{"city", "fund", "street"}},
		"or to a part of a city":    {nil, []string{"div_130200000000"}, []string{"beside", "city", "fund", "street"}},
		"or to one of two":          {[]resource.Kind{resource.Goods}, []string{"div_130202001000", "div_130202102000"}, []string{"beside", "city", "street"}},
		"but not elsewhere":         {nil, []string{"div_110000000000"}, nil},
		"and only what is of kinds": {[]resource.Kind{resource.Fund}, []string{"div_130202102000"}, nil},
	} {
		where, err := resource.Following(c.kinds, c.divisions)
		testkit.WantCode(t, err, "")
		match, err := w.Rows().Definition().Compile(where, true)
		testkit.WantCode(t, err, "")
		var got []string
		for title, id := range rows {
			values, err := w.Core.DB.Peek(ctx, resource.Noun.Name, id)
			testkit.WantCode(t, err, "")
			if match(values) {
				got = append(got, title)
			}
		}
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for code, divisions := range map[fault.Code][]string{fault.CodeIDInvalid: {"com_1"}, fault.CodeTooMany: make([]string, 21)} {
		_, err := resource.Following(nil, divisions)
		testkit.WantCode(t, err, code)
	}
}
