package genesis

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cosmossdk.io/log/v2"
	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/cosmos/cosmos-sdk/baseapp"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	evmtypes "github.com/cosmos/evm/x/vm/types"

	"islet/consortium/chain"
)

const number = 4_294_967_297

// fourSeats is creation code of a contract that answers every call with four seats of equal power.
func fourSeats() string {
	var answer []byte
	put := func(value uint64) { answer = binary.BigEndian.AppendUint64(append(answer, make([]byte, 24)...), value) }
	put(64)
	put(64 + 32 + 4*32)
	put(4)
	for seat := range 4 {
		answer = append(answer, bytes.Repeat([]byte{byte(seat + 1)}, 32)...)
	}
	put(4)
	for range 4 {
		put(10)
	}
	// Each half copies what stands behind it and returns it: the first as the contract's code, the second as its answer.
	half := func(size int) string { return fmt.Sprintf("61%04x600e60003961%04x6000f3", size, size) }
	return "0x" + half(len(answer)+14) + half(len(answer)) + hex.EncodeToString(answer)
}

// ledger is an application whose blocks a test makes.
type ledger struct {
	*chain.App
	t      *testing.T
	height int64
}

func begun(t *testing.T) *ledger {
	t.Helper()
	member := crypto.PubkeyToAddress(keyOf(t, "member").PublicKey)
	made := make2(t, fmt.Sprintf(`{"chain_id":"islet-%d","begins":"2026-01-01T00:00:00Z","block_gas":"200000000",
"council":["%s"],"create":[{"name":"validators","code":"%s"}],"seats":"validators"}`, number, member.Hex(), fourSeats()))
	path := filepath.Join(t.TempDir(), "genesis.json")
	if err := os.WriteFile(path, made, 0o600); err != nil {
		t.Fatal(err)
	}
	document, err := genutiltypes.AppGenesisFromFile(path)
	must(t, err)
	agreed, err := document.ToGenesisDoc()
	must(t, err)
	app, err := chain.New(log.NewNopLogger(), dbm.NewMemDB(), document.ChainID, baseapp.SetChainID(document.ChainID))
	must(t, err)
	must(t, app.Load())
	params := agreed.ConsensusParams.ToProto()
	_, err = app.InitChain(&abci.RequestInitChain{
		ChainId: document.ChainID, Time: document.GenesisTime, ConsensusParams: &params,
		AppStateBytes: document.AppState, InitialHeight: 1,
	})
	must(t, err)
	one := &ledger{App: app, t: t}
	one.block()
	return one
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func keyOf(t *testing.T, name string) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte(name)))
	must(t, err)
	return key
}

// signed is a transaction as it lies in a block; without a recipient it creates a contract.
func (one *ledger) signed(by string, nonce, gas uint64, to *common.Address, value int64, data string) []byte {
	one.t.Helper()
	signer := types.LatestSignerForChainID(big.NewInt(number))
	tx, err := types.SignNewTx(keyOf(one.t, by), signer, &types.DynamicFeeTx{
		ChainID: big.NewInt(number), Nonce: nonce, Gas: gas, To: to, Value: big.NewInt(value), Data: common.FromHex(data),
		GasFeeCap: new(big.Int), GasTipCap: new(big.Int),
	})
	must(one.t, err)
	message := new(evmtypes.MsgEthereumTx)
	must(one.t, message.FromSignedEthereumTx(tx, signer))
	config := chain.Encoding(number).TxConfig
	built, err := message.BuildTx(config.NewTxBuilder(), chain.Denom)
	must(one.t, err)
	raw, err := config.TxEncoder()(built)
	must(one.t, err)
	return raw
}

// block makes the next block of these transactions.
func (one *ledger) block(txs ...[]byte) []*abci.ExecTxResult {
	one.t.Helper()
	one.height++
	made, err := one.FinalizeBlock(&abci.RequestFinalizeBlock{
		Txs: txs, Height: one.height, Time: time.Unix(1_800_000_000+one.height, 0),
		Hash: make([]byte, 32), NextValidatorsHash: make([]byte, 32), ProposerAddress: make([]byte, 20),
	})
	must(one.t, err)
	_, err = one.Commit()
	must(one.t, err)
	return made.TxResults
}

// asked is what the node's way in says to a transaction, new or waiting.
func (one *ledger) asked(raw []byte, kind abci.CheckTxType) *abci.ResponseCheckTx {
	one.t.Helper()
	said, err := one.CheckTx(&abci.RequestCheckTx{Tx: raw, Type: kind})
	must(one.t, err)
	return said
}

func word(result *abci.ExecTxResult, key string) string {
	for _, event := range result.Events {
		for _, one := range event.Attributes {
			if event.Type == evmtypes.EventTypeEthereumTx && one.Key == key {
				return one.Value
			}
		}
	}
	return ""
}

// A contract whose code is ten bytes: it keeps 1 in its first slot and logs a word.
const logging = "0x600a600c600039600a6000f3" + "6001600055" + "60206000a0"

