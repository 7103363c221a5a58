package chain

import (
	"math/rand"
	"reflect"
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

func of(sender byte, nonce, gas uint64) place {
	return place{common.Address{19: sender}, nonce, gas}
}

func TestASendersTransactionsStandByNonceInTheirOwnPlaces(t *testing.T) {
	cases := []struct {
		why    string
		places []place
		gas    uint64
		order  []int
	}{
		{"nothing to order", nil, 100, []int{}},
		{"what is in order stays", []place{of(1, 5, 1), of(2, 0, 1), of(1, 6, 1)}, 100, []int{0, 1, 2}},
		{"two are swapped around another's", []place{of(1, 6, 1), of(2, 0, 1), of(1, 5, 1)}, 100, []int{2, 1, 0}},
		{"a nonce twice is taken once", []place{of(1, 5, 1), of(1, 5, 2), of(1, 6, 1)}, 100, []int{0, 2}},
		{"the block is full", []place{of(1, 5, 60), of(2, 0, 60), of(3, 0, 1)}, 100, []int{0}},
	}
	for _, c := range cases {
		if order := arrange(c.places, c.gas); !reflect.DeepEqual(order, c.order) {
			t.Errorf("%s: %v, want %v", c.why, order, c.order)
		}
	}
}

func TestWhatAnHonestProposerArrangesEveryoneAccepts(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for range 2_000 {
		places := make([]place, random.Intn(40))
		for i := range places {
			places[i] = of(byte(random.Intn(5)), uint64(random.Intn(12)), uint64(random.Intn(30)))
		}
		const limit = 200
		var proposed []place
		for _, i := range arrange(places, limit) {
			proposed = append(proposed, places[i])
		}
		if !inOrder(proposed, limit) {
			t.Fatalf("%v is arranged as %v, which is refused", places, proposed)
		}
	}
}

func TestAProposalThatBurnsTransactionsIsRefused(t *testing.T) {
	cases := []struct {
		why    string
		places []place
	}{
		{"a later nonce first", []place{of(1, 6, 1), of(1, 5, 1)}},
		{"a nonce twice", []place{of(1, 5, 1), of(2, 0, 1), of(1, 5, 1)}},
		{"more gas than a block has", []place{of(1, 5, 60), of(2, 0, 60)}},
		{"gas that overflows the sum", []place{of(1, 5, 60), of(2, 0, 1<<64-1)}},
	}
	for _, c := range cases {
		if inOrder(c.places, 100) {
			t.Error(c.why)
		}
	}
}
