// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "./interfaces/IMembership.sol";
import {IStudyLedger} from "./interfaces/IStudyLedger.sol";
import {PlanHash, SiteSet, StudyId} from "./StudyTypes.sol";
import {InstitutionId, UnixSeconds} from "./Types.sol";

/// @title StudyLedger; its words are in IStudyLedger
contract StudyLedger is IStudyLedger {
    // ── constants ────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Longest time from a decision to the end of the approval.
    uint256 public constant LONGEST_APPROVAL = 366 days;
    uint256 public constant MOST_SITES = 256;
    uint256 public constant MOST_REVIEWERS = 32;
    /// @notice Bounds the walk back over a model's versions.
    uint256 public constant MOST_ROUNDS = 1_000;
    uint256 public constant LONGEST_STEP = 30 days;
    /// @notice Fewest sites of a masked sum: with two, each learns the other's update.
    uint256 public constant FEWEST_MASKED = 3;

    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    struct Board {
        uint32 number;
        uint8 quorum;
        address[] reviewers;
    }

    /// @inheritdoc IStudyLedger
    IMembership public immutable membership;
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
    mapping(InstitutionId => address) private _seats;
    mapping(InstitutionId => Board) private _boards;
    mapping(address => InstitutionId) private _appointed;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    constructor(IMembership members, uint16 seats) {
        if (seats == 0) revert DecisionOutOfRange("quorum");
        membership = members;
        quorum = seats;
    }

    // ── changes: the applicant ───────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IStudyLedger
    function submit(Plan calldata plan, bytes32 salt) external returns (StudyId study) {
        InstitutionId applicant = _activeSender();
        _requireComplete(plan);
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
        State state = study.state;
        if (state < State.SUBMITTED || state > State.OPEN) revert WrongState(id, state);
        _requireComplete(plan);
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
        State state = study.state;
        if (state < State.SUBMITTED || state > State.APPROVED) revert WrongState(id, state);
        study.state = State.WITHDRAWN;
        emit Ended(id, State.WITHDRAWN);
    }

    // ── changes: the committee ───────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IStudyLedger
    function vote(StudyId id, PlanHash planHash, Decision calldata decision) external returns (bool decided) {
        InstitutionId institution = _seatedSender();
        Study storage study = _studies[id];
        _requireVotable(id, study.state, decision.verdict);
        if (isRecused(id, institution)) revert SeatRecused(institution);
        if (planHash != study.plan) revert StalePlan(planHash, study.plan);
        _requireInRange(study, decision);
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
        State state = _studies[id].state;
        if (state < State.SUBMITTED || state > State.OPEN) revert WrongState(id, state);
        if (isRecused(id, institution)) revert SeatRecused(institution);
        _recused[id][institution] = true;
        emit Recused(id, institution);
    }

    // ── changes: sites ───────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IStudyLedger
    function approveSite(StudyId id, PlanHash planHash) external returns (bool approved) {
        InstitutionId site = _appointed[msg.sender];
        if (!_isReviewer(site, msg.sender) || !membership.isActiveInstitution(site)) revert NotAReviewer(msg.sender);
        Study storage study = _studies[id];
        if (study.state != State.APPROVED && study.state != State.OPEN) revert WrongState(id, study.state);
        if (planHash != study.plan) revert StalePlan(planHash, study.plan);
        _requireUnexpired(study);
        (, bool isApproved) = siteOf(id, site);
        if (isApproved) revert SiteAlreadyApproved(site);
        bytes32 siteVersion = keccak256(abi.encode(id, study.version, site));
        bytes32 ballot = keccak256(abi.encode(siteVersion, _departures[siteVersion], _boards[site].number));
        if (_siteVotes[ballot][msg.sender]) revert AlreadyVoted(msg.sender);
        _siteVotes[ballot][msg.sender] = true;
        emit SiteVoted(id, site, msg.sender, planHash);
        approved = ++_siteTally[ballot] >= _boards[site].quorum;
        if (approved) _admit(id, study.version, site);
    }

    /// @inheritdoc IStudyLedger
    function leave(StudyId id) external {
        InstitutionId site = membership.activeMemberOf(msg.sender);
        if (site.isNone()) {
            site = _appointed[msg.sender];
            if (!_isReviewer(site, msg.sender)) revert NotOfTheSite(msg.sender);
        }
        Study storage study = _studies[id];
        if (study.state != State.APPROVED && study.state != State.OPEN) revert WrongState(id, study.state);
        (uint8 number, bool isApproved) = siteOf(id, site);
        if (!isApproved) revert SiteNotApproved(site);
        _approved[id][study.version] = _approved[id][study.version].without(number);
        ++_departures[keccak256(abi.encode(id, study.version, site))];
        emit SiteLeft(id, site, study.version);
    }

    /// @inheritdoc IStudyLedger
    function seat(address holder) external {
        InstitutionId institution = _activeSender();
        address before = _seats[institution];
        if (before != address(0)) delete _appointed[before];
        _seats[institution] = holder;
        if (holder != address(0)) _appoint(holder, institution);
        emit SeatTaken(institution, holder);
    }

    /// @inheritdoc IStudyLedger
    function setBoard(address[] calldata reviewers, uint8 needed) external {
        InstitutionId institution = _activeSender();
        if (needed == 0 || needed > reviewers.length || reviewers.length > MOST_REVIEWERS) {
            revert BoardOutOfRange(reviewers.length, needed);
        }
        Board storage board = _boards[institution];
        for (uint256 i = 0; i < board.reviewers.length; ++i) {
            delete _appointed[board.reviewers[i]];
        }
        for (uint256 i = 0; i < reviewers.length; ++i) {
            _appoint(reviewers[i], institution);
        }
        board.reviewers = reviewers;
        board.quorum = needed;
        emit BoardSet(institution, ++board.number, needed, reviewers);
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
    function seatOf(InstitutionId institution) external view returns (address) {
        return _seats[institution];
    }

    /// @inheritdoc IStudyLedger
    function appointedBy(address account) external view returns (InstitutionId) {
        return _appointed[account];
    }

    /// @inheritdoc IStudyLedger
    function siteOf(StudyId id, InstitutionId site) public view returns (uint8 number, bool isApproved) {
        uint256 next = _numbers[id][site];
        if (next == 0) return (0, false);
        number = uint8(next - 1);
        isApproved = _approved[id][_studies[id].version].has(number);
    }

    /// @inheritdoc IStudyLedger
    function tally(StudyId id, Decision calldata decision) public view returns (uint256 votes) {
        bytes32 ballot = _ballot(id, decision);
        InstitutionId[] memory institutions = membership.institutionIds();
        for (uint256 i = 0; i < institutions.length; ++i) {
            InstitutionId institution = institutions[i];
            address voter = _votes[ballot][institution];
            bool counts = voter != address(0) && voter == _seats[institution] && !isRecused(id, institution);
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
