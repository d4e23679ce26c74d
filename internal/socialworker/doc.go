// Package socialworker is the noun of social workers, 社会工作者: they hold a post at
// a station, lead requests and verify what was done. Name, telephone and certificate
// number are personal and stand apart, so that they can be hidden and erased. The
// rule it keeps: who may see the person always sees a display name, and a search by
// name finds only those whose name the searcher sees.
package socialworker
