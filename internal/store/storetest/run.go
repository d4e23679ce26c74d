package storetest

import "testing"

// Run runs the whole contract against an engine.
func Run(t *testing.T, e Engine) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, Engine){
		crudCases, queryCases, rareCases, planCases, unitCases, failureCases, chainCases, transferCases, raceCases, tornCases, uniqueCases, logCases, viewCases, onceCases, migrationCases, dumpCases, randomCases,
	} {
		for name, run := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run(t, e)
			})
		}
	}
}
