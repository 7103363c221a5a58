package seats

import (
	"context"
	"errors"

	"cosmossdk.io/core/address"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	evmaddress "github.com/cosmos/evm/encoding/address"
)

// Coinbase is what the EVM asks of a staking module that this chain does not have: who proposed a block. The proposer's
// consensus address, derived from its seat's key, becomes the block's COINBASE.
type Coinbase struct{}

// GetValidatorByConsAddr names the proposer after its consensus address.
func (Coinbase) GetValidatorByConsAddr(_ context.Context, proposer sdk.ConsAddress) (stakingtypes.Validator, error) {
	return stakingtypes.Validator{OperatorAddress: sdk.ValAddress(proposer).String()}, nil
}

// GetHistoricalInfo is asked by queries of past headers only; there is no such history here.
func (Coinbase) GetHistoricalInfo(context.Context, int64) (stakingtypes.HistoricalInfo, error) {
	return stakingtypes.HistoricalInfo{}, errors.New("this chain keeps no historical headers in its state")
}

// ValidatorAddressCodec reads and writes proposers' addresses.
func (Coinbase) ValidatorAddressCodec() address.Codec {
	return evmaddress.NewEvmCodec(sdk.GetConfig().GetBech32ValidatorAddrPrefix())
}

// BondDenom: nothing is bonded here.
func (Coinbase) BondDenom(context.Context) (string, error) { return "", nil }
