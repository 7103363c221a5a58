package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"cosmossdk.io/log/v2"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cast"
	"github.com/spf13/cobra"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdkserver "github.com/cosmos/cosmos-sdk/server"
	sdkconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/evm/server"
	evmconfig "github.com/cosmos/evm/server/config"
	serverflags "github.com/cosmos/evm/server/flags"

	"islet/consortium/chain"
)

// appTemplate is what app.toml is written with: the SDK's part and the EVM's.
var appTemplate = sdkconfig.DefaultConfigTemplate + evmconfig.DefaultEVMConfigTemplate

// startCommand runs the node. Which chain it is stands in its genesis alone: a number in the node's own configuration
// that says something else ends the start.
func startCommand() *cobra.Command {
	command := server.StartCmd(server.NewDefaultStartOptions(create, ""))
	before := command.PreRunE
	command.PersistentPreRunE = prepare
	command.PreRunE = func(cmd *cobra.Command, args []string) error {
		// The library sets this flag to 0, over the configuration; -1 leaves the waiting to CometBFT's own mempool.
		if err := cmd.Flags().Set(sdkserver.FlagMempoolMaxTxs, "-1"); err != nil {
			return err
		}
		return before(cmd, args)
	}
	return command
}

// collectLessOften trades memory for time: garbage is collected when the heap has grown threefold. GOGC says otherwise
// where it is set. There is no limit of memory: near one, a node would do nothing but collect.
func collectLessOften() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// prepare reads the configuration and the keys, refuses what might sign twice, and binds everything that needs the chain id to the genesis.
func prepare(cmd *cobra.Command, _ []string) error {
	collectLessOften()
	if err := sdkserver.InterceptConfigsPreRunHandler(cmd, appTemplate, evmconfig.DefaultConfig(), cmtcfg.DefaultConfig()); err != nil {
		return err
	}
	node := sdkserver.GetServerContextFromCmd(cmd)
	own, err := readSecrets(cmd.InOrStdin())
	if err != nil {
		return err
	}
	if err := guard(node.Config, own.seat.PubKey()); err != nil {
		return err
	}
	if node.Config.PrivValidatorKey, node.Config.NodeKey, err = own.files(); err != nil {
		return err
	}
	chainID, err := chainOf(node.Config.RootDir)
	if err != nil {
		return err
	}
	number, err := chain.EVMChainID(chainID)
	if err != nil {
		return err
	}
	if said := node.Viper.GetUint64(serverflags.EVMChainID); node.Viper.InConfig("evm.evm-chain-id") && said != 0 && said != number {
		return fmt.Errorf("app.toml says EVM chain id %d, the genesis %d: take the line out of app.toml", said, number)
	}
	node.Viper.Set(serverflags.EVMChainID, number)

	encoding := chain.Encoding(number)
	ctx := client.Context{}.
		WithCodec(encoding.Codec).
		WithInterfaceRegistry(encoding.InterfaceRegistry).
		WithTxConfig(encoding.TxConfig).
		WithLegacyAmino(encoding.Amino).
		WithInput(cmd.InOrStdin()).
		WithAccountRetriever(authtypes.AccountRetriever{}).
		WithKeyring(keyring.NewInMemory(encoding.Codec)).
		WithHomeDir(node.Config.RootDir).
		WithChainID(chainID)
	return client.SetCmdClientContextHandler(ctx, cmd)
}

func create(logger log.Logger, db dbm.DB, options servertypes.AppOptions) server.Application {
	chainID, err := chainOf(cast.ToString(options.Get(flags.FlagHome)))
	if err != nil {
		panic(err)
	}
	app, err := chain.New(logger, db, chainID, sdkserver.DefaultBaseappOptions(options)...)
	if err != nil {
		panic(err)
	}
	if err := app.Load(); err != nil {
		panic(err)
	}
	return app
}

func chainOf(home string) (string, error) {
	document, err := genutiltypes.AppGenesisFromFile(filepath.Join(home, "config", "genesis.json"))
	if err != nil {
		return "", err
	}
	return document.ChainID, nil
}
