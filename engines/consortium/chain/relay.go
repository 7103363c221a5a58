package chain

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
	errortypes "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/mempool"
	"github.com/cosmos/evm/mempool/txpool"
	"github.com/cosmos/evm/rpc/backend"
)

var _ backend.Mempool = (*relay)(nil)

// relay stands where the JSON-RPC server looks for a pool of Ethereum transactions: it hands each to CometBFT's own
// mempool. That mempool, other than the library's, wakes an idle chain (no blocks while nothing is to be done), and
// refuses a nonce that leaves a gap at once instead of keeping it.
type relay struct {
	mempool.NoOpMempool
	pool   *txpool.TxPool
	client client.Context
}

func newRelay() *relay { return &relay{pool: new(txpool.TxPool)} }

// Insert sends a transaction to the local node's mempool; an answer other than 0 is the reason why it is refused.
func (r *relay) Insert(_ context.Context, tx sdk.Tx) error {
	if r.client.Client == nil {
		return errors.New("the node is still starting")
	}
	raw, err := r.client.TxConfig.TxEncoder()(tx)
	if err != nil {
		return err
	}
	answer, err := r.client.BroadcastTxSync(raw)
	if err != nil {
		return err
	}
	return refusal(answer.Codespace, answer.Code, answer.RawLog)
}

// refusal says why a transaction is not taken, in the words that Ethereum clients know from geth.
func refusal(space string, code uint32, log string) error {
	if code == 0 {
		return nil
	}
	cached := errortypes.ErrTxInMempoolCache
	full := errortypes.ErrMempoolIsFull
	switch {
	case space == cached.Codespace() && code == cached.ABCICode():
		return errors.New("already known")
	case space == full.Codespace() && code == full.ABCICode():
		return errors.New("txpool is full")
	case strings.Contains(log, "nonce is lower"):
		return fmt.Errorf("nonce too low: %s", log)
	case strings.Contains(log, "nonce is higher"):
		return fmt.Errorf("nonce too high: %s", log)
	}
	return fmt.Errorf("refused with %s %d: %s", space, code, log)
}

// GetTxPool gives the server an empty pool: what waits is known to CometBFT alone.
func (r *relay) GetTxPool() *txpool.TxPool { return r.pool }
