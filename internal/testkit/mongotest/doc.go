// Package mongotest gives a test a real MongoDB: URI a private database on the
// replica set of one that all tests of this checkout share, One and
// Three a private set whose members may be killed and made to fail. With CI=true a machine without a mongod
// fails the test; elsewhere it is skipped, and standard error says so in capitals.
//
// The rule it keeps: no test sees another's data, and none is passed over in silence.
package mongotest
