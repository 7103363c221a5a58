package chain

import (
	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	evmtypes "github.com/cosmos/evm/x/vm/types"
)

// FinalizeBlock executes a block and hands on what CometBFT keeps of its events: those that a receipt is made of.
// Events count neither for the application hash nor for the hash of results, so a node may keep less than another.
func (app *App) FinalizeBlock(request *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	response, err := app.BaseApp.FinalizeBlock(request)
	if err != nil {
		return nil, err
	}
	for _, result := range response.TxResults {
		result.Events = forReceipt(result.Events)
	}
	return response, nil
}

// forReceipt unites a transaction's Ethereum events into one with what the JSON-RPC server reads (which transaction, its
// place, its gas, whether it failed), and keeps the word by which subscribers to logs are told of it.
func forReceipt(events []abci.Event) []abci.Event {
	kept := abci.Event{Type: evmtypes.EventTypeEthereumTx}
	known := make(map[string]bool, 4)
	for _, event := range events {
		if event.Type != evmtypes.EventTypeEthereumTx {
			continue
		}
		for _, one := range event.Attributes {
			switch one.Key {
			case evmtypes.AttributeKeyEthereumTxHash, evmtypes.AttributeKeyTxIndex, evmtypes.AttributeKeyTxGasUsed,
				evmtypes.AttributeKeyEthereumTxFailed:
				if !known[one.Key] {
					known[one.Key] = true
					kept.Attributes = append(kept.Attributes, abci.EventAttribute{Key: one.Key, Value: one.Value})
				}
			}
		}
	}
	// The server takes an event of two words for the announcement of a second one: one that ended before it ran.
	if len(kept.Attributes) <= 2 {
		return events
	}
	return []abci.Event{kept, {
		Type:       sdk.EventTypeMessage,
		Attributes: []abci.EventAttribute{{Key: sdk.AttributeKeyModule, Value: evmtypes.ModuleName}},
	}}
}
