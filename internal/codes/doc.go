// Package codes is the platform's lists of coded values (categories, reasons,
// skills …) with their labels in Chinese and English, and the reader's locale in
// a context. Lists grow without breaking any client; values are never reused. The
// rule it keeps: a coded value is stored as its id, and labelled only for reading.
package codes
