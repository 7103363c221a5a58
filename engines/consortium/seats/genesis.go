package seats

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// Creation is a contract that the genesis creates: its creation code with the encoded arguments of its constructor.
// Running the constructor rather than writing its storage keeps the layout the compiler's own business.
type Creation struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// Genesis is the module's part of the genesis.
type Genesis struct {
	// EVMChainID must be the number in the chain's own id; every node compares both with what it runs.
	EVMChainID uint64 `json:"evm_chain_id,string"`
	// Create lists the contracts in the order of creation; each may take the addresses of those before it.
	Create []Creation `json:"create"`
	// Seats names the one of them that answers getValidators().
	Seats string `json:"seats"`
}

// AddressOf is the address of the contract created at a place of the list.
func AddressOf(place int) common.Address {
	return crypto.CreateAddress(Creator, uint64(place))
}

// Contract is the address of the one that names the seats.
func (g Genesis) Contract() (common.Address, error) {
	for place, creation := range g.Create {
		if creation.Name == g.Seats {
			return AddressOf(place), nil
		}
	}
	return common.Address{}, fmt.Errorf("the genesis creates no contract %q to name the seats", g.Seats)
}

// Validate says whether the part can begin a chain.
func (g Genesis) Validate() error {
	if g.EVMChainID == 0 {
		return fmt.Errorf("the genesis names no EVM chain id")
	}
	names := make(map[string]bool, len(g.Create))
	for _, creation := range g.Create {
		if creation.Name == "" || names[creation.Name] {
			return fmt.Errorf("contract %q of the genesis has no name of its own", creation.Name)
		}
		names[creation.Name] = true
		if code, err := creation.bytes(); err != nil {
			return err
		} else if len(code) == 0 {
			return fmt.Errorf("contract %s of the genesis has no code", creation.Name)
		}
	}
	_, err := g.Contract()
	return err
}

func (c Creation) bytes() ([]byte, error) {
	code, err := hex.DecodeString(strings.TrimPrefix(c.Code, "0x"))
	if err != nil {
		return nil, fmt.Errorf("contract %s of the genesis: %w", c.Name, err)
	}
	return code, nil
}
