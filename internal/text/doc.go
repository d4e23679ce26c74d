// Package text makes Chinese, Latin and digits searchable in the same way in
// every store.
// Fold brings a text and a query to one form, Terms and QueryTerms give the
// index terms that narrow the candidates, and a substring check on the folded
// texts decides. Names are found by pinyin too: NameTerms and NameQuery.
// Rule: terms may let too much through but never hold back a true match.
package text
