package chain

import (
	"encoding/json"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/evm/x/feemarket"
)

// quietFees is the library's fee market without its work per block. With free gas that work computes a price of zero,
// but it writes to the state, so that an idle chain's application hash would change with every block and each block
// would call for another one.
type quietFees struct {
	feemarket.AppModuleBasic
	market feemarket.AppModule
}

var _ module.HasABCIGenesis = quietFees{}

func (quietFees) IsAppModule()        {}
func (quietFees) IsOnePerModuleType() {}

func (quietFees) ConsensusVersion() uint64 { return 1 }

func (q quietFees) RegisterServices(at module.Configurator) { q.market.RegisterServices(at) }

func (q quietFees) InitGenesis(ctx sdk.Context, cdc codec.JSONCodec, raw json.RawMessage) []abci.ValidatorUpdate {
	return q.market.InitGenesis(ctx, cdc, raw)
}

func (q quietFees) ExportGenesis(ctx sdk.Context, cdc codec.JSONCodec) json.RawMessage {
	return q.market.ExportGenesis(ctx, cdc)
}
