package organisation

import (
	"github.com/fivesociety/linkage/internal/usecase"
)

// Same refuses two entries that are not one body, and one against which something stands
// under one of them only: it would be got rid of.
func Same(duplicate, survivor *Organisation) error {
	var t usecase.Twins
	t.Same("kind", duplicate.Kind == survivor.Kind)
	t.Identity("creditCode", duplicate.CreditCode, survivor.CreditCode)
	t.Identity("filingNumber", duplicate.FilingNumber, survivor.FilingNumber)
	t.Same("credit", duplicate.Credit == survivor.Credit)
	t.Same("admission", duplicate.Admission() != Suspended && duplicate.Admission() != Barred || duplicate.Admission() == survivor.Admission())
	return t.Err()
}

// Stop takes a duplicate out of use, and says in which standing it was. What it offers
// goes on with the survivor.
func (o *Organisation) Stop() string {
	was := o.Admission()
	if was == Admitted {
		o.Header.State = string(Suspended)
	}
	return string(was)
}
