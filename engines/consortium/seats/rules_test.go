package seats

import (
	"math/rand"
	"reflect"
	"strings"
	"testing"
)

func key(n byte) Key { return Key{0: n, 31: 1} }

func equal(n int, power uint64) []Seat {
	set := make([]Seat, 0, n)
	for i := range n {
		set = append(set, Seat{key(byte(i)), power})
	}
	return set
}

func TestASetIsRefusedWithItsReason(t *testing.T) {
	cases := []struct {
		why  string
		set  []Seat
		says string
	}{
		{"an empty answer", nil, "0 seats"},
		{"three cannot lose one", equal(3, 100), "3 seats"},
		{"more than a round of votes should carry", equal(101, 100), "101 seats"},
		{"a key of zeros belongs to nobody", append(equal(4, 100), Seat{Key{}, 100}), "no key"},
		{"one key twice would count twice", append(equal(4, 100), Seat{key(0), 100}), "one key"},
		{"a seat without power is no seat", append(equal(4, 100), Seat{key(9), 0}), "power 0"},
		{"a power that could overflow the total", append(equal(4, 100), Seat{key(9), MaxPower + 1}), "power 1000000001"},
		{"exactly a third blocks the chain alone", []Seat{{key(1), 100}, {key(2), 100}, {key(3), 50}, {key(4), 50}}, "a third"},
	}
	for _, c := range cases {
		if err := CheckSet(c.set); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.why, err, c.says)
		}
	}
	for _, n := range []int{4, 5, 10, 100} {
		if err := CheckSet(equal(n, MaxPower)); err != nil {
			t.Errorf("%d equal seats: %v", n, err)
		}
	}
}

func TestAStepMovesLessThanAThirdOfThePower(t *testing.T) {
	four, five := equal(4, 100), equal(5, 100)
	swapped := append(equal(4, 100)[:3:3], Seat{key(9), 100})
	cases := []struct {
		why           string
		before, after []Seat
		says          string
	}{
		{"nothing changes", four, four, ""},
		{"a fifth seat joins four", four, five, ""},
		{"one of five leaves", five, four, ""},
		{"an atomic swap", four, swapped, ""},
		{"two seats join four at once", four, equal(6, 100), "new at once"},
		{"two of six leave at once", equal(6, 100), four, "leave at once"},
		{"four that nobody knows", four, equal(8, 100)[4:], "new at once"},
		{"below four seats", four, four[:3], "3 seats"},
	}
	for _, c := range cases {
		err := CheckStep(c.before, c.after)
		if (c.says == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", c.why, err, c.says)
		}
	}
}

func TestChangesLeadFromOneSetToTheOther(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	draw := func() []Seat {
		var set []Seat
		for i := range 12 {
			if random.Intn(3) > 0 {
				set = append(set, Seat{key(byte(i)), uint64(1 + random.Intn(3))})
			}
		}
		random.Shuffle(len(set), func(i, j int) { set[i], set[j] = set[j], set[i] })
		return set
	}
	for range 2_000 {
		before, after := draw(), draw()
		powers := map[Key]uint64{}
		for _, seat := range before {
			powers[seat.Key] = seat.Power
		}
		last := Key{}
		for _, change := range Changes(before, after) {
			if powers[change.Key] == change.Power {
				t.Fatal("a change that changes nothing")
			}
			if string(change.Key[:]) < string(last[:]) {
				t.Fatal("changes are not ascending by key")
			}
			last = change.Key
			if change.Power == 0 {
				delete(powers, change.Key)
			} else {
				powers[change.Key] = change.Power
			}
		}
		want := map[Key]uint64{}
		for _, seat := range after {
			want[seat.Key] = seat.Power
		}
		if !reflect.DeepEqual(powers, want) {
			t.Fatalf("%v does not become %v", before, after)
		}
	}
}

func TestASetIsStoredTheSameWhateverItsOrder(t *testing.T) {
	set := []Seat{{key(2), 7}, {key(1), 5}, {key(3), 1}}
	turned := []Seat{set[2], set[0], set[1]}
	if string(Encode(set)) != string(Encode(turned)) {
		t.Error("the order shows in the bytes")
	}
	back, err := Decode(Encode(set))
	if err != nil || len(Changes(set, back)) != 0 {
		t.Errorf("read back as %v, %v", back, err)
	}
	if _, err := Decode(make([]byte, seatBytes+1)); err == nil {
		t.Error("bytes that are no set were read")
	}
}
