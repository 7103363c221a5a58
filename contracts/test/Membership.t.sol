// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "../src/interfaces/IMembership.sol";
import {Membership} from "../src/Membership.sol";
import {InstitutionId, ProposalId, UnixSeconds} from "../src/Types.sol";
import {Fixture} from "./support/Fixture.sol";
import {clamp, vm} from "./support/Vm.sol";

contract MembershipTest is Fixture {
    // ── founding ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_foundersAreActiveWithTheKeysTheyGave() public view {
        vm.assertEq(members.institutionIds().length, FOUNDERS, "all founders are listed");
        vm.assertEq(members.activeCount(), FOUNDERS, "all founders are active");
        vm.assertEq(members.threshold(), THRESHOLD, "the threshold is the founders'");
        for (uint256 i = 0; i < FOUNDERS; ++i) {
            IMembership.Member memory given = candidate(i);
            IMembership.Institution memory entry = members.institution(given.id);
            vm.assertTrue(members.isActive(given.ledgerKey), "its account is active");
            vm.assertTrue(members.isActiveInstitution(given.id), "its identifier is active");
            vm.assertTrue(members.memberOf(given.ledgerKey) == given.id, "its account leads to it");
            vm.assertEq(entry.messageKey, given.messageKey, "message key");
            vm.assertEq(entry.hpkeKeyHash, given.hpkeKeyHash, "HPKE key hash");
            vm.assertEq(entry.roles, given.roles, "roles");
        }
        vm.assertFalse(members.isActive(address(0)), "nobody is nobody");
        vm.assertTrue(members.memberOf(address(0)).isNone(), "nobody is no institution");
    }

    function test_aConsortiumWithoutFoundersIsRefused() public {
        vm.expectRevert(IMembership.NoFounders.selector);
        new Membership(new IMembership.Member[](0), 1);
    }

    function testFuzz_aThresholdOutOfRangeIsRefused(uint256 count, uint16 votes) public {
        count = clamp(count, 1, 8);
        IMembership.Member[] memory founders = new IMembership.Member[](count);
        for (uint256 i = 0; i < count; ++i) {
            founders[i] = candidate(i);
        }
        uint256 highest = count < 3 ? count : count - 1;
        if (votes == 0 || votes > highest) {
            vm.expectRevert(abi.encodeWithSelector(IMembership.ThresholdOutOfRange.selector, votes, highest));
        }
        new Membership(founders, votes);
    }

    function test_anIncompleteOrDoubledFounderIsRefused() public {
        IMembership.Member[] memory founders = new IMembership.Member[](2);
        for (uint256 flaw = 0; flaw < 8; ++flaw) {
            (founders[0], founders[1]) = (candidate(0), candidate(1));
            bytes memory refusal = abi.encodeWithSelector(IMembership.IncompleteMember.selector, founders[1].id);
            if (flaw == 0) founders[1].ledgerKey = address(0);
            if (flaw == 1) founders[1].messageKey = 0;
            if (flaw == 2) founders[1].hpkeKeyHash = 0;
            if (flaw == 3) founders[1].roles = 0;
            if (flaw == 4) {
                founders[1].id = InstitutionId.wrap(0);
                refusal = abi.encodeWithSelector(IMembership.IncompleteMember.selector, bytes32(0));
            }
            if (flaw == 5) {
                founders[1].id = founders[0].id;
                refusal = abi.encodeWithSelector(IMembership.InstitutionExists.selector, founders[0].id);
            }
            if (flaw == 6) {
                founders[1].ledgerKey = founders[0].ledgerKey;
                refusal = abi.encodeWithSelector(IMembership.LedgerKeyUsed.selector, founders[0].ledgerKey);
            }
            if (flaw == 7) {
                founders[1].messageKey = founders[0].messageKey;
                refusal = abi.encodeWithSelector(IMembership.MessageKeyUsed.selector, founders[0].messageKey);
            }
            vm.expectRevert(refusal);
            new Membership(founders, 1);
        }
    }

    // ── votes ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_aChangeIsMadeByTheKthVoteAndNotBefore() public {
        IMembership.Change memory made = change(IMembership.ChangeKind.ADD, candidate(9));
        for (uint256 i = 0; i < THRESHOLD; ++i) {
            vm.assertFalse(members.isActive(accountOf(9)), "not before the last vote");
            vm.assertEq(members.tally(members.proposalId(made)), i, "votes so far");
            vm.prank(accountOf(i));
            (, bool executed) = members.vote(made);
            vm.assertTrue(executed == (i == THRESHOLD - 1), "executed by the k-th vote");
        }
        vm.assertTrue(members.isActive(accountOf(9)), "admitted");
        vm.assertTrue(members.proposalState(members.proposalId(made)) == IMembership.ProposalState.EXECUTED, "spent");
    }

    function test_votesAnnounceTheProposalItsVotersAndItsExecution() public {
        IMembership.Change memory made = change(IMembership.ChangeKind.SUSPEND, candidate(3));
        ProposalId proposal = members.proposalId(made);
        vm.expectEmit(address(members));
        emit IMembership.Proposed(proposal, idOf(0), made);
        vm.expectEmit(address(members));
        emit IMembership.Voted(proposal, idOf(0));
        vm.prank(accountOf(0));
        members.vote(made);
        vm.prank(accountOf(1));
        members.vote(made);
        vm.expectEmit(address(members));
        emit IMembership.Voted(proposal, idOf(2));
        vm.expectEmit(address(members));
        emit IMembership.Executed(proposal);
        vm.expectEmit(address(members));
        emit IMembership.InstitutionSuspended(idOf(3));
        vm.expectEmit(address(members));
        emit IMembership.ThresholdChanged(2);
        vm.prank(accountOf(2));
        members.vote(made);
    }

    function test_anExecutedProposalIsNotReplayed() public {
        IMembership.Change memory suspension = change(IMembership.ChangeKind.SUSPEND, candidate(3));
        carry(suspension);
        reinstate(3);
        ProposalId proposal = members.proposalId(suspension);
        vm.expectRevert(abi.encodeWithSelector(IMembership.AlreadyExecuted.selector, proposal));
        vm.prank(accountOf(3));
        members.vote(suspension);
        vm.expectRevert(abi.encodeWithSelector(IMembership.NotOpen.selector, proposal));
        vm.prank(accountOf(0));
        members.execute(suspension);
        vm.assertTrue(members.isActive(accountOf(3)), "still active");
    }

    function test_aMemberVotesOnce() public {
        IMembership.Change memory made = change(IMembership.ChangeKind.SUSPEND, candidate(3));
        vm.prank(accountOf(0));
        members.vote(made);
        vm.expectRevert(abi.encodeWithSelector(IMembership.AlreadyVoted.selector, members.proposalId(made), idOf(0)));
        vm.prank(accountOf(0));
        members.vote(made);
    }

    function testFuzz_proposalsThatDifferInAnyWordShareNoVotes(uint8 field, uint256 salt) public {
        IMembership.Change memory one = change(IMembership.ChangeKind.ADD, candidate(9));
        IMembership.Change memory other =
            IMembership.Change(one.kind, candidate(9), one.threshold, one.nonce, one.deadline);
        bytes32 word = keccak256(abi.encode(salt));
        field = uint8(field % 9);
        if (field == 0) other.kind = IMembership.ChangeKind.ROTATE_KEYS;
        if (field == 1) other.member.id = InstitutionId.wrap(word);
        if (field == 2) other.member.ledgerKey = address(bytes20(word));
        if (field == 3) other.member.messageKey = word;
        if (field == 4) other.member.hpkeKeyHash = word;
        if (field == 5) other.member.roles = 2;
        if (field == 6) other.threshold = 1;
        if (field == 7) other.nonce += 1 + uint64(salt % 1000);
        if (field == 8) other.deadline = UnixSeconds.wrap(UnixSeconds.unwrap(one.deadline) + 1);
        for (uint256 i = 0; i < THRESHOLD - 1; ++i) {
            vm.prank(accountOf(i));
            members.vote(one);
        }
        vm.prank(accountOf(THRESHOLD - 1));
        (, bool executed) = members.vote(other);
        vm.assertFalse(executed, "a vote for one is no vote for the other");
        vm.assertEq(members.tally(members.proposalId(other)), 1, "one vote");
    }

    function test_aVoteOfAMemberSuspendedMeanwhileDoesNotCount() public {
        IMembership.Change memory admission = change(IMembership.ChangeKind.ADD, candidate(9));
        vm.prank(accountOf(3));
        members.vote(admission);
        suspend(3); // the threshold comes down to 2
        vm.assertEq(members.tally(members.proposalId(admission)), 0, "the vote is void");
        vm.prank(accountOf(0));
        (, bool executed) = members.vote(admission);
        vm.assertFalse(executed, "one valid vote of two");
        reinstate(3);
        vm.assertEq(members.tally(members.proposalId(admission)), 1, "void also after reinstatement");
        vm.prank(accountOf(3));
        (, executed) = members.vote(admission);
        vm.assertTrue(executed, "cast anew, it counts");
    }

    function test_aVoteCastWithKeysReplacedSinceDoesNotCount() public {
        IMembership.Change memory admission = change(IMembership.ChangeKind.ADD, candidate(9));
        vm.prank(accountOf(3));
        members.vote(admission);
        IMembership.Member memory fresh = keysOf(3, 1);
        carry(change(IMembership.ChangeKind.ROTATE_KEYS, fresh));
        vm.assertEq(members.tally(members.proposalId(admission)), 0, "the thief's vote is void");
        vm.prank(fresh.ledgerKey);
        members.vote(admission);
        vm.assertEq(members.tally(members.proposalId(admission)), 1, "the member itself votes once");
    }

    function test_aProposalClosesAtItsDeadline() public {
        IMembership.Change memory made = change(IMembership.ChangeKind.SUSPEND, candidate(3));
        vm.prank(accountOf(0));
        members.vote(made);
        vm.prank(accountOf(1));
        members.vote(made);
        vm.warp(UnixSeconds.unwrap(made.deadline) + 1);
        vm.expectRevert(abi.encodeWithSelector(IMembership.VotingClosed.selector, made.deadline));
        vm.prank(accountOf(2));
        members.vote(made);
        vm.expectRevert(abi.encodeWithSelector(IMembership.VotingClosed.selector, made.deadline));
        vm.prank(accountOf(2));
        members.execute(made);
        vm.warp(UnixSeconds.unwrap(made.deadline));
        vm.prank(accountOf(2));
        (, bool executed) = members.vote(made);
        vm.assertTrue(executed, "the deadline itself is in time");
    }

    function test_aDeadlineTooFarIsRefused() public {
        IMembership.Change memory made = change(IMembership.ChangeKind.SUSPEND, candidate(3));
        made.deadline = UnixSeconds.wrap(uint64(NOW + 30 days + 1));
        vm.expectRevert(abi.encodeWithSelector(IMembership.DeadlineTooFar.selector, made.deadline));
        vm.prank(accountOf(0));
        members.vote(made);
    }

    function test_aProposalThatALoweredThresholdCarriesCanBeExecuted() public {
        IMembership.Change memory admission = change(IMembership.ChangeKind.ADD, candidate(9));
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(accountOf(i));
            members.vote(admission);
        }
        vm.prank(accountOf(3));
        vm.assertFalse(members.execute(admission), "two votes of three");
        carry(thresholdChange(2));
        vm.prank(accountOf(3));
        vm.assertTrue(members.execute(admission), "two votes of two");
        vm.assertTrue(members.isActive(accountOf(9)), "admitted");
    }

    function testFuzz_aStrangerHasNoVoteAndNoKeysToRotate(address stranger) public {
        vm.assume(members.memberOf(stranger).isNone());
        IMembership.Change memory made = change(IMembership.ChangeKind.ADD, candidate(9));
        bytes memory refusal = abi.encodeWithSelector(IMembership.NotAnActiveMember.selector, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        members.vote(made);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        members.execute(made);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        members.rotateOwnKeys(accountOf(9), "m", "h");
    }

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_suspensionLowersAThresholdThatFewerMembersCouldNotCarry() public {
        suspend(3);
        vm.assertEq(members.threshold(), 2, "3 of 4 becomes 2 of 3");
        suspend(2);
        vm.assertEq(members.threshold(), 2, "2 of 2 stands");
        suspend(1);
        vm.assertEq(members.threshold(), 1, "1 of 1");
        vm.assertEq(members.activeCount(), 1, "one is left");
    }

    function test_theLastActiveMemberIsNotSuspended() public {
        suspend(3);
        suspend(2);
        suspend(1);
        IMembership.Change memory made = change(IMembership.ChangeKind.SUSPEND, candidate(0));
        vm.expectRevert(abi.encodeWithSelector(IMembership.LastActiveMember.selector, idOf(0)));
        vm.prank(accountOf(0));
        members.vote(made);
    }

    function test_changesThatDoNotFitTheStateAreRefused() public {
        suspend(3);
        _refused(
            change(IMembership.ChangeKind.SUSPEND, candidate(3)),
            abi.encodeWithSelector(IMembership.NotActive.selector, idOf(3))
        );
        _refused(
            change(IMembership.ChangeKind.REINSTATE, candidate(1)),
            abi.encodeWithSelector(IMembership.NotSuspended.selector, idOf(1))
        );
        _refused(
            change(IMembership.ChangeKind.ADD, candidate(1)),
            abi.encodeWithSelector(IMembership.InstitutionExists.selector, idOf(1))
        );
        _refused(
            change(IMembership.ChangeKind.ROTATE_KEYS, candidate(9)),
            abi.encodeWithSelector(IMembership.InstitutionUnknown.selector, idOf(9))
        );
        _refused(
            change(IMembership.ChangeKind.SET_ROLES, candidate(9)),
            abi.encodeWithSelector(IMembership.InstitutionUnknown.selector, idOf(9))
        );
        IMembership.Member memory powerless = candidate(1);
        powerless.roles = 0;
        _refused(
            change(IMembership.ChangeKind.SET_ROLES, powerless),
            abi.encodeWithSelector(IMembership.IncompleteMember.selector, idOf(1))
        );
        _refused(thresholdChange(0), abi.encodeWithSelector(IMembership.ThresholdOutOfRange.selector, 0, 2));
        _refused(thresholdChange(3), abi.encodeWithSelector(IMembership.ThresholdOutOfRange.selector, 3, 2));
    }

    function test_rolesAndThresholdChangeByVote() public {
        IMembership.Member memory auditor = candidate(1);
        auditor.roles = 1 << 6;
        carry(change(IMembership.ChangeKind.SET_ROLES, auditor));
        vm.assertEq(members.institution(idOf(1)).roles, 1 << 6, "roles");
        carry(thresholdChange(1));
        vm.assertEq(members.threshold(), 1, "threshold");
    }

    function test_noMoreInstitutionsThanTheLimit() public {
        uint256 limit = members.MAX_INSTITUTIONS();
        carry(thresholdChange(1));
        for (uint256 i = FOUNDERS; i < limit; ++i) {
            vm.prank(accountOf(0));
            members.vote(change(IMembership.ChangeKind.ADD, candidate(i)));
        }
        IMembership.Change memory made = change(IMembership.ChangeKind.ADD, candidate(limit));
        vm.expectRevert(abi.encodeWithSelector(IMembership.TooManyInstitutions.selector, limit));
        vm.prank(accountOf(0));
        members.vote(made);
    }

    // ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_aMemberRotatesItsOwnKeysAloneAndKeepsItsIdentifier() public {
        IMembership.Member memory fresh = keysOf(1, 1);
        vm.expectEmit(address(members));
        emit IMembership.KeysRotated(idOf(1), fresh.ledgerKey, fresh.messageKey, fresh.hpkeKeyHash, 2);
        vm.prank(accountOf(1));
        members.rotateOwnKeys(fresh.ledgerKey, fresh.messageKey, fresh.hpkeKeyHash);
        vm.assertTrue(members.memberOf(fresh.ledgerKey) == idOf(1), "the new account is the same institution");
        vm.assertTrue(members.memberOf(accountOf(1)).isNone(), "the old account is nobody");
        vm.assertFalse(members.isActive(accountOf(1)), "the old account has no power");
    }

    function test_aMemberMayKeepSomeOfItsKeys() public {
        IMembership.Member memory present = candidate(1);
        vm.prank(present.ledgerKey);
        members.rotateOwnKeys(present.ledgerKey, present.messageKey, keysOf(1, 1).hpkeKeyHash);
        vm.assertTrue(members.isActive(present.ledgerKey), "the account stays");
        vm.assertEq(members.institution(present.id).hpkeKeyHash, keysOf(1, 1).hpkeKeyHash, "the HPKE key is new");
    }

    function test_aLostKeyIsReplacedByTheVotesOfTheOthers() public {
        IMembership.Member memory fresh = keysOf(3, 1);
        carry(change(IMembership.ChangeKind.ROTATE_KEYS, fresh)); // 0, 1 and 2 vote
        vm.assertTrue(members.isActive(fresh.ledgerKey), "new keys");
        vm.assertFalse(members.isActive(accountOf(3)), "lost keys");
    }

    function test_aUsedKeyIsNeverAnothersAndARetiredOneNeverReturns() public {
        IMembership.Member memory fresh = keysOf(1, 1);
        IMembership.Member memory old = candidate(1);
        vm.prank(old.ledgerKey);
        members.rotateOwnKeys(fresh.ledgerKey, fresh.messageKey, fresh.hpkeKeyHash);

        vm.expectRevert(abi.encodeWithSelector(IMembership.LedgerKeyUsed.selector, old.ledgerKey));
        vm.prank(fresh.ledgerKey);
        members.rotateOwnKeys(old.ledgerKey, fresh.messageKey, fresh.hpkeKeyHash);
        vm.expectRevert(abi.encodeWithSelector(IMembership.MessageKeyUsed.selector, old.messageKey));
        vm.prank(fresh.ledgerKey);
        members.rotateOwnKeys(fresh.ledgerKey, old.messageKey, fresh.hpkeKeyHash);

        vm.expectRevert(abi.encodeWithSelector(IMembership.LedgerKeyUsed.selector, old.ledgerKey));
        vm.prank(accountOf(2));
        members.rotateOwnKeys(old.ledgerKey, keysOf(2, 1).messageKey, keysOf(2, 1).hpkeKeyHash);
        vm.expectRevert(abi.encodeWithSelector(IMembership.MessageKeyUsed.selector, fresh.messageKey));
        vm.prank(accountOf(2));
        members.rotateOwnKeys(accountOf(2), fresh.messageKey, keysOf(2, 1).hpkeKeyHash);
    }

    function test_rotationToMissingKeysIsRefused() public {
        bytes memory refusal = abi.encodeWithSelector(IMembership.IncompleteMember.selector, idOf(1));
        IMembership.Member memory fresh = keysOf(1, 1);
        vm.expectRevert(refusal);
        vm.prank(accountOf(1));
        members.rotateOwnKeys(address(0), fresh.messageKey, fresh.hpkeKeyHash);
        vm.expectRevert(refusal);
        vm.prank(accountOf(1));
        members.rotateOwnKeys(fresh.ledgerKey, 0, fresh.hpkeKeyHash);
        vm.expectRevert(refusal);
        vm.prank(accountOf(1));
        members.rotateOwnKeys(fresh.ledgerKey, fresh.messageKey, 0);
    }

    /// Two votes are in (0 and 1 are active in every caller); the deciding one meets the refusal.
    function _refused(IMembership.Change memory made, bytes memory refusal) private {
        vm.prank(accountOf(0));
        members.vote(made);
        vm.expectRevert(refusal);
        vm.prank(accountOf(1));
        members.vote(made);
    }
}
