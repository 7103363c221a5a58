package chain

import (
	"encoding/json"
	"fmt"

	"cosmossdk.io/log/v2"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/vm"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/baseapp/txnrunner"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/server/api"
	"github.com/cosmos/cosmos-sdk/server/config"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/mempool"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/bank"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	"github.com/cosmos/evm/ante"
	evmencoding "github.com/cosmos/evm/encoding"
	evmaddress "github.com/cosmos/evm/encoding/address"
	"github.com/cosmos/evm/precompiles/p256"
	"github.com/cosmos/evm/x/feemarket"
	feemarketkeeper "github.com/cosmos/evm/x/feemarket/keeper"
	feemarkettypes "github.com/cosmos/evm/x/feemarket/types"
	evmmodule "github.com/cosmos/evm/x/vm"
	evmkeeper "github.com/cosmos/evm/x/vm/keeper"
	vmrunner "github.com/cosmos/evm/x/vm/runner"
	evmtypes "github.com/cosmos/evm/x/vm/types"

	"islet/consortium/seats"
)

// Name of the application, shown to peers.
const Name = "islet-consortium"

// App is the replicated state machine.
type App struct {
	*baseapp.BaseApp
	encoding  evmencoding.Config
	modules   *module.Manager
	relay     *relay
	waiting   *waiting
	listeners []ante.PendingTxListener
	chainID   string
}

// New wires the application for a chain. Throughout, the authority that could change the modules' parameters is the
// address of the seats module, which no message can come from: parameters change with the binary, not by the way.
func New(logger log.Logger, db dbm.DB, chainID string, options ...func(*baseapp.BaseApp)) (*App, error) {
	evmChainID, err := EVMChainID(chainID)
	if err != nil {
		return nil, err
	}
	encoding := Encoding(evmChainID)
	decode := rememberSenders(encoding.TxConfig.TxDecoder())

	// A block is executed while its votes travel; nothing of it is kept before it is decided.
	options = append(options, baseapp.SetOptimisticExecution(), baseapp.SetMempool(mempool.NoOpMempool{}))
	base := baseapp.NewBaseApp(Name, logger, db, decode, options...)
	base.SetInterfaceRegistry(encoding.InterfaceRegistry)
	base.SetTxEncoder(encoding.TxConfig.TxEncoder())
	base.SetDisableBlockGasMeter(true)
	app := &App{BaseApp: base, encoding: encoding, relay: newRelay(), waiting: newWaiting(), chainID: chainID}

	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, consensustypes.StoreKey,
		evmtypes.StoreKey, feemarkettypes.StoreKey, seats.Name)
	objects := storetypes.NewObjectStoreKeys(banktypes.ObjectStoreKey, evmtypes.ObjectKey)
	evm, accounts, fees, err := app.wire(logger, evmChainID, keys, objects)
	if err != nil {
		return nil, err
	}

	base.MountKVStores(keys)
	base.MountObjectStores(objects)
	base.SetInitChainer(app.begin)
	base.SetPreBlocker(func(ctx sdk.Context, _ *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
		return app.modules.PreBlock(ctx)
	})
	base.SetBeginBlocker(app.modules.BeginBlock)
	base.SetEndBlocker(app.modules.EndBlock)
	base.SetAnteHandler(admission(accounts, evm, fees, app.announce, app.waiting))
	base.SetPrepareProposal(prepareProposal(decode))
	base.SetProcessProposal(processProposal(decode))
	// One after the other: with few cores faster than guessing which transactions do not touch each other.
	vmrunner.SetRunner(base, txnrunner.NewDefaultRunner(decode))
	return app, nil
}

