package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/store"
	cmttypes "github.com/cometbft/cometbft/types"
)

// lookBack is how many of the newest blocks are searched for the seat's own signature.
const lookBack = 1_000

// guard refuses a start after which the seat might sign twice, as far as this machine can know: another process with
// the same seat runs here, or the record of what was signed is missing or older than a signature in the node's own
// blocks. It cannot know of a process on another machine.
func guard(config *cmtcfg.Config, seat crypto.PubKey) error {
	if err := lock(seat); err != nil {
		return err
	}
	raw, err := os.ReadFile(config.PrivValidatorStateFile())
	if errors.Is(err, os.ErrNotExist) {
		return coded(exitNoRecord, errors.New("the record of what this seat signed is missing"))
	}
	if err != nil {
		return err
	}
	var record privval.FilePVLastSignState
	if err := cmtjson.Unmarshal(raw, &record); err != nil {
		return coded(exitNoRecord, fmt.Errorf("the record of what this seat signed is damaged: %w", err))
	}
	signed, err := newestSigned(config, seat.Address())
	if err != nil {
		return err
	}
	if signed > record.Height {
		return coded(exitSignsTwice, fmt.Errorf(
			"this seat signed block %d, its record ends at %d: the record is an old copy", signed, record.Height))
	}
	return nil
}

// lock holds a file of this machine that names the seat; the system lets go of it when the process ends, however it ends.
func lock(seat crypto.PubKey) error {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("islet-seat-%s.lock", seat.Address()))
	descriptor, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CREAT|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("the lock of this seat, %s: %w", path, err)
	}
	if err := syscall.Flock(descriptor, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return coded(exitSeatRuns, errors.New("another process on this machine runs this seat"))
	}
	return nil
}

// newestSigned is the newest height under whose block the seat's signature stands in the node's own store.
func newestSigned(config *cmtcfg.Config, seat cmttypes.Address) (int64, error) {
	db, err := cmtcfg.DefaultDBProvider(&cmtcfg.DBContext{ID: "blockstore", Config: config})
	if err != nil {
		return 0, coded(exitSeatRuns, fmt.Errorf("the blocks of this node are in use: %w", err))
	}
	blocks := store.NewBlockStore(db)
	defer blocks.Close()
	newest := blocks.Height()
	if newest > 0 && holds(blocks.LoadSeenCommit(newest), seat) {
		return newest, nil
	}
	for height := newest - 1; height > 0 && height >= blocks.Base() && height > newest-lookBack; height-- {
		if holds(blocks.LoadBlockCommit(height), seat) {
			return height, nil
		}
	}
	return 0, nil
}

func holds(commit *cmttypes.Commit, seat cmttypes.Address) bool {
	if commit == nil {
		return false
	}
	for _, one := range commit.Signatures {
		if one.BlockIDFlag != cmttypes.BlockIDFlagAbsent && one.ValidatorAddress.String() == seat.String() {
			return true
		}
	}
	return false
}
