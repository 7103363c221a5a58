// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {ProposalId} from "../src/Types.sol";
import {SeatsFixture} from "./support/SeatsFixture.sol";
import {vm} from "./support/Vm.sol";

/// Random changes of seats and members, all members willing: whatever they agree on, the engine is given a set that it
/// may put in force, and one that less than a third of the power separates from the last one.
contract ValidatorSetInvariants is SeatsFixture {
    struct Before {
        bytes32[] keys;
        uint64[] powers;
        uint64 total;
    }

    function actions() internal pure override returns (bytes4[] memory list) {
        list = new bytes4[](3);
        list[0] = this.agree.selector;
        list[1] = this.turnMember.selector;
        list[2] = this.passTime.selector;
    }

    function agree(uint256 first, uint256 second, uint256 power, uint256 generation, bool both) external {
        IValidatorSet.Move memory a = _move(first, power, generation);
        IValidatorSet.Change memory made = both ? two(a, _move(second, power >> 16, generation >> 8)) : one(a);
        Before memory before = _look();
        for (uint256 i = 0; i < MEMBERS; ++i) {
            if (!members.isActiveInstitution(idOf(i))) continue;
            vm.prank(accountOf(i));
            try set.vote(made) returns (ProposalId, bool executed) {
                if (executed) return _theStepIsOneThatTheEngineTakes(before);
            } catch {
                return;
            }
        }
    }

    function turnMember(uint256 who) external {
        who %= MEMBERS;
        if (members.isActiveInstitution(idOf(who)) && members.activeCount() <= 2) return;
        suspendOrReinstate(who);
    }

    function passTime(uint256 seconds_) external {
        vm.warp(block.timestamp + seconds_ % (2 * EPOCH));
    }

    function invariant_theEngineIsAlwaysGivenASetThatItTakes() public view {
        (bytes32[] memory keys, uint64[] memory powers) = set.getValidators();
        vm.assertEq(keys.length, powers.length, "keys and powers pair");
        vm.assertGe(keys.length, 4, "never under four seats");
        uint64 total = 0;
        for (uint256 i = 0; i < keys.length; ++i) {
            vm.assertTrue(keys[i] != 0 && powers[i] > 0, "no empty seat");
            total += powers[i];
            for (uint256 j = 0; j < i; ++j) {
                vm.assertTrue(keys[i] != keys[j], "no key twice");
            }
        }
        vm.assertEq(total, set.totalPower(), "the total is the sum");
        for (uint256 i = 0; i < keys.length; ++i) {
            vm.assertTrue(3 * powers[i] < total, "no seat holds a third");
        }
    }

    function _theStepIsOneThatTheEngineTakes(Before memory before) private view {
        (bytes32[] memory keys, uint64[] memory powers) = set.getValidators();
        uint64 added = 0;
        for (uint256 i = 0; i < keys.length; ++i) {
            uint64 old = 0;
            for (uint256 j = 0; j < before.keys.length; ++j) {
                if (before.keys[j] == keys[i]) old = before.powers[j];
            }
            if (powers[i] > old) added += powers[i] - old;
        }
        uint64 removed = before.total + added - set.totalPower();
        vm.assertTrue(3 * added < before.total, "less than a third arrives at once");
        vm.assertTrue(3 * removed < before.total, "less than a third leaves at once");
    }

    function _look() private view returns (Before memory before) {
        (before.keys, before.powers) = set.getValidators();
        before.total = set.totalPower();
    }

    function _move(uint256 who, uint256 power, uint256 generation) private pure returns (IValidatorSet.Move memory made) {
        made = move(who % MEMBERS, uint64(power % 220));
        if (power % 220 < 40) made.power = 0;
        made.key = seatKeyOf(who % MEMBERS, generation % 3);
    }
}
