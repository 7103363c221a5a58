// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IModelVersions} from "../src/interfaces/IModelVersions.sol";
import {IRoundLedger} from "../src/interfaces/IRoundLedger.sol";
import {IStudyLedger} from "../src/interfaces/IStudyLedger.sol";
import {PlanHash, SiteSet, StudyId} from "../src/StudyTypes.sol";
import {InstitutionId} from "../src/Types.sol";
import {StudyFixture} from "./support/StudyFixture.sol";
import {vm} from "./support/Vm.sol";

/// The random life of one study: anybody decides, approves, contributes, voids, leaves, amends, rolls back; time passes.
contract StudyInvariants is StudyFixture {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    StudyId private study;
    uint256 private salt;
    /// Ghost: distinct reviewers of a site who approved this version since it last left.
    mapping(uint32 version => mapping(uint256 site => uint256)) private approvals;
    mapping(uint32 version => mapping(uint256 site => mapping(uint256 k => bool))) private hasApproved;
    IStudyLedger.State private before;
    mapping(uint32 number => bytes32) private made;

    function setUp() public override {
        super.setUp();
        study = openedStudy(plan());
        for (uint256 i = 1; i <= SITES; ++i) {
            approvals[1][i] = 2;
        }
        before = IStudyLedger.State.OPEN;
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory list = new bytes4[](7);
        list[0] = this.govern.selector;
        list[1] = this.approveSite.selector;
        list[2] = this.step.selector;
        list[3] = this.contribute.selector;
        list[4] = this.contribute.selector;
        list[5] = this.takeBack.selector;
        list[6] = this.passTime.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), list);
    }

    // ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// Amendments and ends are rare, so that something happens between them.
    function govern(uint256 kind, uint256 who) external {
        (who, kind) = (who % PEOPLE, kind % 40);
        PlanHash hash = planHash(study);
        if (kind >= 4) return _decideAll(IStudyLedger.Verdict(kind % 4 == 1 ? 0 : kind % 4 == 3 ? 2 : kind % 2), hash, who);
        IStudyLedger.Plan memory amended = plan();
        amended.document = keccak256(abi.encode(++salt));
        vm.prank(kind < 2 ? accountOf(who % PEOPLE) : accountOf(APPLICANT));
        if (kind == 0) try studies.close(study) {} catch {}
        if (kind == 1) try studies.withdraw(study) {} catch {}
        if (kind == 2) try studies.amend(study, amended) {} catch {}
        if (kind == 3) try studies.open(study) {} catch {}
    }

    function _decideAll(IStudyLedger.Verdict verdict, PlanHash hash, uint256 who) private {
        if (verdict == IStudyLedger.Verdict.REJECT && who % 16 != 0) return;
        IStudyLedger.Decision memory words = decision(verdict);
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(seatHolder((who + i) % PEOPLE));
            try studies.vote(study, hash, words) {} catch {}
        }
        vm.prank(accountOf(APPLICANT));
        try studies.open(study) {} catch {}
    }

    function approveSite(uint256 who, uint256 k) external {
        (who, k) = (who % PEOPLE, k % 2);
        PlanHash hash = planHash(study);
        uint32 version = studies.studyOf(study).version;
        vm.prank(reviewer(who, k));
        try studies.approveSite(study, hash) {
            vm.assertFalse(hasApproved[version][who][k], "a reviewer votes once");
            hasApproved[version][who][k] = true;
            ++approvals[version][who];
        } catch {}
    }

    function step(uint256 who) external {
        uint32 latest = rounds.latestRound(study);
        uint32 head = rounds.headOf(study);
        address sender = accountOf(who % PEOPLE);
        vm.prank(sender);
        try rounds.openRound(study, latest + 1, head) {} catch {}
        if (latest == 0) return;
        vm.prank(sender);
        try rounds.endStep(study, latest) {} catch {}
    }

    /// Some site does what its turn is, or what it is not.
    function contribute(uint256 who, uint256 kind) external {
        (who, kind) = (who % (LATE_SITE + 1), kind % 24);
        uint32 round = rounds.latestRound(study);
        IRoundLedger.Round memory present = rounds.roundOf(study, round);
        uint256 turn = kind < 20 ? uint256(present.phase) : kind - 19;
        bytes32 commitment = rounds.commitmentOf(study, round, idOf(who), updateOf(who), saltOf(who));
        vm.prank(accountOf(who));
        if (turn == 1) try rounds.commitCohort(study, round, present.openedBlock, rootOf(who)) {} catch {}
        if (turn == 2) try rounds.commitUpdate(study, round, rootOf(who), commitment) {} catch {}
        if (turn == 3) try rounds.reveal(study, round, updateOf(who), saltOf(who)) {} catch {}
        if (turn == 4) try rounds.attest(study, round, keccak256(abi.encode(round)), REPORT) {} catch {}
    }

    function takeBack(uint256 who, uint256 kind) external {
        (who, kind) = (who % PEOPLE, kind % 24);
        uint32 version = studies.studyOf(study).version;
        uint32 latest = rounds.latestRound(study);
        uint32 head = rounds.headOf(study);
        vm.prank(accountOf(who));
        if (kind == 0) {
            try studies.leaveStudy(study) {
                approvals[version][who] = 0;
                (hasApproved[version][who][0], hasApproved[version][who][1]) = (false, false);
            } catch {}
        }
        if (kind < 4 && kind > 0) try rounds.voidContribution(study, latest) {} catch {}
        if (kind == 4) try rounds.withdrawVersion(study, head, REPORT) {} catch {}
    }

    function passTime(uint256 seconds_) external {
        vm.warp(block.timestamp + seconds_ % (2 * STEP));
        vm.roll(block.number + 1);
    }

    // ── invariants ───────────────────────────────────────────────────────────────────────────────────────────────

    function invariant_theLawsOfAStudyHold() public {
        _sitesTakePartByTheirOwnReviewersOnly();
        _theEndIsTheEnd();
        _aRoundNarrowsStepByStep();
        _versionsStandInOneChainAndNeverChange();
    }

    function _sitesTakePartByTheirOwnReviewersOnly() private view {
        uint32 version = studies.studyOf(study).version;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            (,, bool isApproved) = studies.siteOf(study, idOf(i));
            vm.assertTrue(isApproved == (approvals[version][i] >= 2), "both its reviewers approved this very plan");
        }
    }

    function _theEndIsTheEnd() private {
        IStudyLedger.State state = studies.studyOf(study).state;
        if (before >= IStudyLedger.State.CLOSED) vm.assertTrue(state == before, "terminal states are terminal");
        before = state;
    }

    function _aRoundNarrowsStepByStep() private view {
        uint32 number = rounds.latestRound(study);
        if (number == 0) return;
        IRoundLedger.Round memory round = rounds.roundOf(study, number);
        vm.assertTrue(_within(round.cohorts, round.expected), "roots of expected sites only");
        vm.assertTrue(_within(round.committed, round.cohorts), "commitments of sites with a root only");
        vm.assertTrue(_within(round.survivors, round.committed), "survivors committed");
        vm.assertTrue(_within(round.survivors, round.survivors.minus(round.voided)), "voided sites do not survive");
        if (round.phase != IRoundLedger.Phase.FINAL) return;
        vm.assertGe(round.survivors.size(), plan().minimumSites, "enough survived");
        bytes32 model = keccak256(abi.encode(number));
        uint256 words = rounds.attestations(study, number, model, REPORT);
        vm.assertGe(3 * words, 2 * round.expected.size(), "two thirds of the expected attested");
    }

    function _versionsStandInOneChainAndNeverChange() private {
        uint32 count = rounds.versionCount(study);
        uint256 standing = 0;
        for (uint32 number = 1; number <= count; ++number) {
            IModelVersions.Version memory version = rounds.versionOf(study, number);
            if (!version.isWithdrawn) ++standing;
            if (made[number] == 0) made[number] = version.model;
            vm.assertEq(version.model, made[number], "a version keeps its model");
        }
        uint256 walked = 0;
        for (uint32 at = rounds.headOf(study); at != 0; at = rounds.versionOf(study, at).base) {
            vm.assertFalse(rounds.versionOf(study, at).isWithdrawn, "what stands is built on what stands");
            ++walked;
        }
        vm.assertEq(walked, standing, "all that stands is one chain");
        vm.assertLe(standing, plan().rounds, "no longer than the plan");
    }

    function _within(SiteSet part, SiteSet whole) private pure returns (bool) {
        return SiteSet.unwrap(part.minus(whole)) == 0;
    }
}
