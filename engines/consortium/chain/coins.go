package chain

import (
	"context"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
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
