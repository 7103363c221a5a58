package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/spf13/cobra"
)

const homeFlag = "home"

// keysCommand makes a node's keys where there are none and shows their public halves; the secrets never leave the
// member's machine.
func keysCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "keys",
		Short: "Make the node's and the seat's key where there are none, and show what is public of them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := folders(cmd)
			if err != nil {
				return err
			}
			node, err := p2p.LoadOrGenNodeKey(config.NodeKeyFile())
			if err != nil {
				return err
			}
			seat := privval.LoadOrGenFilePV(config.PrivValidatorKeyFile(), config.PrivValidatorStateFile())
			return answer(cmd, map[string]string{
				"node_id":      string(node.ID()),
				"seat_key":     "0x" + hex.EncodeToString(seat.Key.PubKey.Bytes()),
				"seat_address": seat.Key.Address.String(),
			})
		},
	}
	command.Flags().String(homeFlag, "", "the node's directory")
	return command
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show what this binary was made of",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			made := map[string]string{"engine": "cometbft+cosmos-evm"}
			if info, ok := debug.ReadBuildInfo(); ok {
				made["go"] = info.GoVersion
				for _, module := range info.Deps {
					switch module.Path {
					case "github.com/cometbft/cometbft":
						made["cometbft"] = module.Version
					case "github.com/cosmos/cosmos-sdk":
						made["cosmos_sdk"] = module.Version
					case "github.com/cosmos/evm":
						made["cosmos_evm"] = module.Version
					}
				}
			}
			return answer(cmd, made)
		},
	}
}

// folders gives the configuration of a home whose folders exist.
func folders(cmd *cobra.Command) (*cmtcfg.Config, error) {
	home, err := cmd.Flags().GetString(homeFlag)
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(home, folder), 0o700); err != nil {
			return nil, err
		}
	}
	return cmtcfg.DefaultConfig().SetRoot(home), nil
}

func answer(cmd *cobra.Command, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	cmd.Println(string(text))
	return nil
}
