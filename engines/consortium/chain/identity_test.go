package chain

import "testing"

func TestAChainIDHoldsOneNumberAndIsReadInOneWay(t *testing.T) {
	for _, number := range []uint64{1, 7_215_335, 1<<53 - 1} {
		if read, err := EVMChainID(ID(number)); err != nil || read != number {
			t.Errorf("%d is read as %d, %v", number, read, err)
		}
	}
	for _, id := range []string{"", "islet-", "islet-0", "islet-01", "islet- 1", "islet-+1", "islet-9007199254740992", "other-1", "islet-1-1"} {
		if number, err := EVMChainID(id); err == nil {
			t.Errorf("%q is read as %d", id, number)
		}
	}
}
