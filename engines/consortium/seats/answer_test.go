package seats

import (
	"encoding/binary"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
)

// encoded writes an answer as Solidity does.
func encoded(set []Seat) []byte {
	n := uint64(len(set))
	var out []byte
	put := func(value uint64) { out = binary.BigEndian.AppendUint64(append(out, make([]byte, 24)...), value) }
	put(2 * word)
	put(2*word + word + n*word)
	put(n)
	for _, seat := range set {
		out = append(out, seat.Key[:]...)
	}
	put(n)
	for _, seat := range set {
		put(seat.Power)
	}
	return out
}

func TestTheSelectorIsThatOfGetValidators(t *testing.T) {
	if want := crypto.Keccak256([]byte("getValidators()"))[:4]; string(want) != string(selector) {
		t.Errorf("want %x", want)
	}
}

func TestAnAnswerIsReadBack(t *testing.T) {
	for _, n := range []int{0, 1, 4, MaxSeats} {
		set, err := readAnswer(encoded(equal(n, 7)))
		if err != nil || len(set) != n || len(Changes(equal(n, 7), set)) != 0 {
			t.Errorf("%d seats: %v, %v", n, set, err)
		}
	}
}

func TestNoAnswerOfAnotherShapeIsReadAndNoneCrashes(t *testing.T) {
	good := encoded(equal(4, 7))
	for cut := range good {
		if _, err := readAnswer(good[:cut]); err == nil {
			t.Fatalf("an answer cut to %d bytes was read", cut)
		}
	}
	for at := range good {
		for _, value := range []byte{0xff, 0x80, 0x01} {
			bad := append([]byte(nil), good...)
			bad[at] ^= value
			if set, err := readAnswer(bad); err == nil && len(set) > MaxSeats {
				t.Fatalf("%d seats from a damaged answer", len(set))
			}
		}
	}
	if _, err := readAnswer(encoded(equal(MaxSeats+1, 7))); err == nil {
		t.Error("more seats than any set has were read")
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add(encoded(equal(4, 7)))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if set, err := readAnswer(answer); err == nil && len(set) > MaxSeats {
			t.Fatal("more seats than any set has")
		}
	})
}
