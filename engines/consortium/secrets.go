package main

import (
	stded25519 "crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
)

// secrets are a node's two private keys: the seat's, which signs votes, and the peer's, by which other nodes know it.
// They arrive on standard input and are never written to a disk in clear.
type secrets struct {
	seat, peer crypto.PrivKey
}

// longestSecrets bounds what is read: two seeds in hexadecimal and their names.
const longestSecrets = 1024

// readSecrets reads {"seat":"…","peer":"…"}: seeds of Ed25519 keys (RFC 8032), 32 bytes in hexadecimal each.
func readSecrets(source io.Reader) (secrets, error) {
	var said struct {
		Seat string `json:"seat"`
		Peer string `json:"peer"`
	}
	raw, err := io.ReadAll(io.LimitReader(source, longestSecrets))
	if err != nil {
		return secrets{}, err
	}
	if json.Unmarshal(raw, &said) != nil {
		return secrets{}, coded(exitNoSecrets, errors.New("the node's keys are awaited on standard input"))
	}
	seat, err := keyOf(said.Seat)
	if err != nil {
		return secrets{}, fmt.Errorf("the seat's key: %w", err)
	}
	peer, err := keyOf(said.Peer)
	if err != nil {
		return secrets{}, fmt.Errorf("the peer's key: %w", err)
	}
	return secrets{seat: seat, peer: peer}, nil
}

func keyOf(seed string) (crypto.PrivKey, error) {
	bytes, err := hex.DecodeString(seed)
	if err != nil || len(bytes) != stded25519.SeedSize {
		return nil, coded(exitNoSecrets, fmt.Errorf("a seed has %d bytes in hexadecimal", stded25519.SeedSize))
	}
	return ed25519.PrivKey(stded25519.NewKeyFromSeed(bytes)), nil
}

// files gives both keys as the library reads them: from a path. Each is a pipe that holds the key until it is read.
func (s secrets) files() (seat, peer string, err error) {
	key := privval.FilePVKey{Address: s.seat.PubKey().Address(), PubKey: s.seat.PubKey(), PrivKey: s.seat}
	if seat, err = pipeOf(key); err != nil {
		return "", "", err
	}
	peer, err = pipeOf(p2p.NodeKey{PrivKey: s.peer})
	return seat, peer, err
}

func pipeOf(value any) (string, error) {
	text, err := cmtjson.Marshal(value)
	if err != nil {
		return "", err
	}
	// Bare descriptors: a file of the library would close itself when it is collected.
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		return "", err
	}
	syscall.CloseOnExec(ends[0])
	defer syscall.Close(ends[1])
	// A few hundred bytes, which a pipe holds whole.
	if _, err := syscall.Write(ends[1], text); err != nil {
		return "", err
	}
	return fmt.Sprintf("/dev/fd/%d", ends[0]), nil
}
