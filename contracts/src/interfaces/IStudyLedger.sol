// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlanHash, SiteSet, StudyId} from "../StudyTypes.sol";
import {InstitutionId, UnixSeconds} from "../Types.sol";
import {IOffices} from "./IOffices.sol";

/// @title StudyLedger: what a study may do, who allowed it, and until when
/// @notice An institution applies with a plan; the committee decides with k of its seats; each site's own reviewers
/// decide for their site; then the applicant opens the study for consent.
///
/// Laws:
/// - Approvals are of one plan hash. An amended plan, by one byte, voids the committee's and every site's approval.
/// - Nobody approves for a site but that site's own reviewers: neither the applicant, nor the committee, nor a vote of
///   the members. A site leaves at once by its own word.
/// - The committee is one seat of each member institution. The applicant's own seat is recused; a seat recuses itself
///   for good. A vote counts while its seat is held by the voter, not recused, and its institution active.
/// - An approval ends at an instant, at most `LONGEST_APPROVAL` ahead; the committee renews or revokes it.
/// - CLOSED, REJECTED, REVOKED and WITHDRAWN are terminal.
/// - Who may do what in which state is one table: test-vectors/study-actions.json.
///
/// Nothing here concerns a patient: institutions, reviewers' accounts, hashes of documents and instants only.
interface IStudyLedger is IOffices {
    /// @notice CONDITIONAL: approved, once the applicant accepts the conditions. Expiry is no state: see `isRunning`.
    enum State {
        NONE,
        SUBMITTED,
        CONDITIONAL,
        APPROVED,
        OPEN,
        CLOSED,
        REJECTED,
        REVOKED,
        WITHDRAWN
    }

    enum Verdict {
        APPROVE,
        REJECT,
        RENEW,
        REVOKE
    }

    /// @notice SINGLE: members see clipped single updates. MASKED: members see the sum of one group only.
    enum Aggregation {
        SINGLE,
        MASKED
    }

    /// @notice What the ledger must know of a plan; the rest stands in the document.
    /// @param document Hash of the canonical plan document.
    /// @param sheet Hash of the information sheet that a patient's consent names.
    /// @param model Hash of the initial model.
    /// @param minimumSites Fewest sites that make a round; 3 or more when masked.
    /// @param rounds Most rounds that a model is built of.
    /// @param stepSeconds Longest time of one step of a round; a round has four.
    /// @param ends Instant from which no round opens.
    struct Plan {
        bytes32 document;
        bytes32 sheet;
        bytes32 model;
        Aggregation aggregation;
        uint16 minimumSites;
        uint32 rounds;
        uint32 stepSeconds;
        UnixSeconds ends;
    }

    /// @notice What seats vote on.
    /// @param conditions Hash of the conditions; 0 = none. Zero unless APPROVE.
    /// @param until End of the approval. Zero for REJECT and REVOKE.
    struct Decision {
        Verdict verdict;
        bytes32 conditions;
        UnixSeconds until;
    }

    /// @param version Number of the plan, from 1; grows with every amendment.
    /// @param decisions Decisions made so far: votes before the last one are void.
    /// @param until End of the committee's approval.
    struct Study {
        State state;
        uint32 version;
        uint32 decisions;
        UnixSeconds until;
        InstitutionId applicant;
        PlanHash plan;
        bytes32 conditions;
    }

    event Submitted(StudyId indexed study, InstitutionId indexed applicant, PlanHash indexed planHash, Plan plan);
    event Amended(StudyId indexed study, uint32 version, PlanHash indexed planHash, Plan plan);
    event Voted(StudyId indexed study, InstitutionId indexed institution, PlanHash planHash, Decision decision);
    event Recused(StudyId indexed study, InstitutionId indexed institution);
    event Decided(StudyId indexed study, uint32 version, Decision decision);
    event ConditionsAccepted(StudyId indexed study, bytes32 conditions);
    event SiteVoted(StudyId indexed study, InstitutionId indexed site, address reviewer, PlanHash planHash);
    event SiteApproved(StudyId indexed study, InstitutionId indexed site, uint32 version, uint8 number);
    event SiteLeft(StudyId indexed study, InstitutionId indexed site, uint32 version);
    event Opened(StudyId indexed study, uint32 version, bytes32 sheet);
    event Ended(StudyId indexed study, State state);

