// Package team is the volunteer teams (志愿队伍) of a station: who is in one, who leads
// it, and what it does. Anybody sees that there is a team; who is in it is for its
// station and its leader. The rule it keeps: a team's leader is one of its members,
// and nobody is in a team who has left the volunteers.
package team
