// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStudyLedger} from "../src/interfaces/IStudyLedger.sol";
import {PlanHash, StudyId} from "../src/StudyTypes.sol";
import {InstitutionId, UnixSeconds} from "../src/Types.sol";
import {Frozen} from "./support/Frozen.sol";
import {StudyFixture} from "./support/StudyFixture.sol";
import {vm} from "./support/Vm.sol";

/// What every other implementation must compute alike, made by the contracts, and the gas of a study's transactions.
/// forge-config: default.isolate = true
contract FrozenStudyTest is StudyFixture, Frozen {
    string private table = "gas of whole transactions (21,000 and calldata included); four sites, seven institutions\n";
    StudyId private study;

    function test_hashesOfPlansAndCommitmentsAreAsFrozen() public {
        IStudyLedger.Plan memory most = IStudyLedger.Plan({
            document: bytes32(type(uint256).max),
            sheet: bytes32(type(uint256).max),
            model: bytes32(type(uint256).max),
            aggregation: IStudyLedger.Aggregation.MASKED,
            minimumSites: 256,
            rounds: 1_000,
            stepSeconds: uint32(30 days),
            ends: UnixSeconds.wrap(type(uint64).max)
        });
        string memory origin = quoted("origin", "StudyLedger and RoundLedger, run by forge (contracts/test/FrozenStudy.t.sol)");
        string memory cases = string.concat(_case("plain", plan(), 1), ",\n    ", _case("most", most, type(uint32).max));
        assertFrozen(
            "test-vectors/study-hashes.json", string.concat("{\n  ", origin, "\n  \"cases\": [\n    ", cases, "\n  ]\n}\n")
        );
    }

    function _case(string memory name, IStudyLedger.Plan memory made, uint32 round)
        private
        view
        returns (string memory)
    {
        PlanHash hash = studies.planHashOf(made);
        StudyId id = StudyId.wrap(keccak256(abi.encode(idOf(APPLICANT), hash, bytes32("salt"))));
        string memory text = string.concat(quoted("name", name), bare("plan", _plan(made)));
        text = string.concat(text, word("planHash", PlanHash.unwrap(hash)), _ids(id), number("round", round));
        bytes32 commitment = rounds.commitmentOf(id, round, idOf(1), updateOf(1), saltOf(1));
        return object(string.concat(text, _contribution(), word("commitment", commitment)));
    }

    function _plan(IStudyLedger.Plan memory made) private pure returns (string memory text) {
        text = word("document", made.document);
        text = string.concat(text, word("sheet", made.sheet), word("model", made.model));
        text = string.concat(text, number("aggregation", uint256(made.aggregation)));
        text = string.concat(text, number("minimumSites", made.minimumSites), number("rounds", made.rounds));
        text = string.concat(text, number("stepSeconds", made.stepSeconds));
        return object(string.concat(text, wide("ends", UnixSeconds.unwrap(made.ends))));
    }

    function _ids(StudyId id) private pure returns (string memory) {
        string memory applicant = word("applicant", InstitutionId.unwrap(idOf(APPLICANT)));
        return string.concat(applicant, word("studySalt", bytes32("salt")), word("study", StudyId.unwrap(id)));
    }

    function _contribution() private pure returns (string memory) {
        string memory site = word("site", InstitutionId.unwrap(idOf(1)));
        return string.concat(site, word("update", updateOf(1)), word("salt", saltOf(1)));
    }

    function test_theFrozenStudyIdIsTheContracts() public {
        vm.prank(accountOf(APPLICANT));
        StudyId id = studies.submit(plan(), "salt");
        PlanHash hash = studies.planHashOf(plan());
        bytes32 expected = keccak256(abi.encode(idOf(APPLICANT), hash, bytes32("salt")));
        vm.assertEq(StudyId.unwrap(id), expected, "as computed");
    }

    function test_gasIsAsFrozen() public {
        study = submit(plan());
        PlanHash hash = planHash(study);
        IStudyLedger.Decision memory yes = decision(IStudyLedger.Verdict.APPROVE);
        _line("vote of a seat", seatHolder(1), abi.encodeCall(studies.vote, (study, hash, yes)));
        _line("deciding vote", seatHolder(2), abi.encodeCall(studies.vote, (study, hash, yes)));
        _line("reviewer's vote", reviewer(LATE_SITE, 0), abi.encodeCall(studies.approveSite, (study, hash)));
        _line("reviewer's vote that admits", reviewer(LATE_SITE, 1), abi.encodeCall(studies.approveSite, (study, hash)));
        openStudy(study);
        _line("open a round", accountOf(1), abi.encodeCall(rounds.openRound, (study, 1, 0)));
        uint64 opened = rounds.roundOf(study, 1).openedBlock;
        for (uint256 i = 1; i <= LATE_SITE; ++i) {
            bytes memory call = abi.encodeCall(rounds.commitCohort, (study, 1, opened, rootOf(i)));
            _siteLine("cohort root", i, call);
        }
        for (uint256 i = 1; i <= LATE_SITE; ++i) {
            bytes32 commitment = rounds.commitmentOf(study, 1, idOf(i), updateOf(i), saltOf(i));
            _siteLine("commitment", i, abi.encodeCall(rounds.commitUpdate, (study, 1, rootOf(i), commitment)));
        }
        for (uint256 i = 1; i <= LATE_SITE; ++i) {
            _siteLine("reveal", i, abi.encodeCall(rounds.reveal, (study, 1, updateOf(i), saltOf(i))));
        }
        for (uint256 i = 1; i <= 3; ++i) {
            bytes memory call = abi.encodeCall(rounds.attest, (study, 1, MODEL, REPORT));
            if (i == 3) _line("deciding attestation", accountOf(i), call);
            else _siteLine("attestation", i, call);
        }
        _line("withdrawal of a version", accountOf(1), abi.encodeCall(rounds.withdrawVersion, (study, 1, REPORT)));
        assertFrozen("contracts/gas-snapshot-study.txt", table);
    }

    /// The first site's and, where the step ends with it, the last one's.
    function _siteLine(string memory name, uint256 i, bytes memory call) private {
        if (i == LATE_SITE) name = string.concat(name, " that ends its step");
        if (i == 1 || i == LATE_SITE) return _line(name, accountOf(i), call);
        _send(accountOf(i), call);
    }

    function _line(string memory name, address sender, bytes memory call) private {
        _send(sender, call);
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        vm.assertLe(gas, 400_000, "well under the gas limit of a call");
        table = string.concat(table, name, ": ", vm.toString(gas), "\n");
    }

    function _send(address sender, bytes memory data) private {
        bytes4 selector = bytes4(data);
        bool isOfStudies = selector == studies.vote.selector || selector == studies.approveSite.selector;
        address target = isOfStudies ? address(studies) : address(rounds);
        bool done;
        vm.prank(sender);
        // In assembly, so that copying the answer into the test's memory is not counted.
        assembly ("memory-safe") {
            done := call(gas(), target, 0, add(data, 0x20), mload(data), 0, 0)
        }
        vm.assertTrue(done, "the call succeeds");
    }
}
