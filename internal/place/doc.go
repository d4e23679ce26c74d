// Package place holds points on the earth: validation, distance, the cell by
// which stores index them, and the conversion from and to China's GCJ-02.
// Inside the platform every point is WGS-84; GCJ-02 exists only at the edge,
// where map apps of the country read and write it.
// Rule: a stranger gets Coarse, never the point, and never a distance measured
// from the point, because three such distances give it away.
package place
