package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/store"
	cmttypes "github.com/cometbft/cometbft/types"
	cmttime "github.com/cometbft/cometbft/types/time"
)

// homeWith is a home with five blocks, of which the seat signed those up to a height and another seat the rest.
func homeWith(t *testing.T, signed int64, seat cmttypes.Address, record string) *cmtcfg.Config {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	config := cmtcfg.DefaultConfig().SetRoot(t.TempDir())
	for _, folder := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(config.RootDir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if record != "" {
		if err := os.WriteFile(config.PrivValidatorStateFile(), []byte(record), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := cmtcfg.DefaultDBProvider(&cmtcfg.DBContext{ID: "blockstore", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	blocks := store.NewBlockStore(db)
	defer blocks.Close()
	commit := &cmttypes.Commit{}
	for at := int64(1); at <= 5; at++ {
		signer := seat
		if at > signed {
			signer = ed25519.GenPrivKey().PubKey().Address()
		}
		block := cmttypes.MakeBlock(at, nil, commit, nil)
		block.ValidatorsHash = make([]byte, 32)
		block.ProposerAddress = signer
		parts, err := block.MakePartSet(cmttypes.BlockPartSizeBytes)
		if err != nil {
			t.Fatal(err)
		}
		commit = &cmttypes.Commit{
			Height:  at,
			BlockID: cmttypes.BlockID{Hash: block.Hash(), PartSetHeader: parts.Header()},
			Signatures: []cmttypes.CommitSig{{
				BlockIDFlag: cmttypes.BlockIDFlagCommit, ValidatorAddress: signer,
				Timestamp: cmttime.Now(), Signature: make([]byte, 64),
			}},
		}
		blocks.SaveBlock(block, parts, commit)
	}
	return config
}

func recordAt(height int64) string {
	return fmt.Sprintf(`{"height":"%d","round":0,"step":3}`, height)
}

func TestASeatStartsOnlyWhereItsRecordIsNoOlderThanItsSignatures(t *testing.T) {
	own := ed25519.GenPrivKey().PubKey()
	cases := []struct {
		why    string
		signed int64
		record string
		code   int
	}{
		{"it signed nothing yet", 0, recordAt(0), 0},
		{"the record is the newest", 5, recordAt(5), 0},
		{"the record is ahead of the blocks", 5, recordAt(9), 0},
		{"the record is an old copy", 5, recordAt(4), exitSignsTwice},
		{"the record is as old as its last signature, some blocks ago", 2, recordAt(2), 0},
		{"the record is older than its last signature, some blocks ago", 2, recordAt(1), exitSignsTwice},
		{"there is no record", 5, "", exitNoRecord},
		{"the record is cut off", 5, `{"height":`, exitNoRecord},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			err := guard(homeWith(t, c.signed, own.Address(), c.record), own)
			if code := codeOf(err); code != c.code {
				t.Fatalf("exit %d, wanted %d: %v", code, c.code, err)
			}
		})
	}
}

func TestASeatRunsOnceOnAMachine(t *testing.T) {
	own := ed25519.GenPrivKey().PubKey()
	config := homeWith(t, 0, own.Address(), recordAt(0))
	if err := guard(config, own); err != nil {
		t.Fatal(err)
	}
	if code := codeOf(guard(config, own)); code != exitSeatRuns {
		t.Fatalf("exit %d, wanted %d", code, exitSeatRuns)
	}
	if err := guard(config, ed25519.GenPrivKey().PubKey()); err != nil {
		t.Fatalf("another seat: %v", err)
	}
}

func TestKeysComeFromStandardInputAndAreReadFromPipes(t *testing.T) {
	// RFC 8032, section 7.1, test 1.
	seed := "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
	public := "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
	own, err := readSecrets(strings.NewReader(fmt.Sprintf(`{"seat":"%s","peer":"%s"}`, seed, seed)))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", own.seat.PubKey().Bytes()); got != public {
		t.Fatalf("public key %s", got)
	}
	seat, _, err := own.files()
	if err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(t.TempDir(), "record.json")
	if err := os.WriteFile(record, []byte(recordAt(1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if read := privval.LoadFilePV(seat, record); !read.Key.PrivKey.Equals(own.seat) {
		t.Fatal("the library read another key")
	}
	for _, wrong := range []string{"", "{}", `{"seat":"00","peer":"00"}`} {
		if _, err := readSecrets(strings.NewReader(wrong)); codeOf(err) != exitNoSecrets {
			t.Fatalf("%q: %v", wrong, err)
		}
	}
}

func codeOf(err error) int {
	var known codedError
	if err != nil && !errors.As(err, &known) {
		return 1
	}
	return known.code
}
