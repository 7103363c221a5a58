// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fixture} from "./Fixture.sol";

/// A test whose own actions forge calls at random; invariants are judged after each.
abstract contract Invariants is Fixture {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), actions());
    }

    function actions() internal view virtual returns (bytes4[] memory);

    function suspendOrReinstate(uint256 who) internal {
        bool isActive = members.isActiveInstitution(idOf(who));
        if (isActive && members.activeCount() == 1) return;
        if (isActive) suspend(who);
        else reinstate(who);
    }
}
