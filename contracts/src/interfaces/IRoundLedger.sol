// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SiteSet, StudyId} from "../StudyTypes.sol";
import {InstitutionId, UnixSeconds} from "../Types.sol";
import {IModelVersions} from "./IModelVersions.sol";
import {IStudyLedger} from "./IStudyLedger.sol";

/// @title RoundLedger: who contributed what to a round, in which order, and which aggregate two thirds agree on
/// @notice Five dependent steps: open, cohort roots, commitments, reveals (they make the survivor set), attestations.
///
/// Laws:
/// - Only a site that approved the study's present plan, and is an active member, is expected in a round.
/// - The cohort's instant is the timestamp of the block that opens the round; a root for another block is refused.
/// - No commitment without the site's own cohort root of this round; no reveal without its commitment; each once, in
///   its step, before the step's deadline. A commitment once used is never taken again, in any round or study.
/// - A step ends when all who may act have acted, or at its deadline; with fewer than the plan's minimum of sites, or
///   in masked mode fewer than ⌊2n/3⌋+1 of the n that committed, the round fails.
/// - The survivor set is fixed before anything is attested. A site may void its own contribution until then.
/// - A round is final when ⌈2n/3⌉ of the n sites expected in it attest the identical digest; each attests once.
/// - A round in which not all expected sites survive is partial and stays recorded as partial.
/// - Any site of the study and its applicant open rounds and end steps: no coordinator is irreplaceable.
///
/// A cohort root is a salted hash over a padded tree: it says nothing about a person, nor how many there are.
interface IRoundLedger is IModelVersions {
    enum Phase {
        NONE,
        COHORTS,
        COMMITMENTS,
        REVEALS,
        ATTESTATIONS,
        FINAL,
        FAILED
    }

    /// @param planVersion Version of the plan that the round runs under.
    /// @param base Version of the model that it builds on.
    /// @param openedAt Cohort instant.
    /// @param openedBlock Height of the opening block.
    /// @param deadline Last instant of the present step.
    /// @param expected Sites that approved when it was opened.
    /// @param survivors During REVEALS those who revealed so far; afterwards fixed.
    struct Round {
        Phase phase;
        uint32 planVersion;
        uint32 base;
        UnixSeconds openedAt;
        uint64 openedBlock;
        UnixSeconds deadline;
        SiteSet expected;
        SiteSet cohorts;
        SiteSet committed;
        SiteSet survivors;
        SiteSet voided;
        SiteSet attested;
    }

    /// @param cohortRoot Salted root of the consents the site uses.
    /// @param commitment keccak256(abi.encode(study, round, site, update, salt)).
    /// @param update Hash of the update's bytes, once revealed.
    struct Contribution {
        bytes32 cohortRoot;
        bytes32 commitment;
        bytes32 update;
    }

    event RoundOpened(
        StudyId indexed study, uint32 indexed round, uint32 planVersion, uint32 base, bytes32 model, SiteSet expected
    );
    event CohortCommitted(StudyId indexed study, uint32 indexed round, InstitutionId indexed site, bytes32 root);
    event UpdateCommitted(StudyId indexed study, uint32 indexed round, InstitutionId indexed site, bytes32 commitment);
    event UpdateRevealed(StudyId indexed study, uint32 indexed round, InstitutionId indexed site, bytes32 update);
    event ContributionVoided(StudyId indexed study, uint32 indexed round, InstitutionId indexed site);
    event StepEnded(StudyId indexed study, uint32 indexed round, Phase phase, SiteSet present);
    event Attested(
        StudyId indexed study, uint32 indexed round, InstitutionId indexed site, bytes32 model, bytes32 report
    );
    event RoundFinal(StudyId indexed study, uint32 indexed round, SiteSet survivors, bool isPartial);
    event RoundFailed(StudyId indexed study, uint32 indexed round, Phase during, SiteSet present);

    error NotASite(address account);
    error StudyNotRunning(StudyId study);
    error RoundInProgress(StudyId study, uint32 round);
    error WrongRound(uint32 given, uint32 next);
    error WrongBase(uint32 given, uint32 head);
    error RoundsSpent(uint32 rounds);
    error WrongPhase(StudyId study, uint32 round, Phase phase);
    error DeadlinePassed(UnixSeconds deadline);
    error StepUnfinished(UnixSeconds deadline);
    error StaleBlock(uint64 given, uint64 opened);
    error AlreadyDone(InstitutionId site);
    error NoCohortRoot(InstitutionId site);
    error ForeignCohortRoot(bytes32 given, bytes32 own);
    error CommitmentUsed(bytes32 commitment);
    error NoCommitment(InstitutionId site);
    error CommitmentMismatch(bytes32 given, bytes32 committed);

    /// @notice Opens the next round on the newest standing version; its block is the cohort's.
    function openRound(StudyId study, uint32 round, uint32 base) external;

    /// @notice Freezes the sending site's cohort.
    /// @param openedBlock The block whose consent state was used: that of the opening.
    function commitCohort(StudyId study, uint32 round, uint64 openedBlock, bytes32 root) external;

    /// @notice Commits to the sending site's update, trained on the cohort with that root.
    function commitUpdate(StudyId study, uint32 round, bytes32 cohortRoot, bytes32 commitment) external;

    /// @notice Opens the commitment: the update lies in the object store under this hash.
    function reveal(StudyId study, uint32 round, bytes32 update, bytes32 salt) external;

    /// @notice Takes the sending site's contribution out of the round, for good.
    function voidContribution(StudyId study, uint32 round) external;

    /// @notice The sending site's word that the survivors' updates give this model.
    function attest(StudyId study, uint32 round, bytes32 model, bytes32 report) external;

    /// @notice Ends a step that is complete or overdue; fails the round when too few are present or the study stopped.
    function endStep(StudyId study, uint32 round) external;

    /// @notice Number of the latest round; 0 before the first.
    function latestRound(StudyId study) external view returns (uint32);

    /// @notice A round's record.
    function roundOf(StudyId study, uint32 round) external view returns (Round memory);

    /// @notice What a site put into a round.
    function contributionOf(StudyId study, uint32 round, InstitutionId site) external view returns (Contribution memory);

    /// @notice Attestations of a digest in a round.
    function attestations(StudyId study, uint32 round, bytes32 model, bytes32 report) external view returns (uint256);

    /// @notice keccak256(abi.encode(study, round, site, update, salt)).
    function commitmentOf(StudyId study, uint32 round, InstitutionId site, bytes32 update, bytes32 salt)
        external
        pure
        returns (bytes32);

    /// @notice Where studies and their sites are approved.
    function studies() external view returns (IStudyLedger);
}
