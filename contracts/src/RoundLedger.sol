// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundLedger} from "./interfaces/IRoundLedger.sol";
import {IStudyLedger} from "./interfaces/IStudyLedger.sol";
import {ModelVersions} from "./ModelVersions.sol";
import {NO_SITES, SiteSet, StudyId} from "./StudyTypes.sol";
import {InstitutionId, UnixSeconds} from "./Types.sol";

/// @title RoundLedger; its words are in IRoundLedger
contract RoundLedger is ModelVersions, IRoundLedger {
    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IRoundLedger
    IStudyLedger public immutable studies;
    /// @inheritdoc IRoundLedger
    mapping(StudyId => uint32) public latestRound;

    mapping(StudyId => mapping(uint32 round => Round)) private _rounds;
    mapping(StudyId => mapping(uint32 round => mapping(InstitutionId => Contribution))) private _contributions;
    mapping(StudyId => mapping(uint32 round => mapping(bytes32 digest => uint256))) private _attestations;
    mapping(bytes32 commitment => bool) private _usedCommitments;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    constructor(IStudyLedger ledger) {
        studies = ledger;
    }

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IRoundLedger
    function openRound(StudyId study, uint32 number, uint32 base) external {
        _requireCoordinator(study);
        _requireRunning(study, studies.studyOf(study).version);
        uint32 latest = latestRound[study];
        if (latest != 0 && _isInProgress(_rounds[study][latest].phase)) revert RoundInProgress(study, latest);
        if (number != latest + 1) revert WrongRound(number, latest + 1);
        if (base != headOf[study]) revert WrongBase(base, headOf[study]);
        IStudyLedger.Plan memory plan = studies.planOf(study);
        Version memory built = versionOf(study, base);
        if (built.depth >= plan.rounds) revert RoundsSpent(plan.rounds);
        SiteSet expected = studies.approvedSites(study);
        if (expected.size() < plan.minimumSites) revert IStudyLedger.TooFewSites(expected.size(), plan.minimumSites);

        latestRound[study] = number;
        Round storage round = _rounds[study][number];
        round.planVersion = studies.studyOf(study).version;
        round.base = base;
        round.openedAt = UnixSeconds.wrap(uint64(block.timestamp));
        round.openedBlock = uint64(block.number);
        round.expected = expected;
        _begin(round, Phase.COHORTS, plan.stepSeconds);
        emit RoundOpened(study, number, round.planVersion, base, base == 0 ? plan.model : built.model, expected);
    }

    /// @inheritdoc IRoundLedger
    function commitCohort(StudyId study, uint32 number, uint64 openedBlock, bytes32 root) external {
        (Round storage round, InstitutionId site, uint8 bit) = _contribute(study, number, Phase.COHORTS);
        if (openedBlock != round.openedBlock) revert StaleBlock(openedBlock, round.openedBlock);
        if (root == 0) revert EmptyHash("root");
        if (round.cohorts.has(bit)) revert AlreadyDone(site);
        round.cohorts = round.cohorts.with_(bit);
        _contributions[study][number][site].cohortRoot = root;
        emit CohortCommitted(study, number, site, root);
        _endIfComplete(study, number, round);
    }

    /// @inheritdoc IRoundLedger
    function commitUpdate(StudyId study, uint32 number, bytes32 cohortRoot, bytes32 commitment) external {
        (Round storage round, InstitutionId site, uint8 bit) = _contribute(study, number, Phase.COMMITMENTS);
        Contribution storage contribution = _contributions[study][number][site];
        if (!round.cohorts.has(bit)) revert NoCohortRoot(site);
        if (cohortRoot != contribution.cohortRoot) revert ForeignCohortRoot(cohortRoot, contribution.cohortRoot);
        if (commitment == 0) revert EmptyHash("commitment");
        if (round.committed.has(bit)) revert AlreadyDone(site);
        if (_usedCommitments[commitment]) revert CommitmentUsed(commitment);
        _usedCommitments[commitment] = true;
        round.committed = round.committed.with_(bit);
        contribution.commitment = commitment;
        emit UpdateCommitted(study, number, site, commitment);
        _endIfComplete(study, number, round);
    }

    /// @inheritdoc IRoundLedger
    function reveal(StudyId study, uint32 number, bytes32 update, bytes32 salt) external {
        (Round storage round, InstitutionId site, uint8 bit) = _contribute(study, number, Phase.REVEALS);
        Contribution storage contribution = _contributions[study][number][site];
        if (!round.committed.has(bit)) revert NoCommitment(site);
        if (round.survivors.has(bit)) revert AlreadyDone(site);
        bytes32 given = commitmentOf(study, number, site, update, salt);
        if (given != contribution.commitment) revert CommitmentMismatch(given, contribution.commitment);
        round.survivors = round.survivors.with_(bit);
        contribution.update = update;
        emit UpdateRevealed(study, number, site, update);
        _endIfComplete(study, number, round);
    }

    /// @inheritdoc IRoundLedger
    function voidContribution(StudyId study, uint32 number) external {
        Round storage round = _rounds[study][number];
        if (round.phase < Phase.COHORTS || round.phase > Phase.REVEALS) revert WrongPhase(study, number, round.phase);
        // Neither the deadline nor a stopped study holds this back: taking out is always allowed.
        (InstitutionId site, uint8 bit) = _siteOf(study, round);
        if (round.voided.has(bit)) revert AlreadyDone(site);
        round.voided = round.voided.with_(bit);
        round.survivors = round.survivors.without(bit);
        emit ContributionVoided(study, number, site);
        _endIfComplete(study, number, round);
    }

    /// @inheritdoc IRoundLedger
    function attest(StudyId study, uint32 number, bytes32 model, bytes32 report) external {
        (Round storage round, InstitutionId site, uint8 bit) = _act(study, number, Phase.ATTESTATIONS);
        if (model == 0) revert EmptyHash("model");
        if (report == 0) revert EmptyHash("report");
        if (round.attested.has(bit)) revert AlreadyDone(site);
        round.attested = round.attested.with_(bit);
        emit Attested(study, number, site, model, report);
        uint256 needed = (2 * round.expected.size() + 2) / 3; // ⌈2n/3⌉
        if (++_attestations[study][number][keccak256(abi.encode(model, report))] < needed) return;
        round.phase = Phase.FINAL;
        emit RoundFinal(study, number, round.survivors, !(round.survivors == round.expected));
        _makeVersion(study, number, round.base, model, report);
    }

    /// @inheritdoc IRoundLedger
    function endStep(StudyId study, uint32 number) external {
        _requireCoordinator(study);
        Round storage round = _rounds[study][number];
        Phase phase = round.phase;
        if (!_isInProgress(phase)) revert WrongPhase(study, number, phase);
        bool isOverdue = block.timestamp > UnixSeconds.unwrap(round.deadline);
        if (!isOverdue && _runs(study, round.planVersion)) revert StepUnfinished(round.deadline);
        _end(study, number, round);
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IRoundLedger
    function roundOf(StudyId study, uint32 number) external view returns (Round memory) {
        return _rounds[study][number];
    }

    /// @inheritdoc IRoundLedger
    function contributionOf(StudyId study, uint32 number, InstitutionId site)
        external
        view
        returns (Contribution memory)
    {
        return _contributions[study][number][site];
    }

    /// @inheritdoc IRoundLedger
    function attestations(StudyId study, uint32 number, bytes32 model, bytes32 report) external view returns (uint256) {
        return _attestations[study][number][keccak256(abi.encode(model, report))];
    }

    /// @inheritdoc IRoundLedger
    function commitmentOf(StudyId study, uint32 number, InstitutionId site, bytes32 update, bytes32 salt)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(study, number, site, update, salt));
    }

    // ── internal: who ────────────────────────────────────────────────────────────────────────────────────────────

    /// The sending site, if it may act in this step now.
    function _act(StudyId study, uint32 number, Phase phase)
        private
        view
        returns (Round storage round, InstitutionId site, uint8 bit)
    {
        round = _rounds[study][number];
        (site, bit) = _siteOf(study, round);
        (,, bool isApproved) = studies.siteOf(study, site);
        if (!isApproved) revert NotASite(msg.sender);
        _requireRunning(study, round.planVersion);
        if (round.phase != phase) revert WrongPhase(study, number, round.phase);
        if (block.timestamp > UnixSeconds.unwrap(round.deadline)) revert DeadlinePassed(round.deadline);
    }

    /// As `_act`, for a site that has not taken itself out of the round.
    function _contribute(StudyId study, uint32 number, Phase phase)
        private
        view
        returns (Round storage round, InstitutionId site, uint8 bit)
    {
        (round, site, bit) = _act(study, number, phase);
        if (round.voided.has(bit)) revert AlreadyDone(site);
    }

    /// The sending active member and its number, if it is expected in the round.
    function _siteOf(StudyId study, Round storage round) private view returns (InstitutionId site, uint8 bit) {
        site = studies.membership().activeMemberOf(msg.sender);
        bool isKnown;
        (isKnown, bit,) = studies.siteOf(study, site);
        if (!isKnown || !round.expected.has(bit)) revert NotASite(msg.sender);
    }

    function _requireCoordinator(StudyId study) private view {
        InstitutionId sender = studies.membership().activeMemberOf(msg.sender);
        (,, bool isApproved) = studies.siteOf(study, sender);
        bool isApplicant = !sender.isNone() && sender == studies.studyOf(study).applicant;
        if (!isApproved && !isApplicant) revert NotASite(msg.sender);
    }

    function _requireOfTheVersion(StudyId study, uint32 number) internal view override returns (InstitutionId sender) {
        sender = studies.membership().activeMemberOf(msg.sender);
        (bool isKnown, uint8 bit,) = studies.siteOf(study, sender);
        bool contributed = isKnown && _rounds[study][number].survivors.has(bit);
        bool isApplicant = !sender.isNone() && sender == studies.studyOf(study).applicant;
        if (!contributed && !isApplicant) revert NotOfTheVersion(sender);
    }

    // ── internal: steps ──────────────────────────────────────────────────────────────────────────────────────────

    function _runs(StudyId study, uint32 planVersion) private view returns (bool) {
        bool isRunning = studies.isRunning(study, UnixSeconds.wrap(uint64(block.timestamp)));
        return isRunning && studies.studyOf(study).version == planVersion;
    }

    function _requireRunning(StudyId study, uint32 planVersion) private view {
        if (!_runs(study, planVersion)) revert StudyNotRunning(study);
    }

    function _endIfComplete(StudyId study, uint32 number, Round storage round) private {
        (, SiteSet awaited) = _presence(study, round);
        if (awaited == NO_SITES) _end(study, number, round);
    }

    /// Begins the next step with those present, or fails the round.
    function _end(StudyId study, uint32 number, Round storage round) private {
        Phase phase = round.phase;
        (SiteSet present,) = _presence(study, round);
        IStudyLedger.Plan memory plan = studies.planOf(study);
        bool goesOn = phase != Phase.ATTESTATIONS && _runs(study, round.planVersion);
        if (!goesOn || present.size() < _fewest(round, plan)) {
            round.phase = Phase.FAILED;
            emit RoundFailed(study, number, phase, present);
            return;
        }
        if (phase == Phase.REVEALS) round.survivors = present;
        emit StepEnded(study, number, phase, present);
        _begin(round, Phase(uint8(phase) + 1), plan.stepSeconds);
    }

    function _begin(Round storage round, Phase phase, uint32 stepSeconds) private {
        round.phase = phase;
        round.deadline = UnixSeconds.wrap(uint64(block.timestamp + stepSeconds));
    }

    function _isInProgress(Phase phase) private pure returns (bool) {
        return phase >= Phase.COHORTS && phase <= Phase.ATTESTATIONS;
    }

    /// Who is present in the step, and who may still act in it. Before the survivors are fixed, a site that left the
    /// study or voided its contribution is neither.
    function _presence(StudyId study, Round storage round) private view returns (SiteSet present, SiteSet awaited) {
        if (round.phase == Phase.ATTESTATIONS) return (round.attested, round.expected.minus(round.attested));
        SiteSet stay = studies.approvedSites(study).minus(round.voided);
        SiteSet may = round.expected;
        present = round.cohorts;
        if (round.phase == Phase.COMMITMENTS) (present, may) = (round.committed, round.cohorts);
        if (round.phase == Phase.REVEALS) (present, may) = (round.survivors, round.committed);
        present = present.both(stay);
        awaited = may.both(stay).minus(present);
    }

    function _fewest(Round storage round, IStudyLedger.Plan memory plan) private view returns (uint256 fewest) {
        fewest = plan.minimumSites;
        bool isMaskedSum = plan.aggregation == IStudyLedger.Aggregation.MASKED && round.phase == Phase.REVEALS;
        uint256 threshold = isMaskedSum ? 2 * round.committed.size() / 3 + 1 : 0;
        if (threshold > fewest) fewest = threshold;
    }

    function _onRollback(StudyId study, uint32) internal override {
        uint32 number = latestRound[study];
        Round storage round = _rounds[study][number];
        if (!_isInProgress(round.phase)) return;
        emit RoundFailed(study, number, round.phase, NO_SITES);
        round.phase = Phase.FAILED;
    }
}
