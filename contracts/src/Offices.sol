// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "./interfaces/IMembership.sol";
import {IOffices} from "./interfaces/IOffices.sol";
import {InstitutionId, NO_INSTITUTION} from "./Types.sol";

/// @title Offices; its words are in IOffices
abstract contract Offices is IOffices {
    // ── constants ────────────────────────────────────────────────────────────────────────────────────────────────

    uint256 public constant MOST_REVIEWERS = 32;

    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    struct Board {
        uint32 number;
        uint8 needed;
        address[] reviewers;
    }

    /// @inheritdoc IOffices
    IMembership public immutable membership;
    /// @inheritdoc IOffices
    mapping(InstitutionId => address) public seatOf;

    mapping(InstitutionId => Board) private _boards;
    mapping(address => InstitutionId) private _appointed;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    constructor(IMembership members) {
        membership = members;
    }

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IOffices
    function seat(address holder) external {
        InstitutionId institution = _activeSender();
        _appointed[seatOf[institution]] = NO_INSTITUTION;
        seatOf[institution] = holder;
        if (holder != address(0)) _appoint(holder, institution);
        emit SeatTaken(institution, holder);
    }

    /// @inheritdoc IOffices
    function setBoard(address[] calldata reviewers, uint8 needed) external {
        InstitutionId institution = _activeSender();
        bool isInRange = needed != 0 && needed <= reviewers.length && reviewers.length <= MOST_REVIEWERS;
        if (!isInRange) revert BoardOutOfRange(reviewers.length, needed);
        Board storage board = _boards[institution];
        for (uint256 i = 0; i < board.reviewers.length; ++i) {
            _appointed[board.reviewers[i]] = NO_INSTITUTION;
        }
        for (uint256 i = 0; i < reviewers.length; ++i) {
            _appoint(reviewers[i], institution);
        }
        board.reviewers = reviewers;
        board.needed = needed;
        emit BoardSet(institution, ++board.number, needed, reviewers);
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IOffices
    function boardOf(InstitutionId institution) public view returns (uint32 number, uint8 needed) {
        return (_boards[institution].number, _boards[institution].needed);
    }

    /// @inheritdoc IOffices
    function reviewsFor(address account) public view returns (InstitutionId institution) {
        institution = _appointed[account];
        if (seatOf[institution] == account) return NO_INSTITUTION;
    }

    // ── internal ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _activeSender() internal view returns (InstitutionId institution) {
        institution = membership.activeMemberOf(msg.sender);
        if (institution.isNone()) revert NotAnActiveMember(msg.sender);
    }

    /// The active institution whose seat the sender holds.
    function _seatedSender() internal view returns (InstitutionId institution) {
        institution = _appointed[msg.sender];
        bool isSeated = !institution.isNone() && seatOf[institution] == msg.sender;
        if (!isSeated || !membership.isActiveInstitution(institution)) revert NotSeated(msg.sender);
    }

    function _appoint(address account, InstitutionId institution) private {
        bool isFree = account != address(0) && _appointed[account].isNone() && membership.memberOf(account).isNone();
        if (!isFree) revert AccountTaken(account);
        _appointed[account] = institution;
    }
}
