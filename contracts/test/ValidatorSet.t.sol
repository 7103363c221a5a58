// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "../src/interfaces/IMembership.sol";
import {IValidatorSet} from "../src/interfaces/IValidatorSet.sol";
import {InstitutionId, ProposalId, UnixSeconds} from "../src/Types.sol";
import {ValidatorSet} from "../src/ValidatorSet.sol";
import {SeatsFixture} from "./support/SeatsFixture.sol";
import {vm} from "./support/Vm.sol";

contract ValidatorSetTest is SeatsFixture {
    // ── founding ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_theEngineReadsTheFirstSet() public view {
        (bytes32[] memory keys, uint64[] memory powers) = set.getValidators();
        vm.assertEq(keys.length, SEATED, "as many keys as seats");
        vm.assertEq(powers.length, SEATED, "as many powers as keys");
        for (uint256 i = 0; i < SEATED; ++i) {
            vm.assertEq(keys[i], seatKeyOf(i, 0), "its key");
            vm.assertEq(powers[i], POWER, "its power");
        }
        vm.assertEq(set.totalPower(), SEATED * POWER, "the total is the sum");
    }

    function test_anUnsoundFirstSetIsRefused() public {
        IValidatorSet.Move[] memory first = new IValidatorSet.Move[](3);
        for (uint256 i = 0; i < 3; ++i) {
            first[i] = move(i, POWER);
        }
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.SeatsOutOfRange.selector, 3));
        new ValidatorSet(members, first, EPOCH);

        first = new IValidatorSet.Move[](4);
        for (uint256 i = 0; i < 4; ++i) {
            first[i] = move(i, i == 0 ? 150 : POWER);
        }
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.AThirdInOneSeat.selector, idOf(0)));
        new ValidatorSet(members, first, EPOCH);

        first[0] = move(0, POWER);
        vm.expectRevert(IValidatorSet.NoEpoch.selector);
        new ValidatorSet(members, first, 0);

        first[3].key = first[2].key;
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.KeyUsed.selector, first[2].key));
        new ValidatorSet(members, first, EPOCH);
    }

    // ── votes ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_aSeatIsGivenByMoreThanTwoThirdsAndNotBefore() public {
        IValidatorSet.Change memory made = one(move(4, POWER));
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertEq(powerOf(4), 0, "not before the last vote");
            (uint256 votes, uint256 needed) = set.tally(set.proposalId(made));
            vm.assertEq(votes, i, "votes so far");
            vm.assertEq(needed, 5, "of seven members, five are more than two thirds");
            vm.prank(accountOf(i));
            (, bool executed) = set.vote(made);
            vm.assertTrue(executed == (i == 4), "made by the fifth vote");
        }
        vm.assertEq(powerOf(4), POWER, "seated");
        vm.assertEq(set.totalPower(), 5 * POWER, "counted");
    }

    function test_onlyActiveMembersVoteOnceEach() public {
        IValidatorSet.Change memory made = one(move(4, POWER));
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.NotAnActiveMember.selector, address(this)));
        set.vote(made);

        vm.prank(accountOf(1));
        (ProposalId proposal,) = set.vote(made);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.AlreadyVoted.selector, proposal, idOf(1)));
        vm.prank(accountOf(1));
        set.vote(made);

        suspend(1);
        (uint256 votes, uint256 needed) = set.tally(proposal);
        vm.assertEq(votes, 0, "a suspended member's vote no longer counts");
        vm.assertEq(needed, 5, "of six members, five are more than two thirds");
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.NotAnActiveMember.selector, accountOf(1)));
        vm.prank(accountOf(1));
        set.vote(made);
    }

    function test_aChangeIsMadeOnceAndNotAfterItsDeadline() public {
        IValidatorSet.Change memory made = one(move(4, POWER));
        carrySeats(made);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.AlreadyExecuted.selector, set.proposalId(made)));
        vm.prank(accountOf(6));
        set.vote(made);

        IValidatorSet.Change memory late = one(move(5, POWER));
        vm.warp(UnixSeconds.unwrap(late.deadline) + 1);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.VotingClosed.selector, late.deadline));
        vm.prank(accountOf(0));
        set.vote(late);

        late.deadline = UnixSeconds.wrap(uint64(block.timestamp + set.MAX_VOTING_PERIOD() + 1));
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.DeadlineTooFar.selector, late.deadline));
        vm.prank(accountOf(0));
        set.vote(late);

        late.deadline = deadline();
        late.moves = new IValidatorSet.Move[](0);
        vm.expectRevert(IValidatorSet.NoMoves.selector);
        vm.prank(accountOf(0));
        set.vote(late);
    }

    function test_anOpenProposalIsMadeOnceFewerMembersAreNeeded() public {
        IValidatorSet.Change memory made = one(move(4, POWER));
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.NotOpen.selector, set.proposalId(made)));
        vm.prank(accountOf(0));
        set.execute(made);
        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(accountOf(i));
            set.vote(made);
        }
        vm.prank(accountOf(0));
        vm.assertFalse(set.execute(made), "four of seven are not enough");
        suspend(6);
        suspend(5);
        vm.prank(accountOf(0));
        vm.assertTrue(set.execute(made), "four of five are");
        vm.assertEq(powerOf(4), POWER, "seated");
    }

    // ── bounds ───────────────────────────────────────────────────────────────────────────────────────────────────

    function test_neverUnderFourSeatsButASeatIsSwappedAtOnce() public {
        carrySeats(one(move(3, 0)), abi.encodeWithSelector(IValidatorSet.SeatsOutOfRange.selector, 3));
        carrySeats(two(move(3, 0), move(4, POWER)));
        vm.assertEq(powerOf(3), 0, "left");
        vm.assertEq(powerOf(4), POWER, "came");
    }

    function test_noSeatReachesAThird() public {
        // 149 of 449 is below a third; 150 of 450 is one.
        carrySeats(one(move(0, 150)), abi.encodeWithSelector(IValidatorSet.AThirdInOneSeat.selector, idOf(0)));
        carrySeats(one(move(0, 149)));
        vm.assertEq(powerOf(0), 149, "149 of 449 stops nothing alone");
    }

    function test_lessThanAThirdOfThePowerMovesInAnEpoch() public {
        carrySeats(one(move(4, POWER)));
        IValidatorSet.Change memory second = one(move(5, POWER));
        carrySeats(second, abi.encodeWithSelector(IValidatorSet.TooFast.selector, 2 * POWER, 0, 4 * POWER));
        vm.warp(block.timestamp + EPOCH);
        vm.prank(accountOf(4));
        (, bool executed) = set.vote(second);
        vm.assertTrue(executed, "the same vote a little later");

        vm.warp(block.timestamp + EPOCH);
        carrySeats(one(move(0, 0)));
        bytes memory refusal = abi.encodeWithSelector(IValidatorSet.TooFast.selector, 0, 2 * POWER, 4 * POWER);
        carrySeats(one(move(1, 0)), refusal);
    }

    function test_aNewKeyIsPowerThatComesAndPowerThatLeaves() public {
        IValidatorSet.Move memory fresh = move(0, POWER);
        fresh.key = seatKeyOf(0, 1);
        carrySeats(one(fresh));
        IValidatorSet.Move memory other = move(1, POWER);
        other.key = seatKeyOf(1, 1);
        bytes memory refusal =
            abi.encodeWithSelector(IValidatorSet.TooFast.selector, 2 * POWER, 2 * POWER, 4 * POWER);
        carrySeats(one(other), refusal);
        other.key = seatKeyOf(0, 0);
        vm.warp(block.timestamp + EPOCH);
        carrySeats(one(other), abi.encodeWithSelector(IValidatorSet.KeyUsed.selector, other.key));
    }

    function test_whoMayBeGivenPower() public {
        suspend(4);
        suspend(0);
        bytes memory refusal = abi.encodeWithSelector(IValidatorSet.InstitutionNotActive.selector, idOf(4));
        carrySeats(one(move(4, POWER)), refusal);
        refusal = abi.encodeWithSelector(IValidatorSet.InstitutionNotActive.selector, idOf(0));
        carrySeats(one(move(0, POWER + 1)), refusal);
        carrySeats(one(move(0, POWER - 1)));
        vm.assertEq(powerOf(0), POWER - 1, "taking away is always possible");
        carrySeats(two(move(0, 0), move(5, POWER - 1)));
        vm.assertEq(powerOf(0), 0, "also the whole seat");
    }

    function test_anIncompleteSeatIsRefused() public {
        IValidatorSet.Move memory flawed = move(4, POWER);
        flawed.key = 0;
        carrySeats(one(flawed), abi.encodeWithSelector(IValidatorSet.IncompleteSeat.selector, idOf(4)));
        flawed = move(4, set.MAX_POWER() + 1);
        bytes memory refusal =
            abi.encodeWithSelector(IValidatorSet.PowerTooHigh.selector, idOf(4), set.MAX_POWER() + 1);
        carrySeats(one(flawed), refusal);
        carrySeats(one(move(5, 0)), abi.encodeWithSelector(IValidatorSet.NoSeat.selector, idOf(5)));
    }
}
