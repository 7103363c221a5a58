package seats

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// selector of `getValidators()`: the first four bytes of its Keccak-256.
var selector = []byte{0xb7, 0xab, 0x4d, 0xb5}

const word = 32

// readAnswer reads what `getValidators() returns (bytes32[] keys, uint64[] powers)` answered. It is written out rather
// than left to a library because every node must refuse exactly the same answers: an encoding other than the plain one
// that Solidity writes is refused.
func readAnswer(answer []byte) ([]Seat, error) {
	keys, err := words(answer, 0)
	if err != nil {
		return nil, err
	}
	powers, err := words(answer, 1)
	if err != nil {
		return nil, err
	}
	if len(keys) != len(powers) {
		return nil, errors.New("keys and powers differ in number")
	}
	set := make([]Seat, len(keys))
	for i := range keys {
		power, err := number(powers[i], math.MaxInt64)
		if err != nil {
			return nil, err
		}
		set[i].Power = power
		copy(set[i].Key[:], keys[i])
	}
	return set, nil
}

// words reads the dynamic array whose offset is the argument of that place.
func words(answer []byte, place int) ([][]byte, error) {
	end := uint64(len(answer))
	at := uint64(place * word)
	if end < at+word {
		return nil, fmt.Errorf("an answer of %d bytes", end)
	}
	start, err := number(answer[at:at+word], end)
	if err != nil || start+word > end {
		return nil, errors.New("an array lies outside the answer")
	}
	count, err := number(answer[start:start+word], MaxSeats)
	if err != nil || start+word+count*word > end {
		return nil, errors.New("an array is longer than the answer or than any set")
	}
	list := make([][]byte, count)
	for i := range list {
		from := start + word + uint64(i)*word
		list[i] = answer[from : from+word]
	}
	return list, nil
}

func number(bytes []byte, limit uint64) (uint64, error) {
	value := new(big.Int).SetBytes(bytes)
	if !value.IsUint64() || value.Uint64() > limit {
		return 0, fmt.Errorf("a number above %d", limit)
	}
	return value.Uint64(), nil
}
