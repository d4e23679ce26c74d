// Package holiday knows the working days of mainland China: weekdays, but for the public
// holidays and with the adjusted weekends (调休) of the State Council's yearly notices.
//
// The rule it keeps: a year whose notice is not in the data has no calendar. What would
// rest on it is refused with HOLIDAYS_UNKNOWN; nothing is guessed.
package holiday
