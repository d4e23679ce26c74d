// Package division holds administrative divisions: provinces, cities, counties,
// towns and the communities and villages below them.
// The pure functions here read level, parent and type from the digits of a
// statistical division code, and Facts gives the embedded rows of Tangshan.
// Rule: what the digits say is never asked of the name, because names such as
// 社区 or 生产队 break every name rule while the code ranges hold.
package division
