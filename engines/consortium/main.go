// The consortium's validator and full node: CometBFT, the EVM and the seats in one binary. It is run and configured by
// `islet network`; its own commands answer with one line of JSON.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	sdkserver "github.com/cosmos/cosmos-sdk/server"
)

func main() {
	root := &cobra.Command{
		Use:           "islet-consortium",
		Short:         "A node of an Islet consortium",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetOut(os.Stdout)
	root.AddCommand(keysCommand(), genesisCommand(), configureCommand(), startCommand(), versionCommand())
	// The library keeps what it read in two places of the command's context, which must be there before it reads.
	ctx := context.WithValue(context.Background(), client.ClientContextKey, &client.Context{})
	ctx = context.WithValue(ctx, sdkserver.ServerContextKey, sdkserver.NewDefaultContext())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitCodeOf(err))
	}
}
