// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "./interfaces/IMembership.sol";
import {IStudyLedger} from "./interfaces/IStudyLedger.sol";
import {Offices} from "./Offices.sol";
import {StudyRules} from "./StudyRules.sol";
import {PlanHash, SiteSet, StudyId} from "./StudyTypes.sol";
import {InstitutionId, UnixSeconds} from "./Types.sol";

/// @title StudyLedger; its words are in IStudyLedger
contract StudyLedger is Offices, IStudyLedger {
    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IStudyLedger
    uint16 public immutable quorum;

    mapping(StudyId => Study) private _studies;
    mapping(StudyId => Plan) private _plans;
    mapping(StudyId => InstitutionId[]) private _sites;
    /// Number of the site plus one.
    mapping(StudyId => mapping(InstitutionId site => uint256)) private _numbers;
    mapping(StudyId => mapping(uint32 version => SiteSet)) private _approved;
    mapping(StudyId => mapping(InstitutionId => bool)) private _recused;
    /// Whose vote stands for an institution on a ballot; a ballot is a decision on one version after so many others.
    mapping(bytes32 ballot => mapping(InstitutionId => address)) private _votes;
    mapping(bytes32 ballot => mapping(address reviewer => bool)) private _siteVotes;
    mapping(bytes32 ballot => uint256) private _siteTally;
    /// How often a site left a version: its earlier votes are void.
    mapping(bytes32 siteVersion => uint256) private _departures;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    constructor(IMembership members, uint16 seats) Offices(members) {
        if (seats == 0) revert DecisionOutOfRange("quorum");
        quorum = seats;
    }

    // ── changes: the applicant ───────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IStudyLedger
    function submit(Plan calldata plan, bytes32 salt) external returns (StudyId study) {
        InstitutionId applicant = _activeSender();
        StudyRules.requireComplete(plan);
        PlanHash hash = planHashOf(plan);
        study = StudyId.wrap(keccak256(abi.encode(applicant, hash, salt)));
        if (_studies[study].state != State.NONE) revert StudyExists(study);
        _studies[study] = Study(State.SUBMITTED, 1, 0, UnixSeconds.wrap(0), applicant, hash, 0);
        _plans[study] = plan;
        emit Submitted(study, applicant, hash, plan);
    }

    /// @inheritdoc IStudyLedger
    function amend(StudyId id, Plan calldata plan) external {
        Study storage study = _ownStudy(id);
        _requireAlive(id, State.OPEN);
        StudyRules.requireComplete(plan);
        PlanHash hash = planHashOf(plan);
        if (!(hash != study.plan)) revert PlanUnchanged(hash);
        uint32 version = ++study.version;
        study.state = State.SUBMITTED;
        study.until = UnixSeconds.wrap(0);
        study.conditions = 0;
        study.plan = hash;
        _plans[id] = plan;
        emit Amended(id, version, hash, plan);
    }

    /// @inheritdoc IStudyLedger
    function acceptConditions(StudyId id, bytes32 conditions) external {
        Study storage study = _ownStudyIn(id, State.CONDITIONAL);
        if (conditions != study.conditions) revert ConditionsDiffer(conditions, study.conditions);
        study.state = State.APPROVED;
        emit ConditionsAccepted(id, conditions);
    }

    /// @inheritdoc IStudyLedger
    function open(StudyId id) external {
        Study storage study = _ownStudyIn(id, State.APPROVED);
        _requireUnexpired(study);
        uint256 sites = _approved[id][study.version].size();
        uint256 needed = _plans[id].minimumSites;
        if (sites < needed) revert TooFewSites(sites, needed);
        study.state = State.OPEN;
        emit Opened(id, study.version, _plans[id].sheet);
    }

    /// @inheritdoc IStudyLedger
    function close(StudyId id) external {
        _ownStudyIn(id, State.OPEN).state = State.CLOSED;
        emit Ended(id, State.CLOSED);
    }

    /// @inheritdoc IStudyLedger
    function withdraw(StudyId id) external {
        Study storage study = _ownStudy(id);
        _requireAlive(id, State.APPROVED);
        study.state = State.WITHDRAWN;
        emit Ended(id, State.WITHDRAWN);
    }

    // ── changes: the committee ───────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IStudyLedger
    function vote(StudyId id, PlanHash planHash, Decision calldata decision) external returns (bool decided) {
        InstitutionId institution = _seatedSender();
        Study storage study = _studies[id];
        if (!StudyRules.isVotable(study.state, decision.verdict)) revert WrongState(id, study.state);
        if (isRecused(id, institution)) revert SeatRecused(institution);
        if (planHash != study.plan) revert StalePlan(planHash, study.plan);
        StudyRules.requireInRange(decision, study.until);
        bytes32 ballot = _ballot(id, decision);
        if (_votes[ballot][institution] == msg.sender) revert AlreadyVoted(msg.sender);
        _votes[ballot][institution] = msg.sender;
        emit Voted(id, institution, planHash, decision);
        decided = tally(id, decision) >= quorum;
        if (decided) _decide(id, study, decision);
    }

    /// @inheritdoc IStudyLedger
    function recuse(StudyId id) external {
        InstitutionId institution = _seatedSender();
        _requireAlive(id, State.OPEN);
        if (isRecused(id, institution)) revert SeatRecused(institution);
        _recused[id][institution] = true;
        emit Recused(id, institution);
    }

    // ── changes: sites ───────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IStudyLedger
    function approveSite(StudyId id, PlanHash planHash) external returns (bool approved) {
        InstitutionId site = reviewsFor(msg.sender);
        if (!membership.isActiveInstitution(site)) revert NotAReviewer(msg.sender);
        Study storage study = _admitting(id);
        if (planHash != study.plan) revert StalePlan(planHash, study.plan);
        _requireUnexpired(study);
        (,, bool isApproved) = siteOf(id, site);
        if (isApproved) revert SiteAlreadyApproved(site);
        bytes32 siteVersion = keccak256(abi.encode(id, study.version, site));
        (uint32 board, uint8 needed) = boardOf(site);
        bytes32 ballot = keccak256(abi.encode(siteVersion, _departures[siteVersion], board));
        if (_siteVotes[ballot][msg.sender]) revert AlreadyVoted(msg.sender);
        _siteVotes[ballot][msg.sender] = true;
        emit SiteVoted(id, site, msg.sender, planHash);
        approved = ++_siteTally[ballot] >= needed;
        if (approved) _admit(id, study.version, site);
    }

    /// @inheritdoc IStudyLedger
    function leaveStudy(StudyId id) external {
        InstitutionId site = membership.activeMemberOf(msg.sender);
        if (site.isNone()) site = reviewsFor(msg.sender);
        if (site.isNone()) revert NotOfTheSite(msg.sender);
        Study storage study = _admitting(id);
        (, uint8 number, bool isApproved) = siteOf(id, site);
        if (!isApproved) revert SiteNotApproved(site);
        _approved[id][study.version] = _approved[id][study.version].without(number);
        ++_departures[keccak256(abi.encode(id, study.version, site))];
        emit SiteLeft(id, site, study.version);
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IStudyLedger
    function studyOf(StudyId id) external view returns (Study memory) {
        return _studies[id];
    }

    /// @inheritdoc IStudyLedger
    function planOf(StudyId id) external view returns (Plan memory) {
        return _plans[id];
    }

    /// @inheritdoc IStudyLedger
    function isRunning(StudyId id, UnixSeconds instant) external view returns (bool) {
        Study storage study = _studies[id];
        return study.state == State.OPEN && instant < study.until && instant < _plans[id].ends;
    }

    /// @inheritdoc IStudyLedger
    function approvedSites(StudyId id) external view returns (SiteSet) {
        return _approved[id][_studies[id].version];
    }

    /// @inheritdoc IStudyLedger
    function sitesOf(StudyId id) external view returns (InstitutionId[] memory) {
        return _sites[id];
    }

    /// @inheritdoc IStudyLedger
    function siteOf(StudyId id, InstitutionId site)
        public
        view
        returns (bool isKnown, uint8 number, bool isApproved)
    {
        uint256 next = _numbers[id][site];
        if (next == 0) return (false, 0, false);
        number = uint8(next - 1);
        return (true, number, _approved[id][_studies[id].version].has(number));
    }

    /// @inheritdoc IStudyLedger
    function tally(StudyId id, Decision calldata decision) public view returns (uint256 votes) {
        bytes32 ballot = _ballot(id, decision);
        InstitutionId[] memory institutions = membership.institutionIds();
        for (uint256 i = 0; i < institutions.length; ++i) {
            InstitutionId institution = institutions[i];
            address voter = _votes[ballot][institution];
            bool counts = voter != address(0) && voter == seatOf[institution] && !isRecused(id, institution);
            if (counts && membership.isActiveInstitution(institution)) ++votes;
        }
    }

    /// @inheritdoc IStudyLedger
    function isRecused(StudyId id, InstitutionId institution) public view returns (bool) {
        return _recused[id][institution] || institution == _studies[id].applicant;
    }

    /// @inheritdoc IStudyLedger
    function planHashOf(Plan calldata plan) public pure returns (PlanHash) {
        return PlanHash.wrap(keccak256(abi.encode(plan)));
    }

    // ── internal: who ────────────────────────────────────────────────────────────────────────────────────────────

    function _ownStudy(StudyId id) private view returns (Study storage study) {
        study = _studies[id];
        InstitutionId sender = membership.activeMemberOf(msg.sender);
        if (sender.isNone() || sender != study.applicant) revert NotTheApplicant(msg.sender);
    }

    function _ownStudyIn(StudyId id, State state) private view returns (Study storage study) {
        study = _ownStudy(id);
        if (study.state != state) revert WrongState(id, study.state);
    }

    /// The study, while sites may come and go.
    function _admitting(StudyId id) private view returns (Study storage study) {
        study = _studies[id];
        if (study.state != State.APPROVED && study.state != State.OPEN) revert WrongState(id, study.state);
    }

    function _requireAlive(StudyId id, State last) private view {
        State state = _studies[id].state;
        if (state < State.SUBMITTED || state > last) revert WrongState(id, state);
    }

    // ── internal: decisions ──────────────────────────────────────────────────────────────────────────────────────

    function _ballot(StudyId id, Decision calldata decision) private view returns (bytes32) {
        Study storage study = _studies[id];
        return keccak256(abi.encode(id, study.version, study.decisions, decision));
    }

    function _decide(StudyId id, Study storage study, Decision calldata decision) private {
        ++study.decisions;
        emit Decided(id, study.version, decision);
        if (decision.verdict == Verdict.APPROVE) {
            study.conditions = decision.conditions;
            study.until = decision.until;
            study.state = decision.conditions == 0 ? State.APPROVED : State.CONDITIONAL;
        } else if (decision.verdict == Verdict.RENEW) {
            study.until = decision.until;
        } else {
            study.state = decision.verdict == Verdict.REJECT ? State.REJECTED : State.REVOKED;
            emit Ended(id, study.state);
        }
    }

    // ── internal: plans and sites ────────────────────────────────────────────────────────────────────────────────

    function _requireUnexpired(Study storage study) private view {
        if (UnixSeconds.unwrap(study.until) <= block.timestamp) revert ApprovalExpired(study.until);
    }

    function _admit(StudyId id, uint32 version, InstitutionId site) private {
        InstitutionId[] storage sites = _sites[id];
        uint256 next = _numbers[id][site];
        if (next == 0) {
            if (sites.length == StudyRules.MOST_SITES) revert TooManySites(StudyRules.MOST_SITES);
            sites.push(site);
            next = sites.length;
            _numbers[id][site] = next;
        }
        uint8 number = uint8(next - 1);
        _approved[id][version] = _approved[id][version].with_(number);
        emit SiteApproved(id, site, version, number);
    }
}
