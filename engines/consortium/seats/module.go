package seats

import (
	"context"
	"encoding/json"
	"strconv"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/grpc-ecosystem/grpc-gateway/runtime"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
)

var (
	_ module.HasABCIGenesis  = Module{}
	_ module.HasABCIEndBlock = Module{}
)

// Module is the place of the seats in the chain's life: genesis, evidence at the beginning of a block, the set at its
// end, after the EVM has run.
type Module struct {
	keeper Keeper
}

// NewModule wires a keeper in.
func NewModule(keeper Keeper) Module { return Module{keeper: keeper} }

// Name implements module.AppModuleBasic.
func (Module) Name() string { return Name }

// RegisterLegacyAminoCodec implements module.AppModuleBasic; the module has no messages.
func (Module) RegisterLegacyAminoCodec(*codec.LegacyAmino) {}

// RegisterInterfaces implements module.AppModuleBasic; the module has no messages.
func (Module) RegisterInterfaces(codectypes.InterfaceRegistry) {}

// RegisterGRPCGatewayRoutes implements module.AppModuleBasic; the module has no queries of its own.
func (Module) RegisterGRPCGatewayRoutes(client.Context, *runtime.ServeMux) {}

// IsAppModule implements appmodule.AppModule.
func (Module) IsAppModule() {}

// IsOnePerModuleType implements appmodule.AppModule.
func (Module) IsOnePerModuleType() {}

// ConsensusVersion implements module.HasConsensusVersion.
func (Module) ConsensusVersion() uint64 { return 1 }

// DefaultGenesis implements module.HasGenesisBasics: there is none, a set of seats must be named.
func (Module) DefaultGenesis(codec.JSONCodec) json.RawMessage {
	return json.RawMessage(`{"evm_chain_id":"0","create":[],"seats":""}`)
}

// ValidateGenesis implements module.HasGenesisBasics.
func (Module) ValidateGenesis(_ codec.JSONCodec, _ client.TxEncodingConfig, raw json.RawMessage) error {
	var genesis Genesis
	if err := json.Unmarshal(raw, &genesis); err != nil {
		return err
	}
	return genesis.Validate()
}

// InitGenesis creates the contracts and gives CometBFT the first set. A genesis that cannot begin must not begin.
func (m Module) InitGenesis(ctx sdk.Context, cdc codec.JSONCodec, raw json.RawMessage) []abci.ValidatorUpdate {
	var genesis Genesis
	err := m.ValidateGenesis(cdc, nil, raw)
	if err == nil {
		err = json.Unmarshal(raw, &genesis)
	}
	var changes []Seat
	if err == nil {
		changes, err = m.keeper.begin(ctx, genesis)
	}
	if err != nil {
		panic(err)
	}
	return updates(changes)
}

// ExportGenesis implements module.HasABCIGenesis; a chain is copied by its blocks, not by an export.
func (m Module) ExportGenesis(_ sdk.Context, cdc codec.JSONCodec) json.RawMessage {
	return m.DefaultGenesis(cdc)
}

// BeginBlock shows the evidence that CometBFT found; the vote on the seat is the members' own.
func (m Module) BeginBlock(ctx context.Context) error {
	block := sdk.UnwrapSDKContext(ctx)
	evidence := block.CometInfo().GetEvidence()
	for i := range evidence.Len() {
		found := evidence.Get(i)
		block.EventManager().EmitEvent(sdk.NewEvent(EventMisbehaved,
			sdk.NewAttribute("kind", strconv.Itoa(int(found.Type()))),
			sdk.NewAttribute("seat", sdk.ConsAddress(found.Validator().Address()).String()),
			sdk.NewAttribute("height", strconv.FormatInt(found.Height(), 10))))
	}
	return nil
}

// EndBlock implements module.HasABCIEndBlock.
func (m Module) EndBlock(ctx context.Context) ([]abci.ValidatorUpdate, error) {
	changes, err := m.keeper.advance(sdk.UnwrapSDKContext(ctx))
	if err != nil {
		return nil, err
	}
	return updates(changes), nil
}
