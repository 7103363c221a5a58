// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InstitutionId} from "../Types.sol";
import {IMembership} from "./IMembership.sol";

/// @title Offices: which accounts decide on studies for an institution
/// @notice Each member institution fills its own offices: one seat on the common committee, and a board of reviewers
/// that decides for its own site.
///
/// Laws:
/// - Only the institution itself fills its offices.
/// - An account holds one office at one institution, and no ledger key of an institution holds any: whoever sends an
///   institution's transactions does not also decide for it by that key.
/// - Offices of a suspended member have no power while it is suspended, except to leave.
interface IOffices {
    event SeatTaken(InstitutionId indexed institution, address holder);
    event BoardSet(InstitutionId indexed institution, uint32 board, uint8 quorum, address[] reviewers);

    error NotAnActiveMember(address account);
    error NotSeated(address account);
    error AccountTaken(address account);
    error BoardOutOfRange(uint256 reviewers, uint256 quorum);

    /// @notice The sending institution names the holder of its seat on the committee; 0 leaves it empty.
    function seat(address holder) external;

    /// @notice The sending institution names its reviewers, at most `MOST_REVIEWERS`, and how many of them admit a study.
    /// @dev Voids votes that have not led to an approval; approvals stand.
    function setBoard(address[] calldata reviewers, uint8 needed) external;

    /// @notice Holder of an institution's seat; zero if empty.
    function seatOf(InstitutionId institution) external view returns (address);

    /// @notice Number of an institution's board, from 1 and growing with every change, and its quorum; zeros if none.
    function boardOf(InstitutionId institution) external view returns (uint32 number, uint8 needed);

    /// @notice The institution on whose board an account sits; zero if on none.
    function reviewsFor(address account) external view returns (InstitutionId);

    /// @notice The members that fill offices.
    function membership() external view returns (IMembership);
}
