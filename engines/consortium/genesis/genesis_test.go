package genesis

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"islet/consortium/seats"
)

const agreed = `{"chain_id":"islet-4294967297","begins":"2026-01-01T00:00:00Z","block_gas":"200000000",
"council":["0x00000000000000000000000000000000000000aa"],"create":[{"name":"validators","code":"0x00"}],"seats":"validators"}`

func make2(t *testing.T, text string) []byte {
	t.Helper()
	agreement, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	made, err := Make(agreement)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestTheSameAgreementGivesTheSameBytes(t *testing.T) {
	first := make2(t, agreed)
	spaced := strings.ReplaceAll(agreed, ",", " ,\n")
	if !bytes.Equal(first, make2(t, agreed)) || !bytes.Equal(first, make2(t, spaced)) {
		t.Error("the genesis depends on more than what was agreed on")
	}
	if bytes.Equal(first, make2(t, strings.Replace(agreed, "00aa", "00ab", 1))) {
		t.Error("another council gives the same genesis")
	}
}

func TestTheGenesisHoldsFreeGasTheCouncilAndNoValidator(t *testing.T) {
	var document struct {
		ChainID   string `json:"chain_id"`
		Consensus struct {
			Validators []json.RawMessage `json:"validators"`
		} `json:"consensus"`
		State struct {
			EVM struct {
				Params struct {
					Access struct {
						Create struct {
							Type string   `json:"access_type"`
							List []string `json:"access_control_list"`
						} `json:"create"`
					} `json:"access_control"`
				} `json:"params"`
			} `json:"evm"`
			Fees struct {
				Params struct {
					NoBaseFee   bool   `json:"no_base_fee"`
					MinGasPrice string `json:"min_gas_price"`
				} `json:"params"`
			} `json:"feemarket"`
		} `json:"app_state"`
	}
	if err := json.Unmarshal(make2(t, agreed), &document); err != nil {
		t.Fatal(err)
	}
	create := document.State.EVM.Params.Access.Create
	if create.Type != "ACCESS_TYPE_PERMISSIONED" || len(create.List) != 2 {
		t.Errorf("contracts are created by %v (%s)", create.List, create.Type)
	}
	if fees := document.State.Fees.Params; !fees.NoBaseFee || !strings.HasPrefix(fees.MinGasPrice, "0.0") {
		t.Errorf("gas is not free: %+v", fees)
	}
	if len(document.Consensus.Validators) != 0 {
		t.Error("a second list of validators")
	}
}

func TestAnAgreementIsRefused(t *testing.T) {
	cases := []struct{ why, from, to string }{
		{"a chain id of another family", "islet-4294967297", "other-1"},
		{"no beginning", `"begins":"2026-01-01T00:00:00Z",`, ""},
		{"no council", `["0x00000000000000000000000000000000000000aa"]`, "[]"},
		{"a council of no address", "0x00000000000000000000000000000000000000aa", "hospital"},
		{"a block that holds no contract", "200000000", "2000"},
		{"a field that this binary does not know", `"seats":`, `"seat":`},
		{"seats named by no contract", `"seats":"validators"`, `"seats":"others"`},
		{"code that is no hex", `"0x00"`, `"0xzz"`},
	}
	for _, c := range cases {
		agreement, err := Read([]byte(strings.Replace(agreed, c.from, c.to, 1)))
		if err == nil {
			_, err = Make(agreement)
		}
		if err == nil {
			t.Error(c.why)
		}
	}
}

func TestAddressesFollowTheOrderOfCreation(t *testing.T) {
	if seats.AddressOf(0) == seats.AddressOf(1) {
		t.Error("two contracts at one address")
	}
}
