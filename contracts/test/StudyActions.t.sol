// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundLedger} from "../src/interfaces/IRoundLedger.sol";
import {IStudyLedger} from "../src/interfaces/IStudyLedger.sol";
import {StudyId} from "../src/StudyTypes.sol";
import {StudyFixture} from "./support/StudyFixture.sol";
import {vm} from "./support/Vm.sol";

/// Every action × role × state of test-vectors/study-actions.json: what it allows succeeds, all else is refused with
/// one of the row's errors.
contract StudyActionsTest is StudyFixture {
    string[8] private ROLES =
        ["applicant", "seat", "recused", "reviewer", "site", "member", "suspended", "stranger"];
    string private json;
    StudyId private study;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("test-vectors/study-actions.json");
    }

    function test_studyActions() public {
        string[] memory states = vm.parseJsonStringArray(json, ".study.states");
        for (uint256 state = 0; state < states.length; ++state) {
            uint256 clean = vm.snapshotState();
            _reachState(IStudyLedger.State(state));
            if (state != 0) {
                vm.assertEq(uint256(studies.studyOf(study).state), state, "the states are listed in the contract's order");
            }
            for (uint256 row = 0; row < 12; ++row) {
                _tryRoles(".study.actions", row, states[state]);
            }
            vm.revertToState(clean);
        }
    }

    function test_roundActions() public {
        string[] memory phases = vm.parseJsonStringArray(json, ".round.states");
        for (uint256 phase = 0; phase < phases.length; ++phase) {
            uint256 clean = vm.snapshotState();
            study = openedStudy(plan());
            _reachPhase(IRoundLedger.Phase(phase));
            assertPhase(study, 1, IRoundLedger.Phase(phase), "the phases are listed in the contract's order");
            for (uint256 row = 0; row < 9; ++row) {
                _tryRoles(".round.actions", row, phases[phase]);
            }
            vm.revertToState(clean);
        }
    }

    // ── the table ────────────────────────────────────────────────────────────────────────────────────────────────

    function _tryRoles(string memory table, uint256 row, string memory state) private {
        string memory path = string.concat(table, "[", vm.toString(row), "]");
        string memory action = vm.parseJsonString(json, string.concat(path, ".action"));
        string[] memory by = vm.parseJsonStringArray(json, string.concat(path, ".by"));
        string[] memory in_ = vm.parseJsonStringArray(json, string.concat(path, ".in"));
        string[] memory refusals = vm.parseJsonStringArray(json, string.concat(path, ".refusals"));
        for (uint256 role = 0; role < ROLES.length; ++role) {
            bool allowed = _lists(by, ROLES[role]) && _lists(in_, state);
            string memory words = string.concat(action, " by ", ROLES[role], " in ", state);
            uint256 before = vm.snapshotState();
            (address target, bytes memory call) = _call(action);
            vm.prank(_account(ROLES[role]));
            (bool done, bytes memory answer) = target.call(call);
            if (allowed) vm.assertTrue(done, words);
            else vm.assertTrue(!done && _isOneOf(answer, refusals), string.concat(words, " is refused as listed"));
            vm.revertToState(before);
        }
    }

    function _account(string memory role) private pure returns (address) {
        if (_same(role, "applicant")) return accountOf(APPLICANT);
        if (_same(role, "seat")) return seatHolder(3);
        if (_same(role, "recused")) return seatHolder(OUTSIDER);
        if (_same(role, "reviewer")) return reviewer(LATE_SITE, 0);
        if (_same(role, "site")) return accountOf(1);
        if (_same(role, "member")) return accountOf(OUTSIDER);
        return _same(role, "suspended") ? accountOf(SUSPENDED) : address(0x57A4);
    }

    function _call(string memory action) private returns (address, bytes memory) {
        bytes memory call = _studyCall(action);
        return call.length != 0 ? (address(studies), call) : (address(rounds), _roundCall(action));
    }

    function _studyCall(string memory action) private view returns (bytes memory) {
        if (_same(action, "amend")) {
            IStudyLedger.Plan memory other = plan();
            other.document = keccak256("another document");
            return abi.encodeCall(studies.amend, (study, other));
        }
        if (_same(action, "voteApprove")) return _vote(IStudyLedger.Verdict.APPROVE);
        if (_same(action, "voteReject")) return _vote(IStudyLedger.Verdict.REJECT);
        if (_same(action, "voteRenew")) return _vote(IStudyLedger.Verdict.RENEW);
        if (_same(action, "voteRevoke")) return _vote(IStudyLedger.Verdict.REVOKE);
        if (_same(action, "recuse")) return abi.encodeCall(studies.recuse, (study));
        if (_same(action, "acceptConditions")) {
            return abi.encodeCall(studies.acceptConditions, (study, studies.studyOf(study).conditions));
        }
        if (_same(action, "approveSite")) return abi.encodeCall(studies.approveSite, (study, planHash(study)));
        if (_same(action, "leaveStudy")) return abi.encodeCall(studies.leaveStudy, (study));
        if (_same(action, "open")) return abi.encodeCall(studies.open, (study));
        if (_same(action, "close")) return abi.encodeCall(studies.close, (study));
        return _same(action, "withdraw") ? abi.encodeCall(studies.withdraw, (study)) : bytes("");
    }

    function _roundCall(string memory action) private returns (bytes memory) {
        uint32 latest = rounds.latestRound(study);
        uint32 head = rounds.headOf(study);
        if (_same(action, "openRound")) return abi.encodeCall(rounds.openRound, (study, latest + 1, head));
        if (_same(action, "commitCohort")) {
            uint64 opened = rounds.roundOf(study, 1).openedBlock;
            return abi.encodeCall(rounds.commitCohort, (study, 1, opened, rootOf(1)));
        }
        if (_same(action, "commitUpdate")) {
            bytes32 commitment = rounds.commitmentOf(study, 1, idOf(1), updateOf(1), saltOf(1));
            return abi.encodeCall(rounds.commitUpdate, (study, 1, rootOf(1), commitment));
        }
        if (_same(action, "reveal")) return abi.encodeCall(rounds.reveal, (study, 1, updateOf(1), saltOf(1)));
        if (_same(action, "voidContribution")) return abi.encodeCall(rounds.voidContribution, (study, 1));
        if (_same(action, "attest")) return abi.encodeCall(rounds.attest, (study, 1, MODEL, REPORT));
        if (_same(action, "withdrawVersion")) return abi.encodeCall(rounds.withdrawVersion, (study, 1, REPORT));
        if (_same(action, "recordResult")) return abi.encodeCall(rounds.recordResult, (study, 1, REPORT));
        vm.assertTrue(_same(action, "endStep"), action);
        overdue();
        return abi.encodeCall(rounds.endStep, (study, 1));
    }

    function _vote(IStudyLedger.Verdict verdict) private view returns (bytes memory) {
        return abi.encodeCall(studies.vote, (study, planHash(study), decision(verdict)));
    }

    // ── states ───────────────────────────────────────────────────────────────────────────────────────────────────

    function _reachState(IStudyLedger.State state) private {
        if (state == IStudyLedger.State.NONE) return;
        study = submit(plan());
        vm.prank(seatHolder(OUTSIDER));
        studies.recuse(study);
        if (state == IStudyLedger.State.SUBMITTED) return;
        if (state == IStudyLedger.State.REJECTED) return decide(study, decision(IStudyLedger.Verdict.REJECT));
        if (state == IStudyLedger.State.CONDITIONAL) {
            IStudyLedger.Decision memory conditional = decision(IStudyLedger.Verdict.APPROVE);
            conditional.conditions = keccak256("conditions");
            return decide(study, conditional);
        }
        approve(study);
        if (state == IStudyLedger.State.APPROVED) {
            for (uint256 i = 1; i <= SITES; ++i) {
                admit(study, i);
            }
            return;
        }
        if (state == IStudyLedger.State.REVOKED) return decide(study, decision(IStudyLedger.Verdict.REVOKE));
        if (state == IStudyLedger.State.WITHDRAWN) {
            vm.prank(accountOf(APPLICANT));
            return studies.withdraw(study);
        }
        openStudy(study);
        if (state == IStudyLedger.State.OPEN) return;
        vm.prank(accountOf(APPLICANT));
        studies.close(study);
    }

    function _reachPhase(IRoundLedger.Phase phase) private {
        if (phase == IRoundLedger.Phase.NONE) return;
        if (phase != IRoundLedger.Phase.FAILED) return playRound(study, 1, SITES, phase);
        openRound(study, 1);
        _endStep(study, 1);
    }

    // ── words ────────────────────────────────────────────────────────────────────────────────────────────────────

    function _isOneOf(bytes memory answer, string[] memory names) private pure returns (bool) {
        string memory name = _nameOf(bytes4(answer));
        return bytes(name).length != 0 && _lists(names, name);
    }

    function _nameOf(bytes4 selector) private pure returns (string memory) {
        if (selector == IStudyLedger.NotTheApplicant.selector) return "NotTheApplicant";
        if (selector == bytes4(keccak256("NotSeated(address)"))) return "NotSeated";
        if (selector == IStudyLedger.SeatRecused.selector) return "SeatRecused";
        if (selector == IStudyLedger.NotAReviewer.selector) return "NotAReviewer";
        if (selector == IStudyLedger.NotOfTheSite.selector) return "NotOfTheSite";
        if (selector == IStudyLedger.SiteNotApproved.selector) return "SiteNotApproved";
        if (selector == IStudyLedger.WrongState.selector) return "WrongState";
        if (selector == IRoundLedger.NotASite.selector) return "NotASite";
        if (selector == IRoundLedger.RoundInProgress.selector) return "RoundInProgress";
        if (selector == IRoundLedger.WrongPhase.selector) return "WrongPhase";
        if (selector == bytes4(keccak256("NotOfTheVersion(bytes32)"))) return "NotOfTheVersion";
        if (selector == bytes4(keccak256("VersionNotStanding(bytes32,uint32)"))) return "VersionNotStanding";
        return "";
    }

    function _lists(string[] memory list, string memory word) private pure returns (bool) {
        for (uint256 i = 0; i < list.length; ++i) {
            if (_same(list[i], word)) return true;
        }
        return false;
    }

    function _same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
