package chain

import (
	"context"
	"math/big"
	"strconv"

	"github.com/ethereum/go-ethereum/core"
	ethtypes "github.com/ethereum/go-ethereum/core/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	evmmodule "github.com/cosmos/evm/x/vm"
	evmkeeper "github.com/cosmos/evm/x/vm/keeper"
	"github.com/cosmos/evm/x/vm/statedb"
	evmtypes "github.com/cosmos/evm/x/vm/types"
)

// ethereum is the library's EVM module with its own way to apply a transaction.
type ethereum struct {
	evmmodule.AppModule
	keeper *evmkeeper.Keeper
}

// RegisterServices puts that way in the place of the library's.
func (e ethereum) RegisterServices(at module.Configurator) {
	evmtypes.RegisterMsgServer(at.MsgServer(), applying{e.keeper})
	evmtypes.RegisterQueryServer(at.QueryServer(), e.keeper)
}

// applying runs an admitted transaction on the EVM as the library does, to the same state and the same answer, without
// what nothing here asks for: the library recovers the signature once more for hooks that there are none of, and counts
// and announces what is not kept (results.go).
type applying struct{ *evmkeeper.Keeper }

// EthereumTx is the message's handler.
func (a applying) EthereumTx(within context.Context, asked *evmtypes.MsgEthereumTx) (*evmtypes.MsgEthereumTxResponse, error) {
	ctx := sdk.UnwrapSDKContext(within)
	tx := asked.AsTransaction()
	config, err := a.EVMConfig(ctx, ctx.BlockHeader().ProposerAddress)
	if err != nil {
		return nil, err
	}
	signer := ethtypes.MakeSigner(evmtypes.GetEthChainConfig(), big.NewInt(ctx.BlockHeight()), uint64(ctx.BlockTime().Unix()))
	message, err := core.TransactionToMessage(tx, signer, config.BaseFee)
	if err != nil {
		return nil, err
	}
	inside, keep := ctx.CacheContext()
	place := a.TxConfig(ctx, tx.Hash())
	state := statedb.New(inside, coinless{a.Keeper}, place)
	response, err := a.ApplyMessageWithConfig(inside, state, *message, nil, true, false, config, place, false, nil)
	if err != nil {
		a.ResetGasMeterAndConsumeGas(inside, inside.GasMeter().Limit())
		return nil, err
	}
	if logs := evmtypes.LogsToEthereum(response.Logs); len(logs) > 0 {
		bloom := ethtypes.CreateBloom(&ethtypes.Receipt{Logs: logs})
		a.SetTxBloom(inside, new(big.Int).SetBytes(bloom.Bytes()))
	}
	if !response.Failed() {
		keep()
	}
	used, err := a.AddTransientGasUsed(ctx, response.GasUsed)
	if err != nil {
		return nil, err
	}
	a.ResetGasMeterAndConsumeGas(ctx, used)
	words := []sdk.Attribute{
		sdk.NewAttribute(evmtypes.AttributeKeyEthereumTxHash, response.Hash),
		sdk.NewAttribute(evmtypes.AttributeKeyTxGasUsed, strconv.FormatUint(response.GasUsed, 10)),
	}
	if response.Failed() {
		words = append(words, sdk.NewAttribute(evmtypes.AttributeKeyEthereumTxFailed, response.VmError))
	}
	ctx.EventManager().EmitEvent(sdk.NewEvent(evmtypes.EventTypeEthereumTx, words...))
	return response, nil
}
