package chain

import (
	"slices"
	"sort"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/ethereum/go-ethereum/common"

	sdk "github.com/cosmos/cosmos-sdk/types"
	evmtypes "github.com/cosmos/evm/x/vm/types"
)

// place is what the order of a block depends on: who sent a transaction, its number, the gas that it may use, and
// whether it takes a consent back.
type place struct {
	sender common.Address
	nonce  uint64
	gas    uint64
	urgent bool
}

// revocations are the calls that go before all others: revoke and revokeDirect of the consent ledger, by selector. They
// decide what a proposer puts first, not what a block may hold.
var revocations = [][4]byte{{0xa1, 0x62, 0x1d, 0xa2}, {0x42, 0x71, 0x21, 0xb3}}

// ordinaryGas bounds what a proposer takes of everything but revocations, so that a block of it is executed within a
// second on few slow cores and what is urgent stands in the next one: some 250 grants.
const ordinaryGas = 40_000_000

// arrange orders a proposal: it returns which transaction goes to which place. Laws: revocations come first, each after
// what its sender sent before it; among the places that a sender's other transactions hold, they stand by nonce, a nonce
// once; the places of different senders do not move; no more gas is asked for than a block has, and of all but what comes
// first not much more than ordinary. Why: CometBFT's mempool can hand a sender's transactions over in another order than
// they came; each that comes too early would fail and be lost for good.
func arrange(places []place, gasLimit, ordinary uint64) []int {
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
	// take puts the sender's next one into the block; false where it has no room.
	take := func(sender common.Address, limit uint64) bool {
		at := next[sender]
		chosen := bySender[sender][at]
		if at > 0 && places[chosen].nonce == last[sender] {
			next[sender] = at + 1
			return true
		}
		if gas > limit || places[chosen].gas > limit-gas {
			return false
		}
		next[sender] = at + 1
		gas += places[chosen].gas
		last[sender] = places[chosen].nonce
		order = append(order, chosen)
		return true
	}
	for i, one := range places {
		if !one.urgent {
			continue
		}
		own := bySender[one.sender]
		for next[one.sender] < len(own) && places[own[next[one.sender]]].nonce <= places[i].nonce {
			if !take(one.sender, gasLimit) {
				return order
			}
		}
	}
	for _, one := range places {
		if next[one.sender] == len(bySender[one.sender]) {
			continue
		}
		// What comes first is never too much: a block that left it out would leave it out for ever.
		limit := ordinary
		if len(order) == 0 {
			limit = gasLimit
		}
		if !take(one.sender, min(limit, gasLimit)) {
			break
		}
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
		places = append(places, place{message.GetSender(), inner.Nonce(), inner.Gas(), isRevocation(inner.Data())})
		kept = append(kept, raw)
	}
	return places, kept
}

func isRevocation(data []byte) bool {
	return len(data) >= 4 && slices.Contains(revocations, [4]byte(data[:4]))
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
		order := arrange(places, gasLimitOf(ctx), ordinaryGas)
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
