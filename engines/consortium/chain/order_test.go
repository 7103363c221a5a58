package chain

import (
	"math/rand"
	"reflect"
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

func of(sender byte, nonce, gas uint64) place {
	return place{common.Address{19: sender}, nonce, gas, false}
}

func revoking(sender byte, nonce, gas uint64) place {
	one := of(sender, nonce, gas)
	one.urgent = true
	return one
}

const plenty = 1_000

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
		if order := arrange(c.places, c.gas, plenty); !reflect.DeepEqual(order, c.order) {
			t.Errorf("%s: %v, want %v", c.why, order, c.order)
		}
	}
}

func TestRevocationsStandFirstAndOrdinaryWorkFillsNoBlockForLong(t *testing.T) {
	cases := []struct {
		why    string
		places []place
		order  []int
	}{
		{"a revocation overtakes others", []place{of(1, 0, 10), of(2, 0, 10), revoking(3, 0, 10)}, []int{2, 0, 1}},
		{"what its sender sent before it goes along", []place{of(1, 0, 10), of(3, 4, 10), revoking(3, 5, 10), of(3, 6, 10)},
			[]int{1, 2, 0, 3}},
		{"also where it came in another order", []place{of(1, 0, 10), revoking(3, 5, 10), of(3, 4, 10)}, []int{2, 1, 0}},
		{"two of one sender", []place{of(1, 0, 10), revoking(3, 5, 10), revoking(3, 4, 10)}, []int{2, 1, 0}},
		{"ordinary work up to its bound", []place{of(1, 0, 30), of(2, 0, 30), of(3, 0, 30)}, []int{0, 1}},
		{"revocations beyond it", []place{revoking(1, 0, 40), revoking(2, 0, 40), of(3, 0, 10)}, []int{0, 1}},
		{"one that is larger than the bound has a block of its own", []place{of(1, 0, 90), of(2, 0, 10)}, []int{0}},
	}
	for _, c := range cases {
		if order := arrange(c.places, 100, 60); !reflect.DeepEqual(order, c.order) {
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
			places[i].urgent = random.Intn(6) == 0
		}
		const limit = 200
		var proposed []place
		for _, i := range arrange(places, limit, 120) {
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
