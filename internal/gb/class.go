package gb

// Class says what kind of body a credit code was given to.
type Class string

// The classes that the platform tells apart, with the two characters that a
// code of that class begins with.
const (
	ClassGovernment          Class = "GOVERNMENT"           // 11 机关
	ClassPublicInstitution   Class = "PUBLIC_INSTITUTION"   // 12 事业单位
	ClassMassOrganisation    Class = "MASS_ORGANISATION"    // 13 群众团体
	ClassAssociation         Class = "ASSOCIATION"          // 51 社会团体
	ClassServiceOrganisation Class = "SERVICE_ORGANISATION" // 52 社会服务机构 (民办非企业单位)
	ClassFoundation          Class = "FOUNDATION"           // 53 基金会
	ClassVillagersCommittee  Class = "VILLAGERS_COMMITTEE"  // 54 村民委员会, in practice
	ClassResidentsCommittee  Class = "RESIDENTS_COMMITTEE"  // 55 居民委员会, in practice
	ClassOtherSocial         Class = "OTHER_SOCIAL"         // 59 民政登记的其他组织
	ClassCompany             Class = "COMPANY"              // 91 企业
	ClassSoleTrader          Class = "SOLE_TRADER"          // 92 个体工商户
	ClassCooperative         Class = "COOPERATIVE"          // 93 农民专业合作社
	ClassGroupCollective     Class = "GROUP_COLLECTIVE"     // N1 组级集体经济组织
	ClassVillageCollective   Class = "VILLAGE_COLLECTIVE"   // N2 村级集体经济组织
	ClassTownCollective      Class = "TOWN_COLLECTIVE"      // N3 乡镇级集体经济组织
	ClassOther               Class = "OTHER"                // any other beginning
)

// Class returns the class by the first two characters, ClassOther if they are
// none of the list.
func (c CreditCode) Class() Class {
	if len(c) < 2 {
		return ClassOther
	}
	switch c[:2] {
	case "11":
		return ClassGovernment
	case "12":
		return ClassPublicInstitution
	case "13":
		return ClassMassOrganisation
	case "51":
		return ClassAssociation
	case "52":
		return ClassServiceOrganisation
	case "53":
		return ClassFoundation
	case "54":
		return ClassVillagersCommittee
	case "55":
		return ClassResidentsCommittee
	case "59":
		return ClassOtherSocial
	case "91":
		return ClassCompany
	case "92":
		return ClassSoleTrader
	case "93":
		return ClassCooperative
	case "N1":
		return ClassGroupCollective
	case "N2":
		return ClassVillageCollective
	case "N3":
		return ClassTownCollective
	}
	return ClassOther
}

// SocialOrganisation reports whether a body of this class is a social
// organisation, registered with civil affairs: 51, 52, 53 or 59. A committee
// (54, 55) is a body of self-government and not one.
func (c Class) SocialOrganisation() bool {
	switch c {
	case ClassAssociation, ClassServiceOrganisation, ClassFoundation, ClassOtherSocial:
		return true
	}
	return false
}
