package chain

import (
	"sync"

	errorsmod "cosmossdk.io/errors"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/ethereum/go-ethereum/common"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	"github.com/cosmos/evm/mempool"
	evmtypes "github.com/cosmos/evm/x/vm/types"
)

// waiting decides about transactions that were admitted and wait through a block, which CometBFT asks about one by one
// after each. With free gas and parameters that no message changes, its sender's number is all that a block can have
// changed. Law: what was admitted stays until its number is used. CometBFT lists what came at once in any order, so one
// may be asked about before the one that its sender sent before it; dropped for that, it and all that follow it would be
// lost to this node, which then has nothing to propose.
type waiting struct {
	lock sync.Mutex
	// committed numbers of the senders asked about since the last block.
	committed map[common.Address]uint64
}

func newWaiting() *waiting { return &waiting{committed: make(map[common.Address]uint64)} }

// forget is called when a block was committed.
func (w *waiting) forget() {
	w.lock.Lock()
	defer w.lock.Unlock()
	clear(w.committed)
}

// next is the sender's next number as of the last block: what its account said when it was asked about first.
func (w *waiting) next(sender common.Address, said uint64) uint64 {
	w.lock.Lock()
	defer w.lock.Unlock()
	if known, ok := w.committed[sender]; ok {
		return known
	}
	w.committed[sender] = said
	return said
}

// stillValid asks for as much gas as at first (what a block takes of it depends on that), and leaves the sender's account
// as the next new transaction must find it.
func (w *waiting) stillValid(ctx sdk.Context, accounts authkeeper.AccountKeeper, tx sdk.Tx) (sdk.Context, error) {
	message, inner, err := evmtypes.UnpackEthMsg(tx.GetMsgs()[0])
	if err != nil {
		return ctx, err
	}
	sender := accounts.GetAccount(ctx, message.GetFrom())
	if sender == nil {
		// Its first transactions wait; it came to be when they were admitted, but in no block yet.
		sender = accounts.NewAccountWithAddress(ctx, message.GetFrom())
	}
	number := inner.Nonce()
	if next := w.next(message.GetSender(), sender.GetSequence()); number < next {
		return ctx, errorsmod.Wrapf(mempool.ErrNonceLow, "number %d, expected %d", number, next)
	}
	if number >= sender.GetSequence() {
		if err := sender.SetSequence(number + 1); err != nil {
			return ctx, err
		}
		accounts.SetAccount(ctx, sender)
	}
	return ctx.WithGasMeter(evmtypes.NewInfiniteGasMeterWithLimit(inner.Gas())), nil
}

// Commit ends a block; the next questions are about the state after it.
func (app *App) Commit() (*abci.ResponseCommit, error) {
	answer, err := app.BaseApp.Commit()
	app.waiting.forget()
	return answer, err
}
