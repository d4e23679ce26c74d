// Package community is the noun of communities and villages, 社区/村: where every
// need arises. There is one for each division of community level, under the division's
// own code, so that its id is known without a search. The rule it keeps: what the
// statistics bureau says of the place stays with the division; here stands only what
// people there call it, have and can be asked at.
package community
