// Package policy is the matching policies (匹配规则) of divisions: how much each soft part
// of matching counts there, and the limits that are a matter of opinion. A place goes by
// the version of the nearest division above it that has one in force, else by the one
// that is built in. The rule it keeps: of a division at most one version is in force, and
// what was ever in force is never changed, so that a request can be pinned to it.
package policy
