// Package seats decides who validates: it reads the set that the ValidatorSet contract names, checks it, and hands the
// difference to CometBFT.
//
// This file holds the rules, free of chain and clock. Law: whatever the contract answers, the set in force keeps at
// least four seats, none of which has a third of the power, and moves by less than a third of its power in one block;
// an answer that would break this leaves the set as it is. Why a third: CometBFT is safe and live while less than a
// third of the power is faulty, and a light client that trusts the last set can follow while more than two thirds of
// it still sign.
package seats

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
)

const (
	// MinSeats is the fewest seats with which one may fail: 3f+1 for f = 1.
	MinSeats = 4
	// MaxSeats bounds the work of a round of votes.
	MaxSeats = 100
	// MaxPower keeps the total far below what CometBFT takes (2^60).
	MaxPower = 1_000_000_000

	keyBytes  = 32
	seatBytes = keyBytes + 8
)

// Key is an Ed25519 public key.
type Key [keyBytes]byte

// Seat is one validator and its voting power.
type Seat struct {
	Key   Key
	Power uint64
}

// Total is the sum of the powers.
func Total(set []Seat) uint64 {
	var sum uint64
	for _, seat := range set {
		sum += seat.Power
	}
	return sum
}

// CheckSet says whether a set may be in force, whatever came before it.
func CheckSet(set []Seat) error {
	if len(set) < MinSeats || len(set) > MaxSeats {
		return fmt.Errorf("%d seats, allowed are %d to %d", len(set), MinSeats, MaxSeats)
	}
	seen := make(map[Key]bool, len(set))
	for _, seat := range set {
		if seat.Key == (Key{}) {
			return errors.New("a seat has no key")
		}
		if seen[seat.Key] {
			return errors.New("two seats have one key")
		}
		seen[seat.Key] = true
		if seat.Power == 0 || seat.Power > MaxPower {
			return fmt.Errorf("a seat has power %d, allowed are 1 to %d", seat.Power, MaxPower)
		}
	}
	total := Total(set)
	for _, seat := range set {
		if 3*seat.Power >= total {
			return errors.New("one seat holds a third of the power")
		}
	}
	return nil
}

// CheckStep says whether a set in force may be followed by another within one block.
func CheckStep(before, after []Seat) error {
	if err := CheckSet(after); err != nil {
		return err
	}
	added, removed := moved(before, after)
	total := Total(before)
	if 3*added >= total {
		return errors.New("a third of the power would be new at once")
	}
	if 3*removed >= total {
		return errors.New("a third of the power would leave at once")
	}
	return nil
}

// Changes lists the seats whose power differs, power 0 for those that leave, ascending by key.
func Changes(before, after []Seat) []Seat {
	power := make(map[Key]uint64, len(before))
	for _, seat := range before {
		power[seat.Key] = seat.Power
	}
	var changes []Seat
	for _, seat := range after {
		if power[seat.Key] != seat.Power {
			changes = append(changes, seat)
		}
		delete(power, seat.Key)
	}
	for key := range power {
		changes = append(changes, Seat{Key: key})
	}
	sort.Slice(changes, func(i, j int) bool {
		return bytes.Compare(changes[i].Key[:], changes[j].Key[:]) < 0
	})
	return changes
}

// Encode writes a set as it is stored: key and big-endian power, ascending by key.
func Encode(set []Seat) []byte {
	sorted := append([]Seat(nil), set...)
	sort.Slice(sorted, func(i, j int) bool { return bytes.Compare(sorted[i].Key[:], sorted[j].Key[:]) < 0 })
	out := make([]byte, 0, seatBytes*len(sorted))
	for _, seat := range sorted {
		out = append(out, seat.Key[:]...)
		out = binary.BigEndian.AppendUint64(out, seat.Power)
	}
	return out
}

// Decode reads what Encode wrote.
func Decode(stored []byte) ([]Seat, error) {
	if len(stored)%seatBytes != 0 {
		return nil, fmt.Errorf("%d bytes are no set of seats", len(stored))
	}
	set := make([]Seat, 0, len(stored)/seatBytes)
	for at := 0; at < len(stored); at += seatBytes {
		seat := Seat{Power: binary.BigEndian.Uint64(stored[at+keyBytes : at+seatBytes])}
		copy(seat.Key[:], stored[at:at+keyBytes])
		set = append(set, seat)
	}
	return set, nil
}

// moved sums the power gained and the power lost over all seats.
func moved(before, after []Seat) (added, removed uint64) {
	power := make(map[Key]uint64, len(before))
	for _, seat := range before {
		power[seat.Key] = seat.Power
	}
	for _, seat := range Changes(before, after) {
		old := power[seat.Key]
		if seat.Power > old {
			added += seat.Power - old
		} else {
			removed += old - seat.Power
		}
	}
	return added, removed
}
