package mongo

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/fivesociety/linkage/internal/fault"
)

// Labels that the server and the driver put on errors of transactions.
const (
	labelTransient = "TransientTransactionError"
	labelUnknown   = "UnknownTransactionCommitResult"
	labelRetry     = "RetryableWriteError"
)

// Codes of the server that mean something to us.
const (
	codeOutOfDisk       = 14031
	codeNamespaceExists = 48
)

// awayCodes are the server's codes for "not now, perhaps not here": it starts,
// stops, steps down or has lost its majority. Transactions carry labels as well;
// plain reads do not.
var awayCodes = []int{6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}

// translate is translate, and UNAVAILABLE for whatever a closed engine says: its
// texts differ with what the call was doing, its reason does not.
func (a *Adapter) translate(err error) error {
	if err != nil && a.closed.Load() && !errors.Is(err, context.Canceled) {
		if _, ok := fault.As(err); !ok {
			return fault.New(fault.CodeUnavailable, fault.Because(err))
		}
	}
	return translate(err)
}

// translate turns the driver's errors into faults, once, so that no text of the
// engine travels further. Cancelled contexts and faults pass.
func translate(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	switch {
	case hasCode(err, codeOutOfDisk):
		return fault.New(fault.CodeStoreFull, fault.Because(err))
	case passing(err):
		return fault.New(fault.CodeUnavailable, fault.Because(err))
	}
	return fault.New(fault.CodeInternal, fault.Because(err))
}

// passing reports whether the same call may succeed later: an election, a lost
// connection, a conflict with another process, time that ran out.
func passing(err error) bool {
	var selection topology.ServerSelectionError
	var pool driver.RetryablePoolError // another call met the election first
	return errors.As(err, &pool) && pool.Retryable() ||
		hasLabel(err, labelTransient) || hasLabel(err, labelUnknown) || hasLabel(err, labelRetry) ||
		mongo.IsNetworkError(err) || mongo.IsTimeout(err) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, mongo.ErrClientDisconnected) || errors.As(err, &selection) ||
		slices.ContainsFunc(awayCodes, func(code int) bool { return hasCode(err, code) })
}

func hasLabel(err error, label string) bool {
	var e mongo.LabeledError
	return errors.As(err, &e) && e.HasErrorLabel(label)
}

func hasCode(err error, code int) bool {
	var e mongo.ServerError
	return errors.As(err, &e) && e.HasErrorCode(code)
}
