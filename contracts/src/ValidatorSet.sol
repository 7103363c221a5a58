// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "./interfaces/IMembership.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {InstitutionId, ProposalId, UnixSeconds} from "./Types.sol";

/// @title ValidatorSet; its words are in IValidatorSet
contract ValidatorSet is IValidatorSet {
    // ── constants ────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Fewest seats with which one may fail: 3f + 1 for f = 1.
    uint256 public constant MIN_SEATS = 4;

    /// @notice Most seats; bounds the work of a round of votes.
    uint256 public constant MAX_SEATS = 100;

    /// @notice Highest power of a seat; keeps every sum far from overflow.
    uint64 public constant MAX_POWER = 1_000_000_000;

    /// @notice Longest time a proposal stays open.
    uint256 public constant MAX_VOTING_PERIOD = 30 days;

    /// @inheritdoc IValidatorSet
    IMembership public immutable membership;
    /// @inheritdoc IValidatorSet
    uint64 public immutable epochSeconds;

    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// What has moved since the epoch began, and the smallest total that it saw.
    struct Epoch {
        uint64 number;
        uint64 added;
        uint64 removed;
        uint64 least;
    }

    struct Entry {
        bytes32 key;
        uint64 power;
        /// Place in `_seated` from 1; 0: no seat.
        uint32 place;
    }

    /// @inheritdoc IValidatorSet
    uint64 public totalPower;
    Epoch private _epoch;
    InstitutionId[] private _seated;
    mapping(InstitutionId => Entry) private _entries;
    /// Who ever held a key. Entries are never cleared.
    mapping(bytes32 key => InstitutionId) private _keyHolder;
    mapping(ProposalId => ProposalState) private _proposals;
    /// The voter's term at its vote; terms start at 1.
    mapping(ProposalId => mapping(InstitutionId voter => uint32)) private _votes;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    constructor(IMembership members, Move[] memory first, uint64 secondsPerEpoch) {
        if (secondsPerEpoch == 0) revert NoEpoch();
        membership = members;
        epochSeconds = secondsPerEpoch;
        for (uint256 i = 0; i < first.length; ++i) {
            _move(first[i]);
        }
        _requireSound();
        _epoch = Epoch(_epochNow(), 0, 0, totalPower);
    }

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IValidatorSet
    function vote(Change calldata change) external returns (ProposalId proposal, bool executed) {
        InstitutionId voter = _activeSender();
        _requireVoting(change.deadline);
        if (change.moves.length == 0) revert NoMoves();
        proposal = proposalId(change);
        ProposalState state = _proposals[proposal];
        if (state == ProposalState.EXECUTED) revert AlreadyExecuted(proposal);
        uint32 term = membership.institution(voter).term;
        if (_votes[proposal][voter] == term) revert AlreadyVoted(proposal, voter);

        if (state == ProposalState.NONE) {
            _proposals[proposal] = ProposalState.OPEN;
            emit Proposed(proposal, voter, change);
        }
        _votes[proposal][voter] = term;
        emit Voted(proposal, voter);
        executed = _executeIfCarried(proposal, change);
    }

    /// @inheritdoc IValidatorSet
    function execute(Change calldata change) external returns (bool executed) {
        _activeSender();
        _requireVoting(change.deadline);
        ProposalId proposal = proposalId(change);
        if (_proposals[proposal] != ProposalState.OPEN) revert NotOpen(proposal);
        return _executeIfCarried(proposal, change);
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IValidatorSet
    function getValidators() external view returns (bytes32[] memory keys, uint64[] memory powers) {
        uint256 count = _seated.length;
        keys = new bytes32[](count);
        powers = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) {
            Entry storage entry = _entries[_seated[i]];
            keys[i] = entry.key;
            powers[i] = entry.power;
        }
    }

    /// @inheritdoc IValidatorSet
    function seats() external view returns (Seat[] memory list) {
        list = new Seat[](_seated.length);
        for (uint256 i = 0; i < list.length; ++i) {
            Entry storage entry = _entries[_seated[i]];
            list[i] = Seat(_seated[i], entry.key, entry.power);
        }
    }

    /// @inheritdoc IValidatorSet
    function proposalState(ProposalId proposal) external view returns (ProposalState) {
        return _proposals[proposal];
    }

    /// @inheritdoc IValidatorSet
    function tally(ProposalId proposal) public view returns (uint256 votes, uint256 needed) {
        InstitutionId[] memory ids = membership.institutionIds();
        for (uint256 i = 0; i < ids.length; ++i) {
            // Only active members vote, and suspension raises the term: an equal term is an active voter.
            uint32 term = _votes[proposal][ids[i]];
            if (term != 0 && membership.institution(ids[i]).term == term) ++votes;
        }
        needed = uint256(membership.activeCount()) * 2 / 3 + 1;
    }

    /// @inheritdoc IValidatorSet
    function proposalId(Change calldata change) public pure returns (ProposalId) {
        return ProposalId.wrap(keccak256(abi.encode(change)));
    }

    // ── internal: votes ──────────────────────────────────────────────────────────────────────────────────────────

    function _activeSender() private view returns (InstitutionId id) {
        id = membership.activeMemberOf(msg.sender);
        if (id.isNone()) revert NotAnActiveMember(msg.sender);
    }

    function _requireVoting(UnixSeconds deadline) private view {
        uint256 last = UnixSeconds.unwrap(deadline);
        if (block.timestamp > last) revert VotingClosed(deadline);
        if (last > block.timestamp + MAX_VOTING_PERIOD) revert DeadlineTooFar(deadline);
    }

    function _executeIfCarried(ProposalId proposal, Change calldata change) private returns (bool) {
        (uint256 votes, uint256 needed) = tally(proposal);
        if (votes < needed) return false;
        _proposals[proposal] = ProposalState.EXECUTED;
        emit Executed(proposal);
        _apply(change.moves);
        return true;
    }

    // ── internal: seats ──────────────────────────────────────────────────────────────────────────────────────────

    function _epochNow() private view returns (uint64) {
        return uint64(block.timestamp / epochSeconds);
    }

    function _apply(Move[] calldata moves) private {
        Epoch memory epoch = _epoch;
        uint64 number = _epochNow();
        if (epoch.number != number) epoch = Epoch(number, 0, 0, totalPower);
        for (uint256 i = 0; i < moves.length; ++i) {
            (uint64 added, uint64 removed) = _move(moves[i]);
            epoch.added += added;
            epoch.removed += removed;
        }
        _requireSound();
        if (totalPower < epoch.least) epoch.least = totalPower;
        if (3 * epoch.added >= epoch.least || 3 * epoch.removed >= epoch.least) {
            revert TooFast(epoch.added, epoch.removed, epoch.least);
        }
        _epoch = epoch;
    }

    /// Makes one move; returns the power that arrived at a key and the power that left one.
    function _move(Move memory move) private returns (uint64 added, uint64 removed) {
        Entry storage entry = _entries[move.institution];
        (bytes32 oldKey, uint64 oldPower) = (entry.key, entry.power);
        if (move.power == 0) {
            if (oldPower == 0) revert NoSeat(move.institution);
            _leave(move.institution);
            move.key = 0;
            removed = oldPower;
        } else {
            if (move.institution.isNone() || move.key == 0) revert IncompleteSeat(move.institution);
            if (move.power > MAX_POWER) revert PowerTooHigh(move.institution, move.power);
            bool sameKey = move.key == oldKey;
            // Power under another key is power that comes and power that leaves.
            uint64 stays = !sameKey ? 0 : move.power < oldPower ? move.power : oldPower;
            (added, removed) = (move.power - stays, oldPower - stays);
            if (added > 0 && !membership.isActiveInstitution(move.institution)) {
                revert InstitutionNotActive(move.institution);
            }
            if (!sameKey) _take(move.institution, move.key);
            if (entry.place == 0) {
                _seated.push(move.institution);
                entry.place = uint32(_seated.length);
            }
            entry.key = move.key;
            entry.power = move.power;
        }
        totalPower = totalPower + move.power - oldPower;
        emit SeatChanged(move.institution, move.key, move.power);
    }

    function _take(InstitutionId institution, bytes32 key) private {
        InstitutionId holder = _keyHolder[key];
        if (!holder.isNone() && holder != institution) revert KeyUsed(key);
        _keyHolder[key] = institution;
    }

    function _leave(InstitutionId institution) private {
        uint256 place = _entries[institution].place;
        InstitutionId last = _seated[_seated.length - 1];
        _seated[place - 1] = last;
        _entries[last].place = uint32(place);
        _seated.pop();
        delete _entries[institution];
    }

    function _requireSound() private view {
        uint256 count = _seated.length;
        if (count < MIN_SEATS || count > MAX_SEATS) revert SeatsOutOfRange(count);
        for (uint256 i = 0; i < count; ++i) {
            if (3 * _entries[_seated[i]].power >= totalPower) revert AThirdInOneSeat(_seated[i]);
        }
    }
}