    error NotTheApplicant(address account);
    error NotAReviewer(address account);
    error NotOfTheSite(address account);
    error SeatRecused(InstitutionId institution);
    error WrongState(StudyId study, State state);
    error StudyExists(StudyId study);
    error IncompletePlan(string field);
    error StalePlan(PlanHash given, PlanHash current);
    error PlanUnchanged(PlanHash plan);
    error DecisionOutOfRange(string field);
    error AlreadyVoted(address account);
    error ConditionsDiffer(bytes32 given, bytes32 current);
    error ApprovalExpired(UnixSeconds until);
    error TooFewSites(uint256 sites, uint256 needed);
    error SiteAlreadyApproved(InstitutionId site);
    error SiteNotApproved(InstitutionId site);
    error TooManySites(uint256 limit);

    /// @notice Applies with a plan, for the sending institution.
    /// @param salt Any value that tells two applications with one plan apart.
    function submit(Plan calldata plan, bytes32 salt) external returns (StudyId study);

    /// @notice Replaces the plan; every approval is void and the committee decides anew.
    function amend(StudyId study, Plan calldata plan) external;

    /// @notice A seat's vote; the k-th that counts makes the decision.
    /// @param planHash The plan that was read.
    function vote(StudyId study, PlanHash planHash, Decision calldata decision) external returns (bool decided);

    /// @notice A seat steps back from a study, for good.
    function recuse(StudyId study) external;

    /// @notice The applicant accepts the conditions of an approval.
    function acceptConditions(StudyId study, bytes32 conditions) external;

    /// @notice A reviewer's vote that their own site takes part; the quorum of the site's board admits it.
    /// @param planHash The plan that was read.
    function approveSite(StudyId study, PlanHash planHash) external returns (bool approved);

    /// @notice Takes the sender's own site out at once; by the institution or any one of its reviewers.
    function leaveStudy(StudyId study) external;

    /// @notice Opens the study for consent, once enough sites approved.
    function open(StudyId study) external;

    /// @notice Ends an open study: no round opens any more.
    function close(StudyId study) external;

    /// @notice Takes an application back before it was opened.
    function withdraw(StudyId study) external;

    /// @notice A study's record; state NONE when it was never submitted.
    function studyOf(StudyId study) external view returns (Study memory);

    /// @notice A study's present plan.
    function planOf(StudyId study) external view returns (Plan memory);

    /// @notice Whether rounds may open and go on at an instant: open, within the approval and the plan.
    function isRunning(StudyId study, UnixSeconds instant) external view returns (bool);

    /// @notice The sites that approved the present plan.
    function approvedSites(StudyId study) external view returns (SiteSet);

    /// @notice Institutions by their number in a study; a number once given stays.
    function sitesOf(StudyId study) external view returns (InstitutionId[] memory);

    /// @notice Whether an institution ever was a site of a study, its number there, and whether it approved the present plan.
    function siteOf(StudyId study, InstitutionId site)
        external
        view
        returns (bool isKnown, uint8 number, bool isApproved);

    /// @notice Votes for a decision that count now.
    function tally(StudyId study, Decision calldata decision) external view returns (uint256);

    /// @notice Whether a seat stepped back from a study or is the applicant's.
    function isRecused(StudyId study, InstitutionId institution) external view returns (bool);

    /// @notice Seats that make a decision.
    function quorum() external view returns (uint16);

    /// @notice keccak256(abi.encode(plan)).
    function planHashOf(Plan calldata plan) external pure returns (PlanHash);
}
