// Package resource is the noun of charity resources, 公益慈善资源, the fifth of the
// five societies: goods, money, venues, services and things or skills lent. A
// resource's row carries its whole stock, with the holds and promises on it, so that
// whoever takes a part of it changes this one row. The rule it keeps: what is held,
// promised and given never exceeds what was offered, and a lapsed hold holds nothing.
package resource
