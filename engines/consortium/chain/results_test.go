package chain

import (
	"reflect"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/evm/rpc/types"
)

func event(kind string, pairs ...string) abci.Event {
	made := abci.Event{Type: kind}
	for i := 0; i < len(pairs); i += 2 {
		made.Attributes = append(made.Attributes, abci.EventAttribute{Key: pairs[i], Value: pairs[i+1], Index: true})
	}
	return made
}

const hash = "0x916096f5a220b34457b6eecad8973d3e41ee1a1fb244be59c393f1b88a861f57"

// executed is what the library tells of a transaction that ran.
func executed(failed bool) []abci.Event {
	ran := event("ethereum_tx", "amount", "0", "ethereumTxHash", hash, "txGasUsed", "64574", "txHash", "27feadc5",
		"recipient", "0x0A688B163220E5CF8661fe76f455F304C39A7236", "msg_index", "0")
	if failed {
		ran.Attributes = append(ran.Attributes, abci.EventAttribute{Key: "ethereumTxFailed", Value: "execution reverted"})
	}
	return []abci.Event{
		event("tx", "fee", ""),
		event("ethereum_tx", "ethereumTxHash", hash, "txIndex", "7"),
		event("message", "action", "/cosmos.evm.vm.v1.MsgEthereumTx", "sender", "cosmos1lsjducrkccw4rv4td4gzqwm0vluua4jt5ldydj"),
		ran,
		event("message", "module", "evm", "sender", "0xfc24de6076c61d51b2ab6d50203b6f67f9ced64b", "txType", "2"),
	}
}

func TestWhatIsKeptOfEventsSaysTheSameOfATransaction(t *testing.T) {
	for _, failed := range []bool{false, true} {
		all := &abci.ExecTxResult{GasUsed: 64574, Events: executed(failed)}
		kept := &abci.ExecTxResult{GasUsed: 64574, Events: forReceipt(executed(failed))}
		want, err := types.ParseTxResult(all, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := types.ParseTxResult(kept, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("failed %v: %+v, want %+v", failed, got, want)
		}
		if full, less := all.Size(), kept.Size(); less*2 > full {
			t.Errorf("failed %v: %d of %d bytes are kept", failed, less, full)
		}
	}
}

func TestWhatDidNotRunKeepsItsEvents(t *testing.T) {
	announced := executed(false)[:2]
	if got := forReceipt(announced); !reflect.DeepEqual(got, announced) {
		t.Errorf("%v", got)
	}
	if got := forReceipt(nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
