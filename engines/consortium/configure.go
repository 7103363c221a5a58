package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	sdkconfig "github.com/cosmos/cosmos-sdk/server/config"
	evmconfig "github.com/cosmos/evm/server/config"

	"islet/consortium/chain"
	"islet/consortium/genesis"
	"islet/consortium/seats"
)

// genesisCommand makes the genesis from an agreement; every member runs it and compares the hash.
func genesisCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "genesis AGREEMENT GENESIS",
		Short: "Make the genesis from what the members agreed on",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			agreement, err := genesis.Read(raw)
			if err != nil {
				return err
			}
			made, err := genesis.Make(agreement)
			if err != nil {
				return err
			}
			if err := os.WriteFile(args[1], made, 0o600); err != nil {
				return err
			}
			contracts := make(map[string]string, len(agreement.Create))
			for place, creation := range agreement.Create {
				contracts[creation.Name] = seats.AddressOf(place).Hex()
			}
			hash := sha256.Sum256(made)
			return answer(cmd, map[string]any{
				"chain_id": agreement.ChainID, "sha256": hex.EncodeToString(hash[:]), "contracts": contracts,
			})
		},
	}
	return command
}

type settings struct {
	name, peers, listen, comet, rpc, ws, metrics, signed string
	heartbeat                                            time.Duration
	loopback                                             bool
}

// configureCommand writes a node's configuration. Nothing that the state depends on stands in it.
func configureCommand() *cobra.Command {
	var s settings
	command := &cobra.Command{
		Use:   "configure",
		Short: "Write the node's configuration",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := folders(cmd)
			if err != nil {
				return err
			}
			if s.heartbeat <= 0 {
				return errors.New("the heartbeat must be longer than nothing: a chain without one has a clock that stands")
			}
			consensus(config, s)
			cmtcfg.WriteConfigFile(filepath.Join(config.RootDir, "config", "config.toml"), config)
			sdkconfig.SetConfigTemplate(appTemplate)
			sdkconfig.WriteConfigFile(filepath.Join(config.RootDir, "config", "app.toml"), application(s))
			return answer(cmd, map[string]string{"home": config.RootDir})
		},
	}
	flags := command.Flags()
	flags.String(homeFlag, "", "the node's directory")
	flags.StringVar(&s.name, "name", "node", "the node's name among its peers")
	flags.StringVar(&s.peers, "peers", "", "ID@HOST:PORT of every other node, with commas")
	flags.StringVar(&s.listen, "listen", "tcp://127.0.0.1:26656", "where peers reach it")
	flags.StringVar(&s.comet, "comet", "tcp://127.0.0.1:26657", "CometBFT's own interface")
	flags.StringVar(&s.rpc, "rpc", "127.0.0.1:8545", "Ethereum JSON-RPC")
	flags.StringVar(&s.ws, "ws", "127.0.0.1:8546", "Ethereum JSON-RPC by websocket")
	flags.StringVar(&s.signed, "signed", "data/priv_validator_state.json",
		"the record of what the seat signed; best where no backup of the home takes it along")
	flags.StringVar(&s.metrics, "metrics", "", "Prometheus; empty for none")
	flags.DurationVar(&s.heartbeat, "heartbeat", 10*time.Second, "how often an idle chain makes a block")
	flags.BoolVar(&s.loopback, "loopback", false, "several nodes share one machine")
	return command
}

// consensus sets CometBFT. Blocks come when there is something to put in them, else with the heartbeat.
func consensus(config *cmtcfg.Config, s settings) {
	config.Moniker = s.name
	config.LogLevel = "error"
	config.PrivValidatorState = s.signed
	config.P2P.ListenAddress = s.listen
	config.P2P.PersistentPeers = s.peers
	config.P2P.PexReactor = false
	config.P2P.AddrBookStrict = !s.loopback
	config.P2P.AllowDuplicateIP = s.loopback
	config.P2P.FlushThrottleTimeout = 10 * time.Millisecond
	config.P2P.SendRate, config.P2P.RecvRate = 20<<20, 20<<20
	config.RPC.ListenAddress = s.comet
	config.RPC.PprofListenAddress = ""
	config.Mempool.Type = cmtcfg.MempoolTypeFlood
	config.Mempool.Size = 20_000
	config.Consensus.TimeoutPropose = time.Second
	config.Consensus.TimeoutProposeDelta = 200 * time.Millisecond
	config.Consensus.TimeoutPrevote = 500 * time.Millisecond
	config.Consensus.TimeoutPrevoteDelta = 200 * time.Millisecond
	config.Consensus.TimeoutPrecommit = 500 * time.Millisecond
	config.Consensus.TimeoutPrecommitDelta = 200 * time.Millisecond
	config.Consensus.TimeoutCommit = 50 * time.Millisecond
	config.Consensus.PeerGossipSleepDuration = 10 * time.Millisecond
	config.Consensus.CreateEmptyBlocks = false
	config.Consensus.CreateEmptyBlocksInterval = s.heartbeat
	// Left off: it refuses the start of a node whose key signed one of the last blocks, so a consortium whose nodes all
	// stopped at once would never come back. What was signed last stands in the record (--signed), on disk before a vote
	// leaves; that file guards (guard.go).
	config.Consensus.DoubleSignCheckHeight = 0
	config.TxIndex.Indexer = "null"
	config.Instrumentation.Prometheus = s.metrics != ""
	config.Instrumentation.PrometheusListenAddr = s.metrics
}

// application sets the EVM's servers: only eth, net and web3, and no price for gas.
func application(s settings) evmconfig.Config {
	config := evmconfig.DefaultConfig()
	config.MinGasPrices = "0" + chain.Denom
	config.Pruning = "custom"
	config.PruningKeepRecent = "100000"
	config.PruningInterval = "100"
	config.Mempool.MaxTxs = -1
	config.API.Enable, config.GRPC.Enable, config.GRPCWeb.Enable = false, false, false
	config.JSONRPC.Enable = true
	config.JSONRPC.API = []string{"eth", "net", "web3"}
	config.JSONRPC.Address, config.JSONRPC.WsAddress = s.rpc, s.ws
	config.JSONRPC.EnableIndexer = true
	config.JSONRPC.AllowInsecureUnlock = false
	config.JSONRPC.GasCap = 100_000_000
	config.EVM.EVMChainID = 0
	config.EVM.GethMetricsAddress = "127.0.0.1:0"
	return *config
}