func (app *App) wire(
	logger log.Logger, evmChainID uint64,
	keys map[string]*storetypes.KVStoreKey, objects map[string]*storetypes.ObjectStoreKey,
) (*evmkeeper.Keeper, authkeeper.AccountKeeper, feemarketkeeper.Keeper, error) {
	cdc, prefix := app.encoding.Codec, sdk.GetConfig().GetBech32AccountAddrPrefix()
	authority := authtypes.NewModuleAddress(seats.Name)
	codec := evmaddress.NewEvmCodec(prefix)
	authorityText, err := codec.BytesToString(authority)
	if err != nil {
		return nil, authkeeper.AccountKeeper{}, feemarketkeeper.Keeper{}, err
	}
	permissions := map[string][]string{
		authtypes.FeeCollectorName: nil,
		evmtypes.ModuleName:        {authtypes.Minter, authtypes.Burner},
		feemarkettypes.ModuleName:  nil,
	}
	agreement := consensuskeeper.NewKeeper(cdc, runtime.NewKVStoreService(keys[consensustypes.StoreKey]),
		authorityText, runtime.EventService{})
	app.SetParamStore(agreement.ParamsStore)
	accounts := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]),
		authtypes.ProtoBaseAccount, permissions, codec, prefix, authorityText)
	balances := bankkeeper.NewBaseKeeper(cdc, runtime.NewKVStoreService(keys[banktypes.StoreKey]),
		accounts, nil, authorityText, logger).WithObjStoreKey(objects[banktypes.ObjectStoreKey])
	fees := feemarketkeeper.NewKeeper(cdc, authority, keys[feemarkettypes.StoreKey])
	all := make([]storetypes.StoreKey, 0, len(keys))
	for _, key := range keys {
		all = append(all, key)
	}
	evm := evmkeeper.NewKeeper(cdc, keys[evmtypes.StoreKey], objects[evmtypes.ObjectKey], all, authority,
		accounts, noCoins{balances}, seats.Coinbase{}, fees, &agreement, nil, evmChainID, "").
		WithStaticPrecompiles(precompiles())

	app.modules = module.NewManager(
		auth.NewAppModule(cdc, accounts, nil, nil),
		bank.NewAppModule(cdc, balances, accounts, nil),
		consensus.NewAppModule(cdc, agreement),
		quietFees{market: feemarket.NewAppModule(fees)},
		ethereum{evmmodule.NewAppModule(evm, accounts, balances, codec), evm},
		seats.NewModule(seats.NewKeeper(keys[seats.Name], evm)),
	)
	// The seats come last: they ask a contract, so the EVM must have its state.
	order := []string{authtypes.ModuleName, banktypes.ModuleName, consensustypes.ModuleName,
		feemarkettypes.ModuleName, evmtypes.ModuleName, seats.Name}
	app.modules.SetOrderPreBlockers(authtypes.ModuleName, evmtypes.ModuleName)
	app.modules.SetOrderBeginBlockers(order...)
	app.modules.SetOrderEndBlockers(order...)
	app.modules.SetOrderInitGenesis(order...)
	app.modules.SetOrderExportGenesis(order...)
	services := module.NewConfigurator(cdc, app.MsgServiceRouter(), app.GRPCQueryRouter())
	return evm, accounts, fees, app.modules.RegisterServices(services)
}

// Load opens the newest state. Whether it is this chain's is for CometBFT, which compares the genesis it began with.
func (app *App) Load() error {
	if err := app.LoadLatestVersion(); err != nil {
		return err
	}
	for _, one := range app.modules.Modules {
		if evm, ok := one.(ethereum); ok {
			evm.HydrateGlobals(app.NewContextLegacy(true, cmtproto.Header{Height: app.LastBlockHeight()}))
		}
	}
	return nil
}

// begin starts the chain, if its genesis is for this chain and for no other.
func (app *App) begin(ctx sdk.Context, request *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(request.AppStateBytes, &parts); err != nil {
		return nil, err
	}
	var own seats.Genesis
	if err := json.Unmarshal(parts[seats.Name], &own); err != nil {
		return nil, err
	}
	if request.ChainId != app.chainID || ID(own.EVMChainID) != app.chainID {
		return nil, fmt.Errorf("the genesis is of %s with EVM chain id %d, this node runs %s",
			request.ChainId, own.EVMChainID, app.chainID)
	}
	return app.modules.InitGenesis(ctx, app.encoding.Codec, parts)
}

func (app *App) announce(hash common.Hash) {
	for _, listener := range app.listeners {
		listener(hash)
	}
}

// RegisterPendingTxListener lets the JSON-RPC server tell its subscribers what has come in.
func (app *App) RegisterPendingTxListener(listener func(common.Hash)) {
	app.listeners = append(app.listeners, listener)
}

// GetMempool is what the JSON-RPC server sends transactions to.
func (app *App) GetMempool() mempool.ExtMempool { return app.relay }

// RegisterTxService is called by the server once the node runs.
func (app *App) RegisterTxService(node client.Context) {
	app.relay.client = node
	authtx.RegisterTxService(app.GRPCQueryRouter(), node, app.Simulate, app.encoding.InterfaceRegistry)
}

// RegisterTendermintService is called by the server once the node runs.
func (app *App) RegisterTendermintService(node client.Context) {
	cmtservice.RegisterTendermintService(node, app.GRPCQueryRouter(), app.encoding.InterfaceRegistry, app.Query)
}

// RegisterNodeService is called by the server once the node runs.
func (app *App) RegisterNodeService(node client.Context, settings config.Config) {
	nodeservice.RegisterNodeService(node, app.GRPCQueryRouter(), settings,
		func() int64 { return app.CommitMultiStore().EarliestVersion() })
}

// RegisterAPIRoutes: there is no REST server.
func (app *App) RegisterAPIRoutes(*api.Server, config.APIConfig) {}

func precompiles() map[common.Address]vm.PrecompiledContract {
	all := make(map[common.Address]vm.PrecompiledContract, len(vm.PrecompiledContractsPrague)+1)
	for at, contract := range vm.PrecompiledContractsPrague {
		all[at] = contract
	}
	curve := &p256.Precompile{}
	all[curve.Address()] = curve
	return all
}
