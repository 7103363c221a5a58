// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IModelVersions} from "./interfaces/IModelVersions.sol";
import {StudyId} from "./StudyTypes.sol";
import {InstitutionId} from "./Types.sol";

/// @title ModelVersions; its words are in IModelVersions
abstract contract ModelVersions is IModelVersions {
    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IModelVersions
    mapping(StudyId => uint32) public headOf;
    /// @inheritdoc IModelVersions
    mapping(StudyId => uint32) public versionCount;
    /// @inheritdoc IModelVersions
    mapping(StudyId => mapping(uint32 number => mapping(bytes32 result => bool))) public hasResult;

    mapping(StudyId => mapping(uint32 number => Version)) private _versions;

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IModelVersions
    function withdrawVersion(StudyId study, uint32 number, bytes32 reason) external {
        if (reason == 0) revert EmptyHash("reason");
        Version storage version = _versions[study][number];
        if (version.round == 0 || version.isWithdrawn) revert VersionNotStanding(study, number);
        InstitutionId by = _requireOfTheVersion(study, version.round);
        // What stands is one chain, so all that was built on it lies between it and the head.
        uint32 head = headOf[study];
        while (head >= number) {
            Version storage built = _versions[study][head];
            built.isWithdrawn = true;
            emit VersionWithdrawn(study, head, by, reason);
            head = built.base;
        }
        headOf[study] = head;
        _onRollback(study, head);
    }

    /// @inheritdoc IModelVersions
    function recordResult(StudyId study, uint32 number, bytes32 result) external {
        if (result == 0) revert EmptyHash("result");
        uint32 round = _versions[study][number].round;
        if (round == 0) revert VersionNotStanding(study, number);
        InstitutionId by = _requireOfTheVersion(study, round);
        if (hasResult[study][number][result]) revert ResultExists(result);
        hasResult[study][number][result] = true;
        emit ResultRecorded(study, number, by, result);
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IModelVersions
    function versionOf(StudyId study, uint32 number) public view returns (Version memory) {
        return _versions[study][number];
    }

    // ── internal ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _makeVersion(StudyId study, uint32 round, uint32 base, bytes32 model, bytes32 report) internal {
        uint32 number = ++versionCount[study];
        uint32 depth = _versions[study][base].depth + 1;
        _versions[study][number] = Version(model, report, round, base, depth, false);
        headOf[study] = number;
        emit VersionMade(study, number, round, model, report);
    }

    /// The sending institution, if it may speak about a version made by a round.
    function _requireOfTheVersion(StudyId study, uint32 round) internal view virtual returns (InstitutionId);

    /// Called when the head went back to an earlier version.
    function _onRollback(StudyId study, uint32 head) internal virtual;
}
