// Package fault is the platform's vocabulary of errors: a kind that says who
// can mend it, a stable code that clients may switch on, the path of the
// offending input, and a sentence in Chinese and in English. Errors of other
// libraries are translated into it once, at the adapter that met them. The
// rule it keeps: every code is declared in one table, equal to the schema's
// ErrorCode enum, and no text of a driver or of personal data is in a message.
package fault
