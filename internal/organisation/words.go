package organisation

import (
	"errors"
	"slices"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/gb"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxName    = 128
	maxFiling  = 64
	maxPhone   = 32
	maxProfile = 1000
	maxNote    = 500
)

// words are the fields of an input; nil leaves a field as it is.
type words struct {
	name, code, filing, phone, profile, authority *string
	fundraising                                   *QualificationInput
	rating                                        *RatingInput
}

// fill checks the words and puts them into the row.
func (o *Organisation) fill(in words) (notices []usecase.Notice, err error) {
	if in.name != nil {
		if o.Name, err = usecase.Text(*in.name, maxName, true, "input", "name"); err != nil {
			return nil, err
		}
		notices = append(notices, nameNotices(o.Name)...)
	}
	if in.phone != nil {
		if o.Phone, err = usecase.Text(*in.phone, maxPhone, false, "input", "phone"); err != nil {
			return nil, err
		}
	}
	if in.profile != nil {
		var masked []usecase.Notice
		if o.Profile, masked, err = usecase.FreeText(*in.profile, maxProfile, false, "input", "profile"); err != nil {
			return nil, err
		}
		notices = append(notices, masked...)
	}
	if in.authority != nil {
		if o.Authority, err = usecase.Text(*in.authority, maxName, false, "input", "registrationAuthority"); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(o.qualify(in.fundraising), o.rate(in.rating)); err != nil {
		return nil, err
	}
	unusual, err := o.fillCodes(in)
	return append(notices, unusual...), err
}

// fillCodes sees to it that a community group has a filing number and no credit
// code, and all others a credit code that fits their kind.
func (o *Organisation) fillCodes(in words) ([]usecase.Notice, error) {
	if !slices.Contains(Kinds, o.Kind) {
		return nil, fault.New(fault.CodeInvalid, fault.At("input", "kind"), fault.P("rule", "KIND"))
	}
	code, err := usecase.Text(usecase.Or(in.code, o.CreditCode), maxFiling, o.Kind != CommunityGroup, "input", "creditCode")
	if err != nil {
		return nil, err
	}
	if o.FilingNumber, err = usecase.Text(usecase.Or(in.filing, o.FilingNumber), maxFiling, o.Kind == CommunityGroup, "input", "filingNumber"); err != nil {
		return nil, err
	}
	switch {
	case o.Kind == CommunityGroup && code != "":
		return nil, badCode("GROUP_WITHOUT_CODE", 0, "")
	case o.Kind != CommunityGroup && o.FilingNumber != "":
		return nil, fault.New(fault.CodeInvalid, fault.At("input", "filingNumber"), fault.P("rule", "GROUPS_ONLY"))
	case code == "" || code == o.CreditCode:
		return nil, nil
	}
	return o.setCode(code)
}

func (o *Organisation) setCode(typed string) ([]usecase.Notice, error) {
	code, odd, err := gb.ParseCreditCode(typed)
	var wrong *gb.Error
	if errors.As(err, &wrong) {
		return nil, badCode(string(wrong.Problem), wrong.At, wrong.Hint)
	}
	if err != nil {
		return nil, err
	}
	if !o.Kind.fits(code.Class()) {
		return nil, badCode("CLASS_OF_KIND", 1, "")
	}
	o.CreditCode = string(code)
	// 54 and 55 are in common use: nothing to look at.
	if slices.ContainsFunc(odd, func(w gb.Warning) bool { return w != gb.WarnUnofficialCategory }) {
		return []usecase.Notice{{Code: "CREDIT_CODE_UNUSUAL", Path: []string{"input", "creditCode"}}}, nil
	}
	return nil, nil
}

func badCode(rule string, at int, hint string) error {
	opts := []fault.Option{fault.At("input", "creditCode"), fault.P("rule", rule)}
	if at > 0 {
		opts = append(opts, fault.P("at", at))
	}
	if hint != "" {
		opts = append(opts, fault.P("hint", hint))
	}
	return fault.New(fault.CodeCreditCodeInvalid, opts...)
}

// nameNotices compares a name with the banned ones. Lawful bodies have near names
// too, so it warns and never refuses.
func nameNotices(name string) []usecase.Notice {
	near := gb.NearNames(name, gb.BannedNames2021())
	if len(near) == 0 {
		return nil
	}
	code := "NAME_NEAR_BANNED"
	if near[0].Grade == gb.GradeBanned {
		code = "NAME_BANNED"
	}
	return []usecase.Notice{{Code: code, Path: []string{"input", "name"}}}
}
