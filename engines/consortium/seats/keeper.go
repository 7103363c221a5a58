package seats

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/crypto"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	evmkeeper "github.com/cosmos/evm/x/vm/keeper"
	"github.com/cosmos/evm/x/vm/statedb"
)

// Name of the module and of its store.
const Name = "seats"

// Events of the module, in the results of a block.
const (
	// EventChanged: the set in force changed; one per seat, attributes key and power.
	EventChanged = "seats_changed"
	// EventKept: the contract's answer was not taken; attribute reason.
	EventKept = "seats_kept"
	// EventMisbehaved: CometBFT handed over evidence, of two votes of one seat for one height or of an attack on light
	// clients; attributes kind, seat (consensus address), height. The evidence itself stands in the block.
	EventMisbehaved = "seats_misbehaved"
)

const (
	// readGas bounds the reading of the contract, which every block does.
	readGas = 20_000_000
	// createGas bounds each contract that the genesis creates.
	createGas = 100_000_000
)

// Creator is the account that creates the contracts of the genesis. It is a hash, so nobody has a key to it.
var Creator = common.BytesToAddress(crypto.Keccak256([]byte("islet genesis"))[12:])

var (
	storedContract = []byte{1}
	storedSet      = []byte{2}
)

// Keeper reads the contract through the EVM and keeps the set in force.
type Keeper struct {
	store storetypes.StoreKey
	evm   *evmkeeper.Keeper
}

// NewKeeper gives a keeper over its own store.
func NewKeeper(store storetypes.StoreKey, evm *evmkeeper.Keeper) Keeper {
	return Keeper{store: store, evm: evm}
}

// begin creates the genesis' contracts in order and puts the set that the named one answers in force.
func (k Keeper) begin(ctx sdk.Context, genesis Genesis) ([]Seat, error) {
	for nonce, creation := range genesis.Create {
		code, err := creation.bytes()
		if err != nil {
			return nil, err
		}
		answer, err := k.apply(ctx, nil, code, uint64(nonce), createGas, true)
		if err != nil {
			return nil, fmt.Errorf("contract %s of the genesis: %w (0x%x)", creation.Name, err, answer)
		}
	}
	contract, err := genesis.Contract()
	if err != nil {
		return nil, err
	}
	store := ctx.KVStore(k.store)
	store.Set(storedContract, contract.Bytes())
	set, err := k.ask(ctx)
	if err != nil {
		return nil, fmt.Errorf("the set of the genesis: %w", err)
	}
	if err := CheckSet(set); err != nil {
		return nil, fmt.Errorf("the set of the genesis: %w", err)
	}
	store.Set(storedSet, Encode(set))
	return Changes(nil, set), nil
}

// advance asks the contract and puts its set in force where the rules allow it. It writes only what changed, so that
// the application hash of an idle chain stays the same.
func (k Keeper) advance(ctx sdk.Context) ([]Seat, error) {
	store := ctx.KVStore(k.store)
	before, err := Decode(store.Get(storedSet))
	if err != nil {
		return nil, err
	}
	after, err := k.ask(ctx)
	if err == nil {
		err = CheckStep(before, after)
	}
	if err != nil {
		ctx.EventManager().EmitEvent(sdk.NewEvent(EventKept, sdk.NewAttribute("reason", err.Error())))
		return nil, nil
	}
	changes := Changes(before, after)
	if len(changes) == 0 {
		return nil, nil
	}
	store.Set(storedSet, Encode(after))
	for _, seat := range changes {
		ctx.EventManager().EmitEvent(sdk.NewEvent(EventChanged,
			sdk.NewAttribute("key", fmt.Sprintf("%x", seat.Key)),
			sdk.NewAttribute("power", strconv.FormatUint(seat.Power, 10))))
	}
	return changes, nil
}

// ask reads the contract without leaving a trace in the state. A contract that fails, loops or crashes the EVM is an
// error here, never the end of the chain.
func (k Keeper) ask(ctx sdk.Context) (set []Seat, err error) {
	defer func() {
		if crash := recover(); crash != nil {
			set, err = nil, errors.New("the contract could not be read")
		}
	}()
	contract := common.BytesToAddress(ctx.KVStore(k.store).Get(storedContract))
	aside, _ := ctx.CacheContext()
	answer, err := k.apply(aside, &contract, selector, 0, readGas, false)
	if err != nil {
		return nil, err
	}
	return readAnswer(answer)
}

// apply runs one message of the creator on the EVM.
func (k Keeper) apply(
	ctx sdk.Context, to *common.Address, data []byte, nonce, gas uint64, commit bool,
) ([]byte, error) {
	message := core.Message{
		From: Creator, To: to, Nonce: nonce, Value: new(big.Int), GasLimit: gas, Data: data,
		GasPrice: new(big.Int), GasFeeCap: new(big.Int), GasTipCap: new(big.Int),
		SkipNonceChecks: true, SkipTransactionChecks: true,
	}
	state := statedb.New(ctx, k.evm, statedb.NewEmptyTxConfig())
	response, err := k.evm.ApplyMessage(ctx, state, message, nil, commit, false, true)
	if err != nil {
		return nil, err
	}
	if response.VmError != "" {
		return response.Ret, errors.New(response.VmError)
	}
	return response.Ret, nil
}

// updates are the changes as CometBFT takes them.
func updates(changes []Seat) []abci.ValidatorUpdate {
	list := make([]abci.ValidatorUpdate, 0, len(changes))
	for _, seat := range changes {
		list = append(list, abci.Ed25519ValidatorUpdate(append([]byte(nil), seat.Key[:]...), int64(seat.Power)))
	}
	return list
}
