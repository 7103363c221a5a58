package chain

import (
	"encoding/binary"
	"math/big"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	sdk "github.com/cosmos/cosmos-sdk/types"
	evmtypes "github.com/cosmos/evm/x/vm/types"
)

// signedBytes is a transaction as it lies in a block.
func signedBytes(t testing.TB, nonce uint64) []byte {
	t.Helper()
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("a sender")))
	if err != nil {
		t.Fatal(err)
	}
	signer := types.LatestSignerForChainID(big.NewInt(testChain))
	signed, err := types.SignNewTx(key, signer, &types.DynamicFeeTx{
		ChainID: big.NewInt(testChain), Nonce: nonce, Gas: 21_000, GasFeeCap: new(big.Int), GasTipCap: new(big.Int),
	})
	if err != nil {
		t.Fatal(err)
	}
	message := new(evmtypes.MsgEthereumTx)
	if err := message.FromSignedEthereumTx(signed, signer); err != nil {
		t.Fatal(err)
	}
	builder := encoding.TxConfig.NewTxBuilder()
	if err := builder.SetMsgs(message); err != nil {
		t.Fatal(err)
	}
	raw, err := encoding.TxConfig.TxEncoder()(builder.GetTx())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const testChain = 7_215_336

var encoding = Encoding(testChain)

func inner(t testing.TB, tx sdk.Tx, err error) *types.Transaction {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return tx.GetMsgs()[0].(*evmtypes.MsgEthereumTx).AsTransaction()
}

func TestTheSameBytesGiveTheSameTransactionAndOthersAnother(t *testing.T) {
	decode := rememberSenders(encoding.TxConfig.TxDecoder())
	one, other := signedBytes(t, 0), signedBytes(t, 1)
	read := func(raw []byte) *types.Transaction {
		tx, err := decode(raw)
		return inner(t, tx, err)
	}
	if read(one) != read(one) {
		t.Error("the same bytes are decoded twice")
	}
	if read(one) == read(other) || read(other).Nonce() != 1 {
		t.Error("other bytes give the same transaction")
	}
	first, _ := decode(one)
	second, _ := decode(one)
	if first == second || first.GetMsgs()[0] == second.GetMsgs()[0] {
		t.Error("the message around a transaction is shared")
	}
	if _, err := decode([]byte("no transaction")); err == nil {
		t.Error("what is no transaction is decoded")
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	known := &senders{newer: make(map[[32]byte]*types.Transaction)}
	raw := make([]byte, 1<<20)
	for i := range 40 {
		binary.BigEndian.PutUint64(raw, uint64(i))
		known.same(raw, new(types.Transaction))
	}
	if kept := len(known.newer) + len(known.older); kept > 8 {
		t.Errorf("%d MiB are remembered", kept)
	}
}

func TestManyReadersAtOnceGetOne(t *testing.T) {
	decode := rememberSenders(encoding.TxConfig.TxDecoder())
	raw := signedBytes(t, 7)
	var all sync.WaitGroup
	got := make([]*types.Transaction, 16)
	for i := range got {
		all.Add(1)
		go func() {
			defer all.Done()
			tx, err := decode(raw)
			if err == nil {
				got[i] = tx.GetMsgs()[0].(*evmtypes.MsgEthereumTx).AsTransaction()
			}
		}()
	}
	all.Wait()
	for _, one := range got {
		if one == nil || one != got[0] {
			t.Fatal("readers got different transactions")
		}
	}
}
