package main

import "errors"

// Exit codes by which whoever starts a node tells why it did not; every other failure is 1.
const (
	// exitSeatRuns: the seat, or this home, is in use by another process of this machine.
	exitSeatRuns = 11
	// exitSignsTwice: the record of what was signed is older than what was signed.
	exitSignsTwice = 12
	// exitNoRecord: there is no readable record of what was signed.
	exitNoRecord = 13
	// exitNoSecrets: the node's keys did not arrive.
	exitNoSecrets = 14
)

type codedError struct {
	error
	code int
}

func (e codedError) Unwrap() error { return e.error }

func coded(code int, err error) error { return codedError{err, code} }

func exitCodeOf(err error) int {
	var known codedError
	if errors.As(err, &known) {
		return known.code
	}
	return 1
}
