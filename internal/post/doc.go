// Package post is the posts (岗位) that a station keeps for volunteers and social
// workers: what is done there, what it asks for, how many it takes, and who holds
// one. A post is on show while it takes people; its holders are for those who run the
// station. The rule it keeps: nobody holds a post whose demands they do not meet on
// the day they are appointed (Volunteer Service Regulation arts. 15 and 16; Minors
// Protection Law art. 62).
package post
