package chain

import (
	"github.com/cosmos/cosmos-sdk/x/auth"
	"github.com/cosmos/cosmos-sdk/x/bank"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	evmencoding "github.com/cosmos/evm/encoding"
	"github.com/cosmos/evm/x/feemarket"
	evmmodule "github.com/cosmos/evm/x/vm"
)

// Encoding knows the messages of every module that has any; node and client read the same bytes with it.
func Encoding(evmChainID uint64) evmencoding.Config {
	encoding := evmencoding.MakeConfig(evmChainID)
	registry := encoding.InterfaceRegistry
	auth.AppModuleBasic{}.RegisterInterfaces(registry)
	bank.AppModuleBasic{}.RegisterInterfaces(registry)
	consensus.AppModuleBasic{}.RegisterInterfaces(registry)
	feemarket.AppModuleBasic{}.RegisterInterfaces(registry)
	evmmodule.AppModuleBasic{}.RegisterInterfaces(registry)
	return encoding
}
