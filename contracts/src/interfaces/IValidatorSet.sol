// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InstitutionId, ProposalId, UnixSeconds} from "../Types.sol";
import {IMembership} from "./IMembership.sol";

/// @title ValidatorSet: which institutions validate the consortium's ledger, and with which power
/// @notice The engine asks `getValidators` at the end of every block and puts the answer in force from the block after
/// the next. The first set comes with the genesis; from then on every change is a vote of the active members, of which
/// more than two thirds must agree.
///
/// Laws:
/// - There are `MIN_SEATS` to `MAX_SEATS` seats, one to an institution, each with power 1 to `MAX_POWER`.
/// - No seat holds a third of the power: no single institution can stop the ledger.
/// - Within an epoch, less than a third of the power arrives and less than a third leaves, measured at the smallest
///   total of the epoch: whoever trusted the set at its beginning can follow it to its end.
/// - Only an active member is given a seat, more power or another key; taking away is always possible.
/// - A key once used is never another institution's.
/// - A proposal is the hash of its content, nonce and deadline, and is executed at most once.
///
/// Trust scores and evidence have no power here: they give members reasons to propose.
interface IValidatorSet {
    enum ProposalState {
        NONE,
        OPEN,
        EXECUTED
    }

    /// @notice What becomes of an institution's seat.
    /// @param key Ed25519 public key (RFC 8032) that its validator signs votes with; ignored where the power is 0.
    /// @param power Voting power; 0 takes the seat away.
    struct Move {
        InstitutionId institution;
        bytes32 key;
        uint64 power;
    }

    /// @notice A change to vote on; its moves are made together or not at all, so that a seat can be swapped.
    /// @param nonce Any number that tells two proposals of the same content apart.
    /// @param deadline Last instant of voting, at most `MAX_VOTING_PERIOD` ahead.
    struct Change {
        Move[] moves;
        uint64 nonce;
        UnixSeconds deadline;
    }

    /// @notice A seat as it stands.
    struct Seat {
        InstitutionId institution;
        bytes32 key;
        uint64 power;
    }

    event Proposed(ProposalId indexed proposal, InstitutionId indexed proposer, Change change);
    event Voted(ProposalId indexed proposal, InstitutionId indexed voter);
    event Executed(ProposalId indexed proposal);
    event SeatChanged(InstitutionId indexed institution, bytes32 key, uint64 power);

    error NotAnActiveMember(address account);
    error InstitutionNotActive(InstitutionId id);
    error IncompleteSeat(InstitutionId id);
    error PowerTooHigh(InstitutionId id, uint64 power);
    error KeyUsed(bytes32 key);
    error NoSeat(InstitutionId id);
    error SeatsOutOfRange(uint256 seats);
    error AThirdInOneSeat(InstitutionId id);
    error TooFast(uint64 added, uint64 removed, uint64 leastTotal);
    error NoEpoch();
    error NoMoves();
    error VotingClosed(UnixSeconds deadline);
    error DeadlineTooFar(UnixSeconds deadline);
    error AlreadyVoted(ProposalId proposal, InstitutionId voter);
    error AlreadyExecuted(ProposalId proposal);
    error NotOpen(ProposalId proposal);

    /// @notice Votes for a change and executes it with the vote that makes more than two thirds; the first vote
    /// proposes it.
    /// @dev Reverts with the change's own error when the deciding vote meets a change that can not be made now; after
    /// `TooFast` the same vote succeeds in a later epoch.
    function vote(Change calldata change) external returns (ProposalId proposal, bool executed);

    /// @notice Executes an open proposal that has its votes because there are fewer active members now.
    function execute(Change calldata change) external returns (bool executed);

    /// @notice Keys and powers of all seats, at the same places of both lists; what the engine reads.
    function getValidators() external view returns (bytes32[] memory keys, uint64[] memory powers);

    /// @notice All seats with their institutions.
    function seats() external view returns (Seat[] memory);

    /// @notice Sum of the powers.
    function totalPower() external view returns (uint64);

    /// @notice Identifier of a change: keccak256(abi.encode(change)).
    function proposalId(Change calldata change) external pure returns (ProposalId);

    /// @notice Where a proposal stands.
    function proposalState(ProposalId proposal) external view returns (ProposalState);

    /// @notice Votes for a proposal that count now, and the votes it needs.
    function tally(ProposalId proposal) external view returns (uint256 votes, uint256 needed);

    /// @notice Length of an epoch, in seconds of block time.
    function epochSeconds() external view returns (uint64);

    /// @notice The members that vote.
    function membership() external view returns (IMembership);
}
