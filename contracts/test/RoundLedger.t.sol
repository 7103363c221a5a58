// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IModelVersions} from "../src/interfaces/IModelVersions.sol";
import {IRoundLedger} from "../src/interfaces/IRoundLedger.sol";
import {IStudyLedger} from "../src/interfaces/IStudyLedger.sol";
import {SiteSet, StudyId} from "../src/StudyTypes.sol";
import {UnixSeconds} from "../src/Types.sol";
import {StudyFixture} from "./support/StudyFixture.sol";
import {vm} from "./support/Vm.sol";

contract RoundLedgerTest is StudyFixture {
    StudyId private study;

    function setUp() public override {
        super.setUp();
        study = openedStudy(plan());
    }

    // ── order ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_fiveStepsMakeAVersionWithoutAnyoneEndingThem() public {
        playRound(study, 1, SITES, IRoundLedger.Phase.FINAL);
        assertPhase(study, 1, IRoundLedger.Phase.FINAL, "final at two of three");
        IModelVersions.Version memory version = rounds.versionOf(study, 1);
        vm.assertEq(version.model, MODEL, "the model attested");
        vm.assertTrue(version.round == 1 && version.base == 0 && version.depth == 1, "built on the initial model");
        vm.assertEq(rounds.headOf(study), 1, "and the newest");
        vm.assertTrue(rounds.roundOf(study, 1).survivors == rounds.roundOf(study, 1).expected, "whole");
    }

    function test_roundsAreOpenedInOrderOnTheNewestStandingVersion() public {
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.WrongRound.selector, 2, 1));
        rounds.openRound(study, 2, 0);
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.WrongBase.selector, 1, 0));
        rounds.openRound(study, 1, 1);
        openRound(study, 1);
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.RoundInProgress.selector, study, 1));
        rounds.openRound(study, 2, 0);
    }

    function test_noMoreStandingRoundsThanThePlanHas() public {
        for (uint32 round = 1; round <= 3; ++round) {
            playRound(study, round, SITES, IRoundLedger.Phase.FINAL);
        }
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.RoundsSpent.selector, 3));
        rounds.openRound(study, 4, 3);
        vm.prank(accountOf(1));
        rounds.withdrawVersion(study, 3, "erasure");
        openRound(study, 4);
    }

    function test_aRootForAnotherBlockIsStale() public {
        vm.roll(100);
        openRound(study, 1);
        vm.roll(101);
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.StaleBlock.selector, 101, 100));
        rounds.commitCohort(study, 1, 101, rootOf(1));
        commitCohort(study, 1, 1);
    }

    function test_eachContributesOnceInItsStepWithItsOwnRoot() public {
        openRound(study, 1);
        commitCohort(study, 1, 1);
        uint64 opened = rounds.roundOf(study, 1).openedBlock;
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.AlreadyDone.selector, idOf(1)));
        rounds.commitCohort(study, 1, opened, "second thoughts");
        commitCohort(study, 1, 2);
        _endStep(study, 1);
        refuse(accountOf(3), abi.encodeWithSelector(IRoundLedger.NoCohortRoot.selector, idOf(3)));
        rounds.commitUpdate(study, 1, rootOf(3), "update");
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.ForeignCohortRoot.selector, rootOf(2), rootOf(1)));
        rounds.commitUpdate(study, 1, rootOf(2), "update");
    }

    function test_aForeignOrReplayedCommitmentCannotBeUsed() public {
        playRound(study, 1, SITES, IRoundLedger.Phase.COMMITMENTS);
        commitUpdate(study, 1, 1);
        bytes32 foreign = rounds.commitmentOf(study, 1, idOf(1), updateOf(1), saltOf(1));
        refuse(accountOf(2), abi.encodeWithSelector(IRoundLedger.CommitmentUsed.selector, foreign));
        rounds.commitUpdate(study, 1, rootOf(2), foreign);
        commitUpdate(study, 1, 2);
        commitUpdate(study, 1, 3);
        // What another revealed does not open one's own commitment.
        bytes32 given = rounds.commitmentOf(study, 1, idOf(2), updateOf(1), saltOf(1));
        bytes32 own = rounds.commitmentOf(study, 1, idOf(2), updateOf(2), saltOf(2));
        refuse(accountOf(2), abi.encodeWithSelector(IRoundLedger.CommitmentMismatch.selector, given, own));
        rounds.reveal(study, 1, updateOf(1), saltOf(1));
    }

    // ── deadlines and quorum ─────────────────────────────────────────────────────────────────────────────────────

    function test_nothingIsTakenAfterTheDeadlineAndNoStepEndsBeforeIt() public {
        openRound(study, 1);
        commitCohort(study, 1, 1);
        commitCohort(study, 1, 2);
        UnixSeconds deadline = rounds.roundOf(study, 1).deadline;
        vm.warp(UnixSeconds.unwrap(deadline));
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.StepUnfinished.selector, deadline));
        rounds.endStep(study, 1);
        vm.warp(UnixSeconds.unwrap(deadline) + 1);
        uint64 opened = rounds.roundOf(study, 1).openedBlock;
        refuse(accountOf(3), abi.encodeWithSelector(IRoundLedger.DeadlinePassed.selector, deadline));
        rounds.commitCohort(study, 1, opened, rootOf(3));
        vm.prank(accountOf(3));
        rounds.endStep(study, 1);
        assertPhase(study, 1, IRoundLedger.Phase.COMMITMENTS, "it goes on with two");
    }

    function test_aSilentSiteLeavesAPartialRoundRecordedAsPartial() public {
        playRound(study, 1, 2, IRoundLedger.Phase.FINAL);
        assertPhase(study, 1, IRoundLedger.Phase.FINAL, "final");
        IRoundLedger.Round memory round = rounds.roundOf(study, 1);
        vm.assertEq(SiteSet.unwrap(round.survivors), 3, "sites 1 and 2 contributed");
        vm.assertEq(SiteSet.unwrap(round.expected), 7, "three were expected");
    }

    function test_tooFewInAnyStepFailTheRoundAndTheNextMayOpen() public {
        playRound(study, 1, 1, IRoundLedger.Phase.COMMITMENTS);
        assertPhase(study, 1, IRoundLedger.Phase.FAILED, "one of two needed");
        vm.assertEq(rounds.headOf(study), 0, "no version");
        playRound(study, 2, SITES, IRoundLedger.Phase.FINAL);
        assertPhase(study, 2, IRoundLedger.Phase.FINAL, "the next goes on");
    }

    function test_aMaskedRoundNeedsTwoThirdsAndOneOfThoseWhoCommitted() public {
        StudyId masked = openedStudy(maskedPlan());
        playRound(masked, 1, SITES, IRoundLedger.Phase.REVEALS);
        reveal(masked, 1, 1);
        reveal(masked, 1, 2);
        _endStep(masked, 1);
        assertPhase(masked, 1, IRoundLedger.Phase.FAILED, "two of three cannot be unmasked");
    }

    // ── agreement ────────────────────────────────────────────────────────────────────────────────────────────────

    function test_twoThirdsOfTheExpectedMustAttestTheIdenticalDigest() public {
        playRound(study, 1, SITES, IRoundLedger.Phase.ATTESTATIONS);
        attest(study, 1, 1);
        vm.prank(accountOf(2));
        rounds.attest(study, 1, MODEL, "another report");
        vm.prank(accountOf(3));
        rounds.attest(study, 1, "another model", REPORT);
        assertPhase(study, 1, IRoundLedger.Phase.ATTESTATIONS, "three words, no two alike");
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.AlreadyDone.selector, idOf(1)));
        rounds.attest(study, 1, MODEL, REPORT);
        _endStep(study, 1);
        assertPhase(study, 1, IRoundLedger.Phase.FAILED, "no agreement, no version");
    }

    function test_theSurvivorSetIsFixedBeforeAnythingIsAttested() public {
        playRound(study, 1, SITES, IRoundLedger.Phase.ATTESTATIONS);
        bytes memory wrong = abi.encodeWithSelector(
            IRoundLedger.WrongPhase.selector, study, 1, IRoundLedger.Phase.ATTESTATIONS
        );
        refuse(accountOf(1), wrong);
        rounds.reveal(study, 1, updateOf(1), saltOf(1));
        refuse(accountOf(1), wrong);
        rounds.voidContribution(study, 1);
    }

    // ── people who leave, sites that leave, studies that stop ────────────────────────────────────────────────────

    function test_aVoidedContributionIsOutForGood() public {
        playRound(study, 1, SITES, IRoundLedger.Phase.REVEALS);
        reveal(study, 1, 1);
        vm.prank(accountOf(1));
        rounds.voidContribution(study, 1);
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.AlreadyDone.selector, idOf(1)));
        rounds.reveal(study, 1, updateOf(1), saltOf(1));
        reveal(study, 1, 2);
        reveal(study, 1, 3);
        vm.assertEq(SiteSet.unwrap(rounds.roundOf(study, 1).survivors), 6, "sites 2 and 3");
        assertPhase(study, 1, IRoundLedger.Phase.ATTESTATIONS, "nobody waits for it");
    }

    function test_aSiteThatLeftIsNeitherCountedNorWaitedFor() public {
        playRound(study, 1, SITES, IRoundLedger.Phase.REVEALS);
        reveal(study, 1, 1);
        vm.prank(accountOf(1));
        studies.leaveStudy(study);
        refuse(accountOf(1), abi.encodeWithSelector(IRoundLedger.NotASite.selector, accountOf(1)));
        rounds.reveal(study, 1, updateOf(1), saltOf(1));
        reveal(study, 1, 2);
        reveal(study, 1, 3);
        vm.assertEq(SiteSet.unwrap(rounds.roundOf(study, 1).survivors), 6, "its revealed update is not among them");
    }

    function test_aRunNeverReachesAnUnapprovedSite() public {
        openRound(study, 1);
        uint64 opened = rounds.roundOf(study, 1).openedBlock;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            if (i >= 1 && i <= SITES) continue;
            refuse(accountOf(i), abi.encodeWithSelector(IRoundLedger.NotASite.selector, accountOf(i)));
            rounds.commitCohort(study, 1, opened, rootOf(i));
        }
        // Approved after the opening: from the next round on.
        admit(study, LATE_SITE);
        refuse(accountOf(LATE_SITE), abi.encodeWithSelector(IRoundLedger.NotASite.selector, accountOf(LATE_SITE)));
        rounds.commitCohort(study, 1, opened, rootOf(LATE_SITE));
    }

    function test_aStudyThatStopsStopsItsRound() public {
        for (uint256 way = 0; way < 4; ++way) {
            uint256 clean = vm.snapshotState();
            openRound(study, 1);
            _stop(way);
            uint64 opened = rounds.roundOf(study, 1).openedBlock;
            vm.prank(accountOf(1));
            (bool done,) =
                address(rounds).call(abi.encodeCall(rounds.commitCohort, (study, 1, opened, rootOf(1))));
            vm.assertFalse(done, "nothing is taken");
            vm.prank(accountOf(APPLICANT));
            rounds.endStep(study, 1);
            assertPhase(study, 1, IRoundLedger.Phase.FAILED, "the round failed");
            vm.revertToState(clean);
        }
    }

    function _stop(uint256 way) private {
        if (way == 0) decide(study, decision(IStudyLedger.Verdict.REVOKE));
        if (way == 1) vm.warp(UnixSeconds.unwrap(studies.studyOf(study).until));
        if (way < 2) return;
        IStudyLedger.Plan memory amended = plan();
        amended.document = "amended";
        vm.prank(accountOf(APPLICANT));
        if (way == 2) studies.close(study);
        else studies.amend(study, amended);
    }

    // ── versions ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_aWithdrawnVersionTakesAllThatWasBuiltOnItAlong() public {
        for (uint32 round = 1; round <= 3; ++round) {
            playRound(study, round, SITES, IRoundLedger.Phase.FINAL);
        }
        vm.prank(accountOf(2));
        rounds.withdrawVersion(study, 2, "erasure");
        vm.assertEq(rounds.headOf(study), 1, "back to the last clean one");
        vm.assertTrue(rounds.versionOf(study, 2).isWithdrawn && rounds.versionOf(study, 3).isWithdrawn, "both flagged");
        refuse(accountOf(2), abi.encodeWithSelector(IModelVersions.VersionNotStanding.selector, study, 3));
        rounds.withdrawVersion(study, 3, "again");
        playRound(study, 4, SITES, IRoundLedger.Phase.FINAL);
        IModelVersions.Version memory version = rounds.versionOf(study, 4);
        vm.assertTrue(version.base == 1 && version.depth == 2, "retrained from the clean one");
    }

    function test_aRollbackFailsTheRoundThatBuildsOnIt() public {
        playRound(study, 1, SITES, IRoundLedger.Phase.FINAL);
        openRound(study, 2);
        vm.prank(accountOf(1));
        rounds.withdrawVersion(study, 1, "erasure");
        assertPhase(study, 2, IRoundLedger.Phase.FAILED, "what it built on is gone");
        vm.assertEq(rounds.headOf(study), 0, "back to the initial model");
    }

    function test_onlyAContributorOrTheApplicantWithdraws() public {
        playRound(study, 1, 2, IRoundLedger.Phase.FINAL);
        refuse(accountOf(3), abi.encodeWithSelector(IModelVersions.NotOfTheVersion.selector, idOf(3)));
        rounds.withdrawVersion(study, 1, "none of its data");
    }

    function test_aResultIsLinkedOnceToItsVersion() public {
        playRound(study, 1, SITES, IRoundLedger.Phase.FINAL);
        vm.prank(accountOf(1));
        rounds.recordResult(study, 1, "result");
        vm.assertTrue(rounds.hasResult(study, 1, "result"), "recorded");
        refuse(accountOf(1), abi.encodeWithSelector(IModelVersions.ResultExists.selector, bytes32("result")));
        rounds.recordResult(study, 1, "result");
    }
}
