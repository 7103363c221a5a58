package chain

import (
	"sort"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/ethereum/go-ethereum/common"

	sdk "github.com/cosmos/cosmos-sdk/types"
	evmtypes "github.com/cosmos/evm/x/vm/types"
)

// place is what the order of a block depends on: who sent a transaction, its number, the gas that it may use.
type place struct {
	sender common.Address
	nonce  uint64
	gas    uint64
}

// arrange orders a proposal: it returns which transaction goes to which place. Law: among the places that a sender's
// transactions hold, they stand by nonce, a nonce once; the places of different senders do not move; no more gas is
// asked for than a block has. Why: CometBFT's mempool can hand a sender's transactions over in another order than they
// came; each that comes too early would fail and be lost for good.
func arrange(places []place, gasLimit uint64) []int {
	bySender := make(map[common.Address][]int)
	for i, one := range places {
		bySender[one.sender] = append(bySender[one.sender], i)
	}
	for _, own := range bySender {
		sort.SliceStable(own, func(a, b int) bool { return places[own[a]].nonce < places[own[b]].nonce })
	}
	next := make(map[common.Address]int, len(bySender))
	last := make(map[common.Address]uint64, len(bySender))
	order := make([]int, 0, len(places))
	var gas uint64
	for _, one := range places {
		at := next[one.sender]
		next[one.sender] = at + 1
		chosen := bySender[one.sender][at]
		if at > 0 && places[chosen].nonce == last[one.sender] {
			continue
		}
		if places[chosen].gas > gasLimit-gas {
			break
		}
		gas += places[chosen].gas
		last[one.sender] = places[chosen].nonce
		order = append(order, chosen)
	}
	return order
}

// inOrder says whether a proposal is one that arrange could have made.
func inOrder(places []place, gasLimit uint64) bool {
	last := make(map[common.Address]uint64)
	var gas uint64
	for _, one := range places {
		before, known := last[one.sender]
		if known && one.nonce <= before {
			return false
		}
		if one.gas > gasLimit-gas {
			return false
		}
		last[one.sender] = one.nonce
		gas += one.gas
	}
	return true
}

// placesOf reads the transactions of a proposal; those that are no transaction of this chain are left out.
func placesOf(decode sdk.TxDecoder, txs [][]byte) (places []place, kept [][]byte) {
	for _, raw := range txs {
		tx, err := decode(raw)
		if err != nil || len(tx.GetMsgs()) != 1 {
			continue
		}
		message, ok := tx.GetMsgs()[0].(*evmtypes.MsgEthereumTx)
		if !ok {
			continue
		}
		inner := message.AsTransaction()
		if inner == nil {
			continue
		}
		places = append(places, place{message.GetSender(), inner.Nonce(), inner.Gas()})
		kept = append(kept, raw)
	}
	return places, kept
}

func gasLimitOf(ctx sdk.Context) uint64 {
	block := ctx.ConsensusParams().Block
	if block == nil || block.MaxGas < 0 {
		return 1<<63 - 1
	}
	return uint64(block.MaxGas)
}

func prepareProposal(decode sdk.TxDecoder) sdk.PrepareProposalHandler {
	return func(ctx sdk.Context, request *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
		places, kept := placesOf(decode, request.Txs)
		order := arrange(places, gasLimitOf(ctx))
		txs := make([][]byte, 0, len(order))
		for _, i := range order {
			txs = append(txs, kept[i])
		}
		return &abci.ResponsePrepareProposal{Txs: txs}, nil
	}
}

// processProposal refuses what no honest proposer makes, so that a bad one cannot burn others' transactions by order.
func processProposal(decode sdk.TxDecoder) sdk.ProcessProposalHandler {
	return func(ctx sdk.Context, request *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
		places, kept := placesOf(decode, request.Txs)
		if len(kept) != len(request.Txs) || !inOrder(places, gasLimitOf(ctx)) {
			return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
		}
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
	}
}
