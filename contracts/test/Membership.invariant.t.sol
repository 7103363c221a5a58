// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "../src/interfaces/IMembership.sol";
import {InstitutionId, ProposalId, UnixSeconds} from "../src/Types.sol";
import {Invariants} from "./support/Invariants.sol";
import {clamp, vm} from "./support/Vm.sol";

/// Random politics of up to eight institutions: single votes, whole campaigns, own rotations, time.
contract MembershipInvariants is Invariants {
    uint256 private constant PEOPLE = 8;

    mapping(uint256 who => uint256) private latestGeneration;
    mapping(ProposalId => uint256) private executions;
    address[] private retired;
    uint256 private turn;

    function actions() internal pure override returns (bytes4[] memory list) {
        list = new bytes4[](4);
        list[0] = this.voteOnce.selector;
        list[1] = this.campaign.selector;
        list[2] = this.rotateOwnKeys.selector;
        list[3] = this.passTime.selector;
    }

    // ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// Anybody, with any key they ever had, votes on something.
    function voteOnce(uint256 who, uint256 age, uint256 kind, uint256 subject, uint256 votes, uint256 nonce) external {
        who %= PEOPLE;
        _vote(accountOf(who, age % (latestGeneration[who] + 1)), _change(kind, subject, votes, nonce % 3));
    }

    /// All active members in turn vote for something.
    function campaign(uint256 kind, uint256 subject, uint256 votes, uint256 nonce) external {
        IMembership.Change memory made = _change(kind, subject, votes, nonce);
        InstitutionId[] memory ids = members.institutionIds();
        for (uint256 i = 0; i < ids.length; ++i) {
            if (_vote(members.institution(ids[i]).ledgerKey, made)) return;
        }
    }

    function rotateOwnKeys(uint256 who, uint256 age) external {
        who %= PEOPLE;
        address sender = accountOf(who, age % (latestGeneration[who] + 1));
        bool mayRotate = members.isActive(sender);
        uint256 next = latestGeneration[who] + 1;
        IMembership.Member memory fresh = keysOf(who, next);
        vm.prank(sender);
        try members.rotateOwnKeys(fresh.ledgerKey, fresh.messageKey, fresh.hpkeKeyHash) {
            vm.assertTrue(mayRotate, "rotated by active members only");
            retired.push(sender);
            latestGeneration[who] = next;
        } catch {
            vm.assertFalse(mayRotate, "an active member's rotation is never refused");
        }
    }

    function passTime(uint256 seconds_) external {
        vm.warp(block.timestamp + seconds_ % 3 days);
    }

    // ── invariants ───────────────────────────────────────────────────────────────────────────────────────────────

    function invariant_theConsortiumIsNeverLocked() public {
        _theThresholdIsWithinReach();
        _keysLeadToTheirInstitutionAndRetiredOnesNowhere();
        _aChangeIsAlwaysWithinReach();
    }

    function _theThresholdIsWithinReach() private view {
        InstitutionId[] memory ids = members.institutionIds();
        uint256 active = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            if (members.isActiveInstitution(ids[i])) ++active;
        }
        vm.assertEq(members.activeCount(), active, "the count is the number of active members");
        vm.assertGe(active, 1, "somebody is active");
        vm.assertGe(members.threshold(), 1, "nothing happens without a vote");
        vm.assertLe(members.threshold(), active, "the threshold is no more than the active members");
        if (active >= 3) vm.assertLe(members.threshold(), active - 1, "one lost key does not lock the others");
    }

    function _keysLeadToTheirInstitutionAndRetiredOnesNowhere() private view {
        InstitutionId[] memory ids = members.institutionIds();
        for (uint256 i = 0; i < ids.length; ++i) {
            address key = members.institution(ids[i]).ledgerKey;
            vm.assertTrue(members.memberOf(key) == ids[i], "its key leads to it");
            vm.assertTrue(members.isActive(key) == members.isActiveInstitution(ids[i]), "active alike");
        }
        for (uint256 i = 0; i < retired.length; ++i) {
            vm.assertTrue(members.memberOf(retired[i]).isNone(), "a retired key is nobody's");
        }
    }

    /// In turn each active member is taken to have lost its key: from three members on, the others replace it.
    function _aChangeIsAlwaysWithinReach() private {
        InstitutionId[] memory ids = members.institutionIds();
        InstitutionId lost = ids[turn++ % ids.length];
        bool othersSuffice = members.activeCount() >= 3 && members.isActiveInstitution(lost);
        uint256 before = vm.snapshotState();
        IMembership.Change memory made = thresholdChange(1);
        if (othersSuffice) {
            made.kind = IMembership.ChangeKind.ROTATE_KEYS;
            made.member = keysOf(99, 0);
            made.member.id = lost;
        }
        bool executed = false;
        for (uint256 i = 0; i < ids.length && !executed; ++i) {
            if (!members.isActiveInstitution(ids[i]) || (othersSuffice && ids[i] == lost)) continue;
            vm.prank(members.institution(ids[i]).ledgerKey);
            (, executed) = members.vote(made);
        }
        vm.assertTrue(executed, "a change is always within reach");
        vm.revertToState(before);
    }

    // ── politics ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _change(uint256 kind, uint256 subject, uint256 votes, uint256 nonce)
        private
        view
        returns (IMembership.Change memory made)
    {
        made.kind = IMembership.ChangeKind(kind % 6);
        subject %= PEOPLE;
        uint256 next = latestGeneration[subject] + 1;
        made.member = keysOf(subject, made.kind == IMembership.ChangeKind.ROTATE_KEYS ? next : next - 1);
        made.threshold = uint16(votes % 10);
        made.nonce = uint64(nonce);
        made.deadline = UnixSeconds.wrap(uint64((block.timestamp / 10 days + 1) * 10 days));
    }

    function _vote(address sender, IMembership.Change memory made) private returns (bool) {
        bool mayVote = members.isActive(sender);
        ProposalId proposal = members.proposalId(made);
        address present = members.institution(made.member.id).ledgerKey;
        uint256 tally = members.tally(proposal);
        uint256 needed = members.threshold();
        vm.prank(sender);
        try members.vote(made) returns (ProposalId, bool executed) {
            vm.assertTrue(mayVote, "only active members vote");
            vm.assertTrue(executed == (tally + 1 >= needed), "executed by the deciding vote, no earlier and no later");
            if (!executed) return false;
            vm.assertEq(++executions[proposal], 1, "executed once");
            if (made.kind == IMembership.ChangeKind.ROTATE_KEYS) {
                retired.push(present);
                for (uint256 who = 0; who < PEOPLE; ++who) {
                    if (idOf(who) == made.member.id) ++latestGeneration[who];
                }
            }
            return true;
        } catch {
            return false;
        }
    }
}
