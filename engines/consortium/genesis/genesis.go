// Package genesis makes the first state of a consortium from what its members agreed on.
//
// Law: the same agreement gives the same bytes on every machine, so that each member makes the genesis itself and the
// members compare its hash. The list of validators is not in it: the first set is what the ValidatorSet contract, which
// the genesis creates, answers.
package genesis

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	sdkmath "cosmossdk.io/math"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/ethereum/go-ethereum/common"

	"github.com/cosmos/cosmos-sdk/codec"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/evm/precompiles/p256"
	feemarkettypes "github.com/cosmos/evm/x/feemarket/types"
	evmtypes "github.com/cosmos/evm/x/vm/types"

	"islet/consortium/chain"
	"islet/consortium/seats"
)

const (
	// txBytes is the largest transaction, that of geth's pool.
	txBytes = 131_072
	// blockBytes leaves room for 32 of the largest.
	blockBytes = 32 * txBytes
	// minBlockGas holds one transaction of the largest contract.
	minBlockGas = 30_000_000
	// evidence older than both of these is no longer taken: about two weeks of full blocks, and 14 days.
	evidenceBlocks = 1_200_000
	evidenceAge    = 14 * 24 * time.Hour
)

// Agreement is what the members agreed on; everything else in the genesis follows from the binary.
type Agreement struct {
	ChainID string    `json:"chain_id"`
	Begins  time.Time `json:"begins"`
	// BlockGas is the sum of the gas limits that a block may hold.
	BlockGas int64 `json:"block_gas,string"`
	// Council lists the accounts that may create contracts; everyone may call them.
	Council []string `json:"council"`
	// Create and Seats: see seats.Genesis.
	Create []seats.Creation `json:"create"`
	Seats  string           `json:"seats"`
}

// Read reads an agreement and refuses what this binary does not know.
func Read(raw []byte) (Agreement, error) {
	var agreement Agreement
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&agreement); err != nil {
		return agreement, fmt.Errorf("the agreement cannot be read: %w", err)
	}
	if agreement.Begins.IsZero() || agreement.BlockGas < minBlockGas || len(agreement.Council) == 0 {
		return agreement, fmt.Errorf("the agreement lacks a beginning, a council, or %d gas a block", minBlockGas)
	}
	for _, member := range agreement.Council {
		if !common.IsHexAddress(member) {
			return agreement, fmt.Errorf("the council lists %q, which is no address", member)
		}
	}
	_, err := chain.EVMChainID(agreement.ChainID)
	return agreement, err
}

// Make gives the genesis document as bytes.
func Make(agreement Agreement) ([]byte, error) {
	evmChainID, err := chain.EVMChainID(agreement.ChainID)
	if err != nil {
		return nil, err
	}
	own := seats.Genesis{EVMChainID: evmChainID, Create: agreement.Create, Seats: agreement.Seats}
	if err := own.Validate(); err != nil {
		return nil, err
	}
	state, err := stateOf(chain.Encoding(evmChainID).Codec, agreement, own)
	if err != nil {
		return nil, err
	}
	document := genutiltypes.AppGenesis{
		AppName:       chain.Name,
		GenesisTime:   agreement.Begins.UTC(),
		ChainID:       agreement.ChainID,
		InitialHeight: 1,
		AppState:      state,
		Consensus:     &genutiltypes.ConsensusGenesis{Params: consensusOf(agreement)},
	}
	if err := document.ValidateAndComplete(); err != nil {
		return nil, err
	}
	return json.MarshalIndent(document, "", " ")
}

func consensusOf(agreement Agreement) *cmttypes.ConsensusParams {
	params := cmttypes.DefaultConsensusParams()
	params.Block = cmttypes.BlockParams{MaxBytes: blockBytes, MaxGas: agreement.BlockGas}
	params.Evidence.MaxAgeNumBlocks = evidenceBlocks
	params.Evidence.MaxAgeDuration = evidenceAge
	params.Validator.PubKeyTypes = []string{cmttypes.ABCIPubKeyTypeEd25519}
	return params
}

func stateOf(cdc codec.JSONCodec, agreement Agreement, own seats.Genesis) (json.RawMessage, error) {
	bank := banktypes.DefaultGenesisState()
	// The EVM module reads from here how many decimals its unit has; nobody holds any of it.
	bank.DenomMetadata = []banktypes.Metadata{{
		Base: chain.Denom, Display: "islet", Name: "islet", Symbol: "ISLET",
		DenomUnits: []*banktypes.DenomUnit{{Denom: chain.Denom}, {Denom: "islet", Exponent: 18}},
	}}

	fees := feemarkettypes.DefaultGenesisState()
	fees.Params.NoBaseFee = true
	fees.Params.BaseFee = sdkmath.LegacyZeroDec()
	fees.Params.MinGasPrice = sdkmath.LegacyZeroDec()
	fees.Params.MinGasMultiplier = sdkmath.LegacyZeroDec()

	evm := evmtypes.DefaultGenesisState()
	evm.Params.EvmDenom = chain.Denom
	evm.Params.ExtendedDenomOptions = &evmtypes.ExtendedDenomOptions{ExtendedDenom: chain.Denom}
	evm.Params.ActiveStaticPrecompiles = []string{p256.Precompile{}.Address().Hex()}
	evm.Params.AccessControl.Create = evmtypes.AccessControlType{
		AccessType:        evmtypes.AccessTypePermissioned,
		AccessControlList: creators(agreement.Council),
	}

	parts := map[string]json.RawMessage{
		authtypes.ModuleName:      cdc.MustMarshalJSON(authtypes.DefaultGenesisState()),
		banktypes.ModuleName:      cdc.MustMarshalJSON(bank),
		feemarkettypes.ModuleName: cdc.MustMarshalJSON(fees),
		evmtypes.ModuleName:       cdc.MustMarshalJSON(evm),
	}
	if err := evm.Validate(); err != nil {
		return nil, err
	}
	ownPart, err := json.Marshal(own)
	if err != nil {
		return nil, err
	}
	parts[seats.Name] = ownPart
	return json.Marshal(parts)
}

// creators adds the account of the genesis itself, which has no key, to the council.
func creators(council []string) []string {
	list := []string{seats.Creator.Hex()}
	for _, member := range council {
		list = append(list, common.HexToAddress(member).Hex())
	}
	slices.Sort(list)
	return slices.Compact(list)
}
