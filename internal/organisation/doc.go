// Package organisation is the noun of all bodies that take part: registered social
// organisations, community groups on file, companies, public institutions and
// government. Its standing on the platform is one table (state.go); what the
// authorities publish about it suspends it at once. The rule it keeps: nobody
// verifies what they entered themselves, and only an admitted organisation may take
// on anything new.
package organisation
