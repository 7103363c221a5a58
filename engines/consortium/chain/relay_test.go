package chain

import (
	"testing"

	errortypes "github.com/cosmos/cosmos-sdk/types/errors"
)

func TestARefusalIsSaidInTheWordsThatClientsKnow(t *testing.T) {
	cached, full := errortypes.ErrTxInMempoolCache, errortypes.ErrMempoolIsFull
	cases := []struct {
		why   string
		space string
		code  uint32
		log   string
		says  string
	}{
		{"accepted", "", 0, "", ""},
		{"sent again while it waits", cached.Codespace(), cached.ABCICode(), "", "already known"},
		{"too much waits", full.Codespace(), full.ABCICode(), "", "txpool is full"},
		{"a nonce that is used", "sdk", 32, "invalid nonce; got 0, expected 17: tx nonce is lower than account nonce",
			"nonce too low: invalid nonce; got 0, expected 17: tx nonce is lower than account nonce"},
		{"a nonce that leaves a gap", "sdk", 32, "tx nonce: 5, account accountNonce: 1: tx nonce is higher than account nonce",
			"nonce too high: tx nonce: 5, account accountNonce: 1: tx nonce is higher than account nonce"},
		{"anything else keeps its own words", "evm", 7, "what it was", "refused with evm 7: what it was"},
	}
	for _, c := range cases {
		said := ""
		if err := refusal(c.space, c.code, c.log); err != nil {
			said = err.Error()
		}
		if said != c.says {
			t.Errorf("%s: %q, want %q", c.why, said, c.says)
		}
	}
}
