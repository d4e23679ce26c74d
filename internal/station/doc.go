// Package station is the noun of stations, 站点: the desks where needs are triaged
// and linked. A station lists the communities it serves; For tells which station is
// responsible for a community. The rule it keeps: a community is listed by at most
// one standing station of each kind, and only a station in operation is responsible
// for anything.
package station
