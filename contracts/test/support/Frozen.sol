// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "./Vm.sol";

/// A text that these tests make and that is committed: it must stay as it is. `node scripts/contracts.mjs freeze` rewrites it.
abstract contract Frozen {
    function assertFrozen(string memory path, string memory text) internal {
        if (vm.envOr("ISLET_FREEZE", false)) vm.writeFile(path, text);
        vm.assertEq(vm.readFile(path), text, string.concat(path, " is not what the contracts give"));
    }

    /// "name": value, without quotes around the value.
    function bare(string memory name, string memory value) internal pure returns (string memory) {
        return string.concat('"', name, '": ', value, ", ");
    }

    function number(string memory name, uint256 value) internal pure returns (string memory) {
        return bare(name, vm.toString(value));
    }

    /// Numbers of more than 53 bits as decimal strings.
    function wide(string memory name, uint256 value) internal pure returns (string memory) {
        return quoted(name, vm.toString(value));
    }

    function quoted(string memory name, string memory value) internal pure returns (string memory) {
        return string.concat('"', name, '": "', value, '", ');
    }

    function word(string memory name, bytes32 value) internal pure returns (string memory) {
        return quoted(name, vm.toString(value));
    }

    /// Closes an object: the last comma goes.
    function object(string memory members) internal pure returns (string memory) {
        bytes memory text = bytes(members);
        bytes memory cut = new bytes(text.length - 2);
        for (uint256 i = 0; i < cut.length; ++i) {
            cut[i] = text[i];
        }
        return string.concat("{ ", string(cut), " }");
    }
}
