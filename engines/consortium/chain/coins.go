package chain

import (
	"context"
	"math/big"

	sdkmath "cosmossdk.io/math"
	"github.com/ethereum/go-ethereum/common"
	"github.com/holiman/uint256"

	sdk "github.com/cosmos/cosmos-sdk/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	evmkeeper "github.com/cosmos/evm/x/vm/keeper"
	"github.com/cosmos/evm/x/vm/statedb"
)

// noCoins is the library's bank where nobody holds anything: the genesis gives nobody coins and no message makes any. The
// EVM asks for the balance of every account that it touches; here the answer needs no reading.
type noCoins struct{ bankkeeper.BaseKeeper }

// GetBalance is nothing.
func (noCoins) GetBalance(_ context.Context, _ sdk.AccAddress, denom string) sdk.Coin {
	return sdk.Coin{Denom: denom, Amount: sdkmath.ZeroInt()}
}

// SpendableCoin is nothing.
func (b noCoins) SpendableCoin(ctx context.Context, of sdk.AccAddress, denom string) sdk.Coin {
	return b.GetBalance(ctx, of, denom)
}

// LockedCoins are none.
func (noCoins) LockedCoins(context.Context, sdk.AccAddress) sdk.Coins { return nil }

// coinless is the library's state for a transaction that runs: what an account holds is known to be nothing, so it is not
// even asked for.
type coinless struct{ *evmkeeper.Keeper }

// GetAccount is an account as the library reads it, nil where there is none.
func (c coinless) GetAccount(ctx sdk.Context, of common.Address) *statedb.Account {
	known := c.GetAccountWithoutBalance(ctx, of)
	if known == nil {
		return nil
	}
	return statedb.NewAccount(known.Nonce, new(uint256.Int), new(big.Int), known.CodeHash)
}
