package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/p2p"
	"github.com/spf13/cobra"
)

const homeFlag = "home"

// keysCommand shows what is public of the keys on standard input.
func keysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "Show what is public of the node's and the seat's key, which are read from standard input",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			own, err := readSecrets(cmd.InOrStdin())
			if err != nil {
				return err
			}
			return answer(cmd, map[string]string{
				"node_id":      string(p2p.PubKeyToID(own.peer.PubKey())),
				"seat_key":     "0x" + hex.EncodeToString(own.seat.PubKey().Bytes()),
				"seat_address": own.seat.PubKey().Address().String(),
			})
		},
	}
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