// The library knows one chain a process, so all of this happens on one.
func TestALedgerFromItsGenesisOn(t *testing.T) {
	one := begun(t)
	t.Run("transactions are executed and their receipts told", one.executes)
	t.Run("nobody has coins to send", one.hasNoCoins)
	t.Run("what waits through a block is kept until its number is used", one.keepsWhatWaits)
	t.Run("also the first of a sender of whom no block has heard", one.keepsANewcomersFirst)
}

func (one *ledger) executes(t *testing.T) {
	at := crypto.CreateAddress(crypto.PubkeyToAddress(keyOf(t, "member").PublicKey), 0)
	results := one.block(
		one.signed("member", 0, 200_000, nil, 0, logging),
		one.signed("stranger", 0, 200_000, nil, 0, logging),
		one.signed("stranger", 1, 100_000, &at, 0, ""),
		one.signed("stranger", 2, 21_001, &at, 0, ""),
	)
	for place, want := range []struct{ why, failed, gas string }{
		{"a member creates a contract", "", "55330"},
		{"a stranger may not", "permission to deploy", ""},
		{"anybody calls it: a slot and a log", "", ""},
		{"not for so little gas", "out of gas", "21001"},
	} {
		got := results[place]
		failed := word(got, evmtypes.AttributeKeyEthereumTxFailed)
		if got.Code != 0 || word(got, evmtypes.AttributeKeyTxIndex) != strconv.Itoa(place) ||
			(want.failed == "") != (failed == "") || !strings.Contains(failed, want.failed) {
			t.Errorf("%s: %v", want.why, got)
		}
		if gas := word(got, evmtypes.AttributeKeyTxGasUsed); want.gas != "" && gas != want.gas || gas != strconv.FormatInt(got.GasUsed, 10) {
			t.Errorf("%s: gas %s", want.why, gas)
		}
	}
	if len(results[2].Data) <= len(results[3].Data) {
		t.Error("the log of the call is in no receipt")
	}
}

func (one *ledger) hasNoCoins(t *testing.T) {
	to := common.HexToAddress("0x01")
	if said := one.asked(one.signed("member", 1, 21_000, &to, 1, ""), abci.CheckTxType_New); !strings.Contains(said.Log, "insufficient") {
		t.Errorf("a coin came from nowhere: %v", said)
	}
}

func (one *ledger) keepsWhatWaits(t *testing.T) {
	to := common.HexToAddress("0x01")
	var waiting [][]byte
	for nonce := range uint64(3) {
		waiting = append(waiting, one.signed("patient", nonce, 30_000+nonce, &to, 0, ""))
		if said := one.asked(waiting[nonce], abci.CheckTxType_New); said.Code != 0 || said.GasWanted != int64(30_000+nonce) {
			t.Fatal(said)
		}
	}
	one.block(waiting[0])
	if said := one.asked(waiting[0], abci.CheckTxType_Recheck); !strings.Contains(said.Log, "nonce is lower") {
		t.Errorf("one that stands in a block still waits: %v", said)
	}
	// A proposer counts the gas that was said here: less than nothing, and the transaction is forgotten.
	for _, nonce := range []int{2, 1} {
		if said := one.asked(waiting[nonce], abci.CheckTxType_Recheck); said.Code != 0 || said.GasWanted != int64(30_000+nonce) {
			t.Errorf("it is not kept as it was, in whatever order it is asked about: %v", said)
		}
	}
	if said := one.asked(one.signed("patient", 3, 21_000, &to, 0, ""), abci.CheckTxType_New); said.Code != 0 {
		t.Errorf("the number after those that wait is refused: %v", said)
	}
	one.block(waiting[1])
	if said := one.asked(waiting[1], abci.CheckTxType_Recheck); !strings.Contains(said.Log, "nonce is lower") {
		t.Errorf("after the next block one that stands in it still waits: %v", said)
	}
}

func (one *ledger) keepsANewcomersFirst(t *testing.T) {
	to := common.HexToAddress("0x01")
	first, second := one.signed("newcomer", 0, 21_000, &to, 0, ""), one.signed("newcomer", 1, 21_000, &to, 0, "")
	for _, raw := range [][]byte{first, second} {
		if said := one.asked(raw, abci.CheckTxType_New); said.Code != 0 {
			t.Fatal(said)
		}
	}
	one.block()
	for _, raw := range [][]byte{first, second} {
		if said := one.asked(raw, abci.CheckTxType_Recheck); said.Code != 0 {
			t.Errorf("a block without it has thrown it out: %v", said)
		}
	}
	if said := one.asked(one.signed("newcomer", 2, 21_000, &to, 0, ""), abci.CheckTxType_New); said.Code != 0 {
		t.Errorf("the number after those that wait is refused: %v", said)
	}
	for place, result := range one.block(first, second) {
		if result.Code != 0 {
			t.Errorf("number %d of those that waited does not count: %v", place, result)
		}
	}
}
