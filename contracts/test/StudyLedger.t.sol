// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOffices} from "../src/interfaces/IOffices.sol";
import {IStudyLedger} from "../src/interfaces/IStudyLedger.sol";
import {PlanHash, SiteSet, StudyId} from "../src/StudyTypes.sol";
import {UnixSeconds} from "../src/Types.sol";
import {StudyFixture} from "./support/StudyFixture.sol";
import {vm} from "./support/Vm.sol";

contract StudyLedgerTest is StudyFixture {
    // ── plans ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_anyFieldOfThePlanMakesAnotherHash() public view {
        bytes32 first = _hash(plan());
        IStudyLedger.Plan memory other;
        for (uint256 field = 0; field < 8; ++field) {
            other = plan();
            if (field == 0) other.document ^= bytes32(uint256(1));
            if (field == 1) other.sheet ^= bytes32(uint256(1));
            if (field == 2) other.model ^= bytes32(uint256(1));
            if (field == 3) other.aggregation = IStudyLedger.Aggregation.MASKED;
            if (field == 4) ++other.minimumSites;
            if (field == 5) ++other.rounds;
            if (field == 6) ++other.stepSeconds;
            if (field == 7) other.ends = UnixSeconds.wrap(UnixSeconds.unwrap(other.ends) + 1);
            vm.assertTrue(_hash(other) != first, "another hash");
        }
    }

    function test_anIncompletePlanIsRefusedByField() public {
        string[10] memory fields = [
            "document", "sheet", "model", "minimumSites", "minimumSites",
            "minimumSites", "rounds", "rounds", "stepSeconds", "ends"
        ];
        for (uint256 i = 0; i < fields.length; ++i) {
            IStudyLedger.Plan memory made = plan();
            if (i == 0) made.document = 0;
            if (i == 1) made.sheet = 0;
            if (i == 2) made.model = 0;
            if (i == 3) made.minimumSites = 0;
            if (i == 4) made.minimumSites = 257;
            if (i == 5) made.aggregation = IStudyLedger.Aggregation.MASKED; // two sites are no group
            if (i == 6) made.rounds = 0;
            if (i == 7) made.rounds = 1_001;
            if (i == 8) made.stepSeconds = 0;
            if (i == 9) made.ends = UnixSeconds.wrap(uint64(NOW));
            refuse(accountOf(APPLICANT), abi.encodeWithSelector(IStudyLedger.IncompletePlan.selector, fields[i]));
            studies.submit(made, 0);
        }
    }

    function test_onlyAnActiveMemberAppliesAndOneApplicationIsOneStudy() public {
        StudyId study = submit(plan());
        refuse(accountOf(APPLICANT), abi.encodeWithSelector(IStudyLedger.StudyExists.selector, study));
        studies.submit(plan(), 0);
        vm.prank(accountOf(APPLICANT));
        vm.assertTrue(StudyId.unwrap(studies.submit(plan(), "again")) != StudyId.unwrap(study), "salt tells apart");
        refuse(accountOf(SUSPENDED), abi.encodeWithSelector(IOffices.NotAnActiveMember.selector, accountOf(SUSPENDED)));
        studies.submit(plan(), 0);
    }

    /// The flip of any one bit of the document's hash, whenever it comes, voids everything that was approved.
    function testFuzz_oneChangedBitOfThePlanVoidsEveryApproval(uint8 bit) public {
        StudyId study = openedStudy(plan());
        IStudyLedger.Plan memory amended = plan();
        amended.document ^= bytes32(uint256(1) << bit);
        vm.prank(accountOf(APPLICANT));
        studies.amend(study, amended);
        assertState(study, IStudyLedger.State.SUBMITTED, "the committee decides anew");
        vm.assertEq(SiteSet.unwrap(studies.approvedSites(study)), 0, "no site has approved");
        vm.assertFalse(studies.isRunning(study, _in(0)), "nothing runs");
        vm.assertEq(UnixSeconds.unwrap(studies.studyOf(study).until), 0, "the approval is gone");
        approve(study);
        vm.assertEq(SiteSet.unwrap(studies.approvedSites(study)), 0, "the committee approves for no site");
    }

    function test_thePlanAmendedBackIsStillNotApproved() public {
        StudyId study = openedStudy(plan());
        IStudyLedger.Plan memory other = plan();
        other.sheet = keccak256("another sheet");
        vm.prank(accountOf(APPLICANT));
        studies.amend(study, other);
        vm.prank(accountOf(APPLICANT));
        studies.amend(study, plan());
        assertState(study, IStudyLedger.State.SUBMITTED, "approvals do not come back");
        vm.assertEq(SiteSet.unwrap(studies.approvedSites(study)), 0, "nor the sites'");
        refuse(accountOf(APPLICANT), abi.encodeWithSelector(IStudyLedger.PlanUnchanged.selector, planHash(study)));
        studies.amend(study, plan());
    }

    // ── committee ────────────────────────────────────────────────────────────────────────────────────────────────

    function test_kSeatsDecideAndOneSeatVotesOnce() public {
        StudyId study = submit(plan());
        PlanHash hash = planHash(study);
        IStudyLedger.Decision memory made = decision(IStudyLedger.Verdict.APPROVE);
        vm.prank(seatHolder(1));
        vm.assertFalse(studies.vote(study, hash, made), "one of two");
        refuse(seatHolder(1), abi.encodeWithSelector(IStudyLedger.AlreadyVoted.selector, seatHolder(1)));
        studies.vote(study, hash, made);
        IStudyLedger.Decision memory longer = made;
        longer.until = _in(31 days);
        vm.prank(seatHolder(2));
        vm.assertFalse(studies.vote(study, hash, longer), "another instant is another decision");
    }

    function test_aVoteThatWasReadOnAnotherPlanIsRefused() public {
        StudyId study = submit(plan());
        PlanHash stale = PlanHash.wrap(bytes32(uint256(7)));
        IStudyLedger.Decision memory made = decision(IStudyLedger.Verdict.APPROVE);
        refuse(seatHolder(1), abi.encodeWithSelector(IStudyLedger.StalePlan.selector, stale, planHash(study)));
        studies.vote(study, stale, made);
        approve(study);
        refuse(reviewer(1, 0), abi.encodeWithSelector(IStudyLedger.StalePlan.selector, stale, planHash(study)));
        studies.approveSite(study, stale);
    }

    function test_theApplicantsSeatAndRecusedSeatsDoNotCount() public {
        StudyId study = submit(plan());
        PlanHash hash = planHash(study);
        IStudyLedger.Decision memory made = decision(IStudyLedger.Verdict.APPROVE);
        refuse(seatHolder(APPLICANT), abi.encodeWithSelector(IStudyLedger.SeatRecused.selector, idOf(APPLICANT)));
        studies.vote(study, hash, made);
        vm.prank(seatHolder(1));
        studies.vote(study, hash, made);
        vm.prank(seatHolder(1));
        studies.recuse(study);
        vm.assertEq(studies.tally(study, made), 0, "a vote goes with its seat's recusal");
        vm.prank(seatHolder(2));
        vm.assertFalse(studies.vote(study, hash, made), "so one is left");
    }

    function test_votesOfSuspendedInstitutionsAndFormerHoldersDoNotCount() public {
        StudyId study = submit(plan());
        PlanHash hash = planHash(study);
        IStudyLedger.Decision memory made = decision(IStudyLedger.Verdict.APPROVE);
        vm.prank(seatHolder(1));
        studies.vote(study, hash, made);
        vm.prank(accountOf(1));
        studies.seat(address(0xBEEF));
        vm.assertEq(studies.tally(study, made), 0, "the seat has another holder");
        vm.prank(seatHolder(2));
        studies.vote(study, hash, made);
        suspend(2);
        vm.assertEq(studies.tally(study, made), 0, "the institution is suspended");
        refuse(seatHolder(2), abi.encodeWithSelector(IOffices.NotSeated.selector, seatHolder(2)));
        studies.vote(study, hash, made);
    }

    function test_decisionsOutOfRangeAreRefused() public {
        StudyId study = submit(plan());
        PlanHash hash = planHash(study);
        IStudyLedger.Decision[4] memory bad;
        for (uint256 i = 0; i < 4; ++i) {
            bad[i] = decision(i < 2 ? IStudyLedger.Verdict.APPROVE : IStudyLedger.Verdict.REJECT);
        }
        bad[0].until = _in(0);
        bad[1].until = _in(366 days + 1);
        bad[2].until = _in(1);
        bad[3].conditions = "no";
        for (uint256 i = 0; i < 4; ++i) {
            string memory field = i == 3 ? "conditions" : "until";
            refuse(seatHolder(1), abi.encodeWithSelector(IStudyLedger.DecisionOutOfRange.selector, field));
            studies.vote(study, hash, bad[i]);
        }
    }

    function test_conditionsAreAcceptedAsTheyAre() public {
        StudyId study = submit(plan());
        IStudyLedger.Decision memory made = decision(IStudyLedger.Verdict.APPROVE);
        made.conditions = keccak256("conditions");
        decide(study, made);
        assertState(study, IStudyLedger.State.CONDITIONAL, "not yet approved");
        bytes32 other = "other";
        refuse(
            accountOf(APPLICANT),
            abi.encodeWithSelector(IStudyLedger.ConditionsDiffer.selector, other, made.conditions)
        );
        studies.acceptConditions(study, other);
        vm.prank(accountOf(APPLICANT));
        studies.acceptConditions(study, made.conditions);
        assertState(study, IStudyLedger.State.APPROVED, "approved");
    }

    function test_anApprovalEndsAndIsRenewedByTheCommittee() public {
        StudyId study = openedStudy(plan());
        UnixSeconds until = studies.studyOf(study).until;
        vm.assertTrue(studies.isRunning(study, UnixSeconds.wrap(UnixSeconds.unwrap(until) - 1)), "until then");
        vm.assertFalse(studies.isRunning(study, until), "from then on not");
        vm.warp(UnixSeconds.unwrap(until));
        PlanHash hash = planHash(study);
        refuse(reviewer(LATE_SITE, 0), abi.encodeWithSelector(IStudyLedger.ApprovalExpired.selector, until));
        studies.approveSite(study, hash);
        decide(study, decision(IStudyLedger.Verdict.RENEW));
        vm.assertTrue(studies.isRunning(study, _in(0)), "renewed");
        vm.assertFalse(studies.isRunning(study, plan().ends), "never beyond the plan");
    }

    // ── sites ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Whoever calls whatever for a site, only two reviewers of its own board admit it.
    function testFuzz_nobodyApprovesForASiteButItsOwnReviewers(uint256 seed) public {
        StudyId study = submit(plan());
        approve(study);
        PlanHash hash = planHash(study);
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 who = seed % PEOPLE;
            if (who == LATE_SITE) continue;
            uint256 kind = (seed >> 8) % 3;
            vm.prank(kind == 0 ? accountOf(who) : kind == 1 ? seatHolder(who) : reviewer(who, (seed >> 16) % 2));
            try studies.approveSite(study, hash) {} catch {}
            (,, bool isApproved) = studies.siteOf(study, idOf(LATE_SITE));
            vm.assertFalse(isApproved, "others approved for a site");
        }
        vm.prank(reviewer(LATE_SITE, 0));
        vm.assertFalse(studies.approveSite(study, hash), "one of two reviewers");
        refuse(reviewer(LATE_SITE, 0), abi.encodeWithSelector(IStudyLedger.AlreadyVoted.selector, reviewer(LATE_SITE, 0)));
        studies.approveSite(study, hash);
        vm.prank(reviewer(LATE_SITE, 1));
        vm.assertTrue(studies.approveSite(study, hash), "both");
    }

    function test_officesOfASuspendedInstitutionHaveNoPower() public {
        StudyId study = submit(plan());
        approve(study);
        PlanHash hash = planHash(study);
        vm.prank(reviewer(1, 0));
        studies.approveSite(study, hash);
        suspend(1);
        refuse(reviewer(1, 1), abi.encodeWithSelector(IStudyLedger.NotAReviewer.selector, reviewer(1, 1)));
        studies.approveSite(study, hash);
        refuse(accountOf(1), abi.encodeWithSelector(IOffices.NotAnActiveMember.selector, accountOf(1)));
        studies.setBoard(boardOf(1), 1);
    }

    function test_aNewBoardVoidsHalfAVoteAndLeavingVoidsAWholeOne() public {
        StudyId study = submit(plan());
        approve(study);
        PlanHash hash = planHash(study);
        vm.prank(reviewer(1, 0));
        studies.approveSite(study, hash);
        vm.prank(accountOf(1));
        studies.setBoard(boardOf(1), 2);
        vm.prank(reviewer(1, 1));
        vm.assertFalse(studies.approveSite(study, hash), "the former board's vote is void");
        vm.prank(reviewer(1, 0));
        vm.assertTrue(studies.approveSite(study, hash), "the same people on the new board vote again");
        vm.prank(reviewer(1, 0));
        studies.leaveStudy(study);
        (bool isKnown, uint8 number, bool isApproved) = studies.siteOf(study, idOf(1));
        vm.assertTrue(isKnown && number == 0 && !isApproved, "out at one reviewer's word; its number stays");
        admit(study, 1);
        (,, isApproved) = studies.siteOf(study, idOf(1));
        vm.assertTrue(isApproved, "and in again by both");
    }

    function test_aStudyOpensWithEnoughSitesOnly() public {
        StudyId study = submit(plan());
        approve(study);
        admit(study, 1);
        refuse(accountOf(APPLICANT), abi.encodeWithSelector(IStudyLedger.TooFewSites.selector, 1, 2));
        studies.open(study);
        admit(study, 2);
        vm.prank(accountOf(APPLICANT));
        studies.open(study);
        assertState(study, IStudyLedger.State.OPEN, "open");
    }

    // ── offices ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_anAccountHoldsOneOfficeAndNoLedgerKeyHoldsAny() public {
        address[4] memory taken = [accountOf(1), seatHolder(2), reviewer(2, 0), address(0)];
        for (uint256 i = 0; i < taken.length; ++i) {
            address[] memory board = new address[](1);
            board[0] = taken[i];
            refuse(accountOf(3), abi.encodeWithSelector(IOffices.AccountTaken.selector, taken[i]));
            studies.setBoard(board, 1);
        }
        refuse(accountOf(3), abi.encodeWithSelector(IOffices.AccountTaken.selector, reviewer(2, 0)));
        studies.seat(reviewer(2, 0));
    }

    function test_aBoardHasAQuorumWithinItself() public {
        uint8[3] memory needed = [0, 3, 1];
        for (uint256 i = 0; i < 3; ++i) {
            address[] memory board = i == 2 ? new address[](33) : boardOf(3);
            refuse(accountOf(3), abi.encodeWithSelector(IOffices.BoardOutOfRange.selector, board.length, needed[i]));
            studies.setBoard(board, needed[i]);
        }
    }

    function _hash(IStudyLedger.Plan memory made) private view returns (bytes32) {
        return PlanHash.unwrap(studies.planHashOf(made));
    }
}
