// Package webhook pushes the change feed to other systems over HTTP: signed as
// Standard Webhooks asks, in order for each object, again with back-off until a target
// takes it, and into the dead letters when it never does. What is sent is what the
// account that answers for the webhook may see at the moment of sending. The rule it
// keeps: the log is the queue; only what a target refused is stored, and that bounded.
package webhook
