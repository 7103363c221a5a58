package chain

import (
	"crypto/sha256"
	"sync"

	ethtypes "github.com/ethereum/go-ethereum/core/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	evmtypes "github.com/cosmos/evm/x/vm/types"
)

// rememberedBytes bounds the transactions, in their encoded form, of one generation; two are remembered.
const rememberedBytes = 4 << 20

// senders remembers decoded Ethereum transactions by the hash of their bytes. A node sees the same bytes several times (as
// they come, after every block that they wait through, and in their block), and a decoded transaction keeps the sender
// that was recovered from its signature: so it is recovered once. Law: what is remembered is a function of the bytes alone
// and never changes; the message around it is decoded anew each time.
type senders struct {
	lock          sync.Mutex
	newer, older  map[[sha256.Size]byte]*ethtypes.Transaction
	newerHasBytes int
}

// rememberSenders gives a decoder that remembers.
func rememberSenders(decode sdk.TxDecoder) sdk.TxDecoder {
	known := &senders{newer: make(map[[sha256.Size]byte]*ethtypes.Transaction)}
	return func(raw []byte) (sdk.Tx, error) {
		tx, err := decode(raw)
		if err != nil {
			return nil, err
		}
		if messages := tx.GetMsgs(); len(messages) == 1 {
			if message, ok := messages[0].(*evmtypes.MsgEthereumTx); ok && message.Raw.Transaction != nil {
				message.Raw.Transaction = known.same(raw, message.Raw.Transaction)
			}
		}
		return tx, nil
	}
}

// same gives the transaction that was decoded from these bytes first.
func (s *senders) same(raw []byte, decoded *ethtypes.Transaction) *ethtypes.Transaction {
	name := sha256.Sum256(raw)
	s.lock.Lock()
	defer s.lock.Unlock()
	if one, ok := s.newer[name]; ok {
		return one
	}
	if one, ok := s.older[name]; ok {
		decoded = one
	}
	if s.newerHasBytes+len(raw) > rememberedBytes {
		s.older, s.newer, s.newerHasBytes = s.newer, make(map[[sha256.Size]byte]*ethtypes.Transaction), 0
	}
	s.newer[name] = decoded
	s.newerHasBytes += len(raw)
	return decoded
}
