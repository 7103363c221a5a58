// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "../../src/interfaces/IMembership.sol";
import {IRoundLedger} from "../../src/interfaces/IRoundLedger.sol";
import {IStudyLedger} from "../../src/interfaces/IStudyLedger.sol";
import {Membership} from "../../src/Membership.sol";
import {RoundLedger} from "../../src/RoundLedger.sol";
import {StudyLedger} from "../../src/StudyLedger.sol";
import {PlanHash, StudyId} from "../../src/StudyTypes.sol";
import {UnixSeconds} from "../../src/Types.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// Seven institutions, each with a seat and a board of two reviewers of whom both must agree: 0 applies, 1 to 3 are
/// sites, 4 is a site to be, 5 has no part and its seat is recused, 6 is suspended. Two seats decide.
abstract contract StudyFixture is Fixture {
    uint256 internal constant APPLICANT = 0;
    uint256 internal constant SITES = 3;
    uint256 internal constant LATE_SITE = 4;
    uint256 internal constant OUTSIDER = 5;
    uint256 internal constant SUSPENDED = 6;
    uint256 internal constant PEOPLE = 7;
    uint16 internal constant QUORUM = 2;
    uint32 internal constant STEP = 600;
    bytes32 internal constant MODEL = keccak256("model of round 1");
    bytes32 internal constant REPORT = keccak256("report of round 1");

    StudyLedger internal studies;
    RoundLedger internal rounds;

    function setUp() public virtual override {
        vm.warp(NOW);
        IMembership.Member[] memory founders = new IMembership.Member[](PEOPLE);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            founders[i] = candidate(i);
        }
        members = new Membership(founders, THRESHOLD);
        studies = new StudyLedger(members, QUORUM);
        rounds = new RoundLedger(studies);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            vm.prank(accountOf(i));
            studies.seat(seatHolder(i));
            vm.prank(accountOf(i));
            studies.setBoard(boardOf(i), 2);
        }
        suspend(SUSPENDED);
    }

    // ── accounts ─────────────────────────────────────────────────────────────────────────────────────────────────

    function seatHolder(uint256 i) internal pure returns (address) {
        return accountOf(i, 1_000);
    }

    function reviewer(uint256 i, uint256 k) internal pure returns (address) {
        return accountOf(i, 2_000 + k);
    }

    function boardOf(uint256 i) internal pure returns (address[] memory board) {
        board = new address[](2);
        (board[0], board[1]) = (reviewer(i, 0), reviewer(i, 1));
    }

    // ── studies ──────────────────────────────────────────────────────────────────────────────────────────────────

    function plan() internal pure returns (IStudyLedger.Plan memory) {
        return IStudyLedger.Plan({
            document: keccak256("document"),
            sheet: keccak256("sheet"),
            model: keccak256("initial model"),
            aggregation: IStudyLedger.Aggregation.SINGLE,
            minimumSites: 2,
            rounds: 3,
            stepSeconds: STEP,
            ends: UnixSeconds.wrap(uint64(NOW + 100 days))
        });
    }

    function maskedPlan() internal pure returns (IStudyLedger.Plan memory made) {
        made = plan();
        made.aggregation = IStudyLedger.Aggregation.MASKED;
        made.minimumSites = 3;
    }

    function decision(IStudyLedger.Verdict verdict) internal view returns (IStudyLedger.Decision memory made) {
        made.verdict = verdict;
        if (verdict == IStudyLedger.Verdict.APPROVE) made.until = _in(30 days);
        if (verdict == IStudyLedger.Verdict.RENEW) made.until = _in(60 days);
    }

    function _in(uint256 seconds_) internal view returns (UnixSeconds) {
        return UnixSeconds.wrap(uint64(block.timestamp + seconds_));
    }

    function submit(IStudyLedger.Plan memory made) internal returns (StudyId) {
        vm.prank(accountOf(APPLICANT));
        return studies.submit(made, 0);
    }

    function planHash(StudyId study) internal view returns (PlanHash) {
        return studies.studyOf(study).plan;
    }

    function decide(StudyId study, IStudyLedger.Decision memory made) internal {
        PlanHash hash = planHash(study);
        for (uint256 i = 1; i <= QUORUM; ++i) {
            vm.prank(seatHolder(i));
            studies.vote(study, hash, made);
        }
    }

    function approve(StudyId study) internal {
        decide(study, decision(IStudyLedger.Verdict.APPROVE));
    }

    function admit(StudyId study, uint256 i) internal {
        PlanHash hash = planHash(study);
        for (uint256 k = 0; k < 2; ++k) {
            vm.prank(reviewer(i, k));
            studies.approveSite(study, hash);
        }
    }

    function openStudy(StudyId study) internal {
        for (uint256 i = 1; i <= SITES; ++i) {
            admit(study, i);
        }
        vm.prank(accountOf(APPLICANT));
        studies.open(study);
    }

    function openedStudy(IStudyLedger.Plan memory made) internal returns (StudyId study) {
        study = submit(made);
        approve(study);
        openStudy(study);
    }

    // ── rounds ───────────────────────────────────────────────────────────────────────────────────────────────────

    function openRound(StudyId study, uint32 round) internal {
        uint32 base = rounds.headOf(study);
        vm.prank(accountOf(APPLICANT));
        rounds.openRound(study, round, base);
    }

    function rootOf(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("root", i));
    }

    function updateOf(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("update", i));
    }

    function saltOf(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("salt", i));
    }

    function commitCohort(StudyId study, uint32 round, uint256 i) internal {
        uint64 openedBlock = rounds.roundOf(study, round).openedBlock;
        vm.prank(accountOf(i));
        rounds.commitCohort(study, round, openedBlock, rootOf(i));
    }

    function commitUpdate(StudyId study, uint32 round, uint256 i) internal {
        bytes32 commitment = rounds.commitmentOf(study, round, idOf(i), updateOf(i), saltOf(i));
        vm.prank(accountOf(i));
        rounds.commitUpdate(study, round, rootOf(i), commitment);
    }

    function reveal(StudyId study, uint32 round, uint256 i) internal {
        vm.prank(accountOf(i));
        rounds.reveal(study, round, updateOf(i), saltOf(i));
    }

    function attest(StudyId study, uint32 round, uint256 i) internal {
        vm.prank(accountOf(i));
        rounds.attest(study, round, MODEL, REPORT);
    }

    function overdue() internal {
        vm.warp(block.timestamp + STEP + 1);
    }

    /// Plays a round with sites 1 to `last` up to a phase; the others stay silent and are waited for.
    function playRound(StudyId study, uint32 round, uint256 last, IRoundLedger.Phase to) internal {
        openRound(study, round);
        if (to == IRoundLedger.Phase.COHORTS) return;
        for (uint256 i = 1; i <= last; ++i) {
            commitCohort(study, round, i);
        }
        if (last < SITES) _endStep(study, round);
        if (to == IRoundLedger.Phase.COMMITMENTS) return;
        for (uint256 i = 1; i <= last; ++i) {
            commitUpdate(study, round, i);
        }
        if (to == IRoundLedger.Phase.REVEALS) return;
        for (uint256 i = 1; i <= last; ++i) {
            reveal(study, round, i);
        }
        if (to == IRoundLedger.Phase.ATTESTATIONS) return;
        for (uint256 i = 1; i <= 2; ++i) {
            attest(study, round, i);
        }
    }

    function _endStep(StudyId study, uint32 round) internal {
        overdue();
        vm.prank(accountOf(APPLICANT));
        rounds.endStep(study, round);
    }

    // ── assertions ───────────────────────────────────────────────────────────────────────────────────────────────

    function assertState(StudyId study, IStudyLedger.State expected, string memory words) internal view {
        vm.assertEq(uint256(studies.studyOf(study).state), uint256(expected), words);
    }

    function assertPhase(StudyId study, uint32 round, IRoundLedger.Phase expected, string memory words) internal view {
        vm.assertEq(uint256(rounds.roundOf(study, round).phase), uint256(expected), words);
    }

    /// The next call, by an account, must be refused with an error.
    function refuse(address sender, bytes memory refusal) internal {
        vm.expectRevert(refusal);
        vm.prank(sender);
    }
}
