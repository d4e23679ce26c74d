// Package intake imports a folder of CSV files: stations, organisations, people,
// resources, requests and accounts that name one another by keys. It calls the same
// use cases as the API does, as the system itself, so that an imported row meets
// every rule that a typed one meets. The rule it keeps: nothing is written before
// every row of every file has been found good, and an import that is repeated
// changes nothing.
package intake
