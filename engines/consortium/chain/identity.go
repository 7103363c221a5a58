// Package chain is the application that CometBFT replicates: the EVM, accounts, and the seats; nothing else.
package chain

import (
	"fmt"
	"strconv"
	"strings"
)

// Denom is the unit that the EVM counts balances in. Gas is free, so nobody ever needs any.
const Denom = "aislet"

const chainPrefix = "islet-"

// ID writes a chain id for an EVM chain id. Law: there is one number, and it stands in the id that every vote signs, so
// no node can run with another one unnoticed.
func ID(evmChainID uint64) string {
	return chainPrefix + strconv.FormatUint(evmChainID, 10)
}

// EVMChainID reads the number out of a chain id. It is at most 2^53 - 1, so that every client can hold it exactly.
func EVMChainID(id string) (uint64, error) {
	digits, found := strings.CutPrefix(id, chainPrefix)
	number, err := strconv.ParseUint(digits, 10, 64)
	if !found || err != nil || number == 0 || number > 1<<53-1 || ID(number) != id {
		return 0, fmt.Errorf("chain id %q is not %sN with N from 1 to 2^53-1", id, chainPrefix)
	}
	return number, nil
}
