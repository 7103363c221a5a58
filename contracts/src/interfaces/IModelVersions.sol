// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StudyId} from "../StudyTypes.sol";
import {InstitutionId} from "../Types.sol";

/// @title ModelVersions: which models a study made, what each was built on, and which were taken back
/// @notice Every final round makes one version, built on the newest version that still stands.
///
/// Laws:
/// - Versions are numbered from 1 in order of making and never change; a withdrawn version stays on record, flagged.
/// - Withdrawing a version withdraws every version built on it: the newest standing one is what it was built on.
/// - A study's model is built of at most `Plan.rounds` standing rounds, however often it was rolled back.
/// - A version is withdrawn by the applicant or by a site whose data went into it, and by nobody else.
interface IModelVersions {
    /// @notice One model.
    /// @param model Hash of its bytes.
    /// @param report Hash of the round's report: metrics, privacy spent, lists of sites.
    /// @param round The round that made it.
    /// @param base Version it was built on; 0 = the plan's initial model.
    /// @param depth Standing rounds under it, itself included.
    struct Version {
        bytes32 model;
        bytes32 report;
        uint32 round;
        uint32 base;
        uint32 depth;
        bool isWithdrawn;
    }

    event VersionMade(StudyId indexed study, uint32 indexed number, uint32 indexed round, bytes32 model, bytes32 report);
    /// @param reason Hash of a document that says why; it names no person.
    event VersionWithdrawn(StudyId indexed study, uint32 indexed number, InstitutionId indexed by, bytes32 reason);
    event ResultRecorded(StudyId indexed study, uint32 indexed number, InstitutionId indexed by, bytes32 result);

    error VersionNotStanding(StudyId study, uint32 number);
    error NotOfTheVersion(InstitutionId institution);
    error EmptyHash(string field);
    error ResultExists(bytes32 result);

    /// @notice Takes back a version and all that were built on it; a round that builds on one of them fails.
    function withdrawVersion(StudyId study, uint32 number, bytes32 reason) external;

    /// @notice Links the hash of a result to the version it was computed with.
    function recordResult(StudyId study, uint32 number, bytes32 result) external;

    /// @notice The newest version that stands; 0 = none, the plan's initial model.
    function headOf(StudyId study) external view returns (uint32 number);

    /// @notice Number of versions made, withdrawn ones included.
    function versionCount(StudyId study) external view returns (uint32);

    /// @notice A version; all zero when it was never made.
    function versionOf(StudyId study, uint32 number) external view returns (Version memory);

    /// @notice Whether a result was recorded for a version.
    function hasResult(StudyId study, uint32 number, bytes32 result) external view returns (bool);
}
