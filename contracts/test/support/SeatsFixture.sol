// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "../../src/interfaces/IMembership.sol";
import {IValidatorSet} from "../../src/interfaces/IValidatorSet.sol";
import {Membership} from "../../src/Membership.sol";
import {InstitutionId, ProposalId, UnixSeconds} from "../../src/Types.sol";
import {ValidatorSet} from "../../src/ValidatorSet.sol";
import {Invariants} from "./Invariants.sol";
import {vm} from "./Vm.sol";

/// Seven institutions, the first four of them with seats of equal power.
abstract contract SeatsFixture is Invariants {
    uint256 internal constant MEMBERS = 7;
    uint256 internal constant SEATED = 4;
    uint64 internal constant POWER = 100;
    uint64 internal constant EPOCH = 1 hours;

    ValidatorSet internal set;
    uint64 private nonces;

    function setUp() public virtual override {
        super.setUp();
        IMembership.Member[] memory founders = new IMembership.Member[](MEMBERS);
        for (uint256 i = 0; i < MEMBERS; ++i) {
            founders[i] = candidate(i);
        }
        members = new Membership(founders, 4);
        IValidatorSet.Move[] memory first = new IValidatorSet.Move[](SEATED);
        for (uint256 i = 0; i < SEATED; ++i) {
            first[i] = move(i, POWER);
        }
        set = new ValidatorSet(members, first, EPOCH);
    }

    function actions() internal pure virtual override returns (bytes4[] memory list) {
        list = new bytes4[](0);
    }

    function seatKeyOf(uint256 i, uint256 generation) internal pure returns (bytes32) {
        return keccak256(abi.encode("seat key", i, generation));
    }

    function move(uint256 i, uint64 power) internal pure returns (IValidatorSet.Move memory) {
        return IValidatorSet.Move(idOf(i), seatKeyOf(i, 0), power);
    }

    function one(IValidatorSet.Move memory a) internal returns (IValidatorSet.Change memory made) {
        made.moves = new IValidatorSet.Move[](1);
        made.moves[0] = a;
        made.nonce = ++nonces;
        made.deadline = UnixSeconds.wrap(uint64(block.timestamp + 1 days));
    }

    function two(IValidatorSet.Move memory a, IValidatorSet.Move memory b)
        internal
        returns (IValidatorSet.Change memory made)
    {
        made = one(a);
        made.moves = new IValidatorSet.Move[](2);
        (made.moves[0], made.moves[1]) = (a, b);
    }

    /// Active members vote in turn until the change is made; the deciding vote may be expected to revert.
    function carrySeats(IValidatorSet.Change memory made, bytes memory refusal) internal {
        uint256 needed = uint256(members.activeCount()) * 2 / 3 + 1;
        uint256 votes = 0;
        for (uint256 i = 0; votes < needed; ++i) {
            if (!members.isActiveInstitution(idOf(i))) continue;
            bool decides = ++votes == needed;
            if (decides && refusal.length > 0) vm.expectRevert(refusal);
            vm.prank(accountOf(i));
            (, bool executed) = set.vote(made);
            if (refusal.length == 0) vm.assertTrue(executed == decides, "made by the deciding vote");
        }
    }

    function carrySeats(IValidatorSet.Change memory made) internal {
        carrySeats(made, "");
    }

    function powerOf(uint256 i) internal view returns (uint64) {
        IValidatorSet.Seat[] memory list = set.seats();
        for (uint256 j = 0; j < list.length; ++j) {
            if (list[j].institution == idOf(i)) return list[j].power;
        }
        return 0;
    }
}
