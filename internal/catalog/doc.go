// Package catalog lists the nouns for the parts of the platform that serve all of
// them alike: node(id), histories, the change feed and webhooks. A noun is one entry,
// written where the services are wired. The rule it keeps: it knows no noun's package.
package catalog
