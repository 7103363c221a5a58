// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleTree} from "./support/MerkleTree.sol";
import {CreditsFixture} from "./Credits.t.sol";
import {Frozen} from "./support/Frozen.sol";
import {vm} from "./support/Vm.sol";

/// The gas of a voucher's transactions.
/// forge-config: default.isolate = true
contract FrozenCreditsTest is CreditsFixture, Frozen {
    string private table = "gas of whole transactions (21,000 and calldata included); a batch of sixteen vouchers\n";

    function test_gasIsAsFrozen() public {
        bytes32 root = MerkleTree.root(leavesOf[1]);
        _line("issue a batch", accountOf(1), abi.encodeCall(credits.issue, (study, root, SIZE)));
        _line("first redemption of a batch", accountOf(OUTSIDER), redeemCall(1, 3, OUTSIDER));
        _line("redemption", accountOf(2), redeemCall(1, 4, 2));
        assertFrozen("contracts/gas-snapshot-credits.txt", table);
    }

    function _line(string memory name, address sender, bytes memory call) private {
        (bool done,) = send(sender, call);
        vm.assertTrue(done, "the call succeeds");
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        vm.assertLe(gas, 400_000, "well under the gas limit of a call");
        table = string.concat(table, name, ": ", vm.toString(gas), "\n");
    }
}
