package chain

import (
	errorsmod "cosmossdk.io/errors"
	sdk "github.com/cosmos/cosmos-sdk/types"
	errortypes "github.com/cosmos/cosmos-sdk/types/errors"
	authante "github.com/cosmos/cosmos-sdk/x/auth/ante"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	"github.com/cosmos/evm/ante"
	evmante "github.com/cosmos/evm/ante/evm"
	feemarketkeeper "github.com/cosmos/evm/x/feemarket/keeper"
	evmkeeper "github.com/cosmos/evm/x/vm/keeper"
)

const ethereumOption = "/cosmos.evm.vm.v1.ExtensionOptionsEthereumTx"

// admission lets Ethereum transactions in and nothing else: signature, nonce and gas are checked by the library; the
// messages of the modules underneath (transfers of coins, changes of parameters) have no way into the ledger.
func admission(
	accounts authkeeper.AccountKeeper, evm *evmkeeper.Keeper, fees feemarketkeeper.Keeper, pending ante.PendingTxListener,
	waiting *waiting,
) sdk.AnteHandler {
	announce := ante.NewTxListenerDecorator(pending)
	return func(ctx sdk.Context, tx sdk.Tx, simulate bool) (sdk.Context, error) {
		if !isEthereum(tx) {
			return ctx, errorsmod.Wrap(errortypes.ErrUnknownExtensionOptions, "only Ethereum transactions enter this ledger")
		}
		if ctx.IsReCheckTx() {
			return waiting.stillValid(ctx, accounts, tx)
		}
		evmParams, feeParams := evm.GetParams(ctx), fees.GetParams(ctx)
		check := evmante.NewEVMMonoDecorator(accounts, fees, evm, 0, &evmParams, &feeParams)
		return sdk.ChainAnteDecorators(check, announce)(ctx, tx, simulate)
	}
}

func isEthereum(tx sdk.Tx) bool {
	extended, ok := tx.(authante.HasExtensionOptionsTx)
	if !ok {
		return false
	}
	options := extended.GetExtensionOptions()
	return len(options) == 1 && options[0].GetTypeUrl() == ethereumOption
}
