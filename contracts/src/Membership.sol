// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "./interfaces/IMembership.sol";
import {InstitutionId, NO_INSTITUTION, ProposalId, UnixSeconds} from "./Types.sol";

/// @title Membership; its words are in IMembership
contract Membership is IMembership {
    // ── constants ────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Most institutions that are ever admitted; bounds the gas of a tally.
    uint256 public constant MAX_INSTITUTIONS = 256;

    /// @notice Longest time a proposal stays open.
    uint256 public constant MAX_VOTING_PERIOD = 30 days;

    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IMembership
    uint16 public threshold;
    /// @inheritdoc IMembership
    uint16 public activeCount;

    InstitutionId[] private _ids;
    mapping(InstitutionId => Institution) private _institutions;
    /// Who ever held a key. Entries are never cleared: a retired key cannot come back under another name.
    mapping(address ledgerKey => InstitutionId) private _ledgerKeyHolder;
    mapping(bytes32 messageKey => InstitutionId) private _messageKeyHolder;
    mapping(ProposalId => ProposalState) private _proposals;
    /// The voter's term at its vote; terms start at 1.
    mapping(ProposalId => mapping(InstitutionId voter => uint32)) private _votes;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    constructor(Member[] memory founders, uint16 initialThreshold) {
        if (founders.length == 0) revert NoFounders();
        for (uint256 i = 0; i < founders.length; ++i) {
            _add(founders[i]);
        }
        _setThreshold(initialThreshold);
    }

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IMembership
    function vote(Change calldata change) external returns (ProposalId proposal, bool executed) {
        InstitutionId voter = _activeSender();
        _requireVoting(change.deadline);
        proposal = proposalId(change);
        ProposalState state = _proposals[proposal];
        if (state == ProposalState.EXECUTED) revert AlreadyExecuted(proposal);
        uint32 term = _institutions[voter].term;
        if (_votes[proposal][voter] == term) revert AlreadyVoted(proposal, voter);

        if (state == ProposalState.NONE) {
            _proposals[proposal] = ProposalState.OPEN;
            emit Proposed(proposal, voter, change);
        }
        _votes[proposal][voter] = term;
        emit Voted(proposal, voter);
        executed = _executeIfCarried(proposal, change);
    }

    /// @inheritdoc IMembership
    function execute(Change calldata change) external returns (bool executed) {
        _activeSender();
        _requireVoting(change.deadline);
        ProposalId proposal = proposalId(change);
        if (_proposals[proposal] != ProposalState.OPEN) revert NotOpen(proposal);
        return _executeIfCarried(proposal, change);
    }

    /// @inheritdoc IMembership
    function rotateOwnKeys(address ledgerKey, bytes32 messageKey, bytes32 hpkeKeyHash) external {
        _rotateKeys(_activeSender(), ledgerKey, messageKey, hpkeKeyHash);
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IMembership
    function isActive(address account) external view returns (bool) {
        return !activeMemberOf(account).isNone();
    }

    /// @inheritdoc IMembership
    function isActiveInstitution(InstitutionId id) external view returns (bool) {
        return _institutions[id].status == Status.ACTIVE;
    }

    /// @inheritdoc IMembership
    function institution(InstitutionId id) external view returns (Institution memory) {
        return _institutions[id];
    }

    /// @inheritdoc IMembership
    function institutionIds() external view returns (InstitutionId[] memory) {
        return _ids;
    }

    /// @inheritdoc IMembership
    function proposalState(ProposalId proposal) external view returns (ProposalState) {
        return _proposals[proposal];
    }

    /// @inheritdoc IMembership
    function memberOf(address account) public view returns (InstitutionId) {
        InstitutionId id = _ledgerKeyHolder[account];
        return account != address(0) && _institutions[id].ledgerKey == account ? id : NO_INSTITUTION;
    }

    /// @inheritdoc IMembership
    function activeMemberOf(address account) public view returns (InstitutionId) {
        InstitutionId id = memberOf(account);
        return _institutions[id].status == Status.ACTIVE ? id : NO_INSTITUTION;
    }

    /// @inheritdoc IMembership
    function tally(ProposalId proposal) public view returns (uint256 votes) {
        for (uint256 i = 0; i < _ids.length; ++i) {
            // Only active members vote, and suspension raises the term: an equal term is an active voter.
            uint32 term = _votes[proposal][_ids[i]];
            if (term != 0 && _institutions[_ids[i]].term == term) ++votes;
        }
    }

    /// @inheritdoc IMembership
    function highestThreshold(uint256 active) public pure returns (uint256) {
        return active < 3 ? active : active - 1;
    }

    /// @inheritdoc IMembership
    function proposalId(Change calldata change) public pure returns (ProposalId) {
        return ProposalId.wrap(keccak256(abi.encode(change)));
    }

    // ── internal: votes ──────────────────────────────────────────────────────────────────────────────────────────

    function _activeSender() private view returns (InstitutionId id) {
        id = activeMemberOf(msg.sender);
        if (id.isNone()) revert NotAnActiveMember(msg.sender);
    }

    function _requireVoting(UnixSeconds deadline) private view {
        uint256 last = UnixSeconds.unwrap(deadline);
        if (block.timestamp > last) revert VotingClosed(deadline);
        if (last > block.timestamp + MAX_VOTING_PERIOD) revert DeadlineTooFar(deadline);
    }

    function _executeIfCarried(ProposalId proposal, Change calldata change) private returns (bool) {
        if (tally(proposal) < threshold) return false;
        _proposals[proposal] = ProposalState.EXECUTED;
        emit Executed(proposal);
        _apply(change);
        return true;
    }

    function _apply(Change calldata change) private {
        Member calldata member = change.member;
        if (change.kind == ChangeKind.ADD) {
            _add(member);
        } else if (change.kind == ChangeKind.SUSPEND) {
            _suspend(member.id);
        } else if (change.kind == ChangeKind.REINSTATE) {
            _reinstate(member.id);
        } else if (change.kind == ChangeKind.ROTATE_KEYS) {
            _rotateKeys(member.id, member.ledgerKey, member.messageKey, member.hpkeKeyHash);
        } else if (change.kind == ChangeKind.SET_ROLES) {
            _setRoles(member.id, member.roles);
        } else {
            _setThreshold(change.threshold);
        }
    }

    // ── internal: changes ────────────────────────────────────────────────────────────────────────────────────────

    function _add(Member memory member) private {
        if (_ids.length == MAX_INSTITUTIONS) revert TooManyInstitutions(MAX_INSTITUTIONS);
        if (member.id.isNone() || member.roles == 0) revert IncompleteMember(member.id);
        Institution storage entry = _institutions[member.id];
        if (entry.status != Status.NONE) revert InstitutionExists(member.id);
        entry.status = Status.ACTIVE;
        entry.roles = member.roles;
        entry.term = 1;
        _ids.push(member.id);
        ++activeCount;
        _setKeys(member.id, member.ledgerKey, member.messageKey, member.hpkeKeyHash);
        emit InstitutionAdded(member.id, member.ledgerKey, member.messageKey, member.hpkeKeyHash, member.roles);
    }

    /// A threshold that fewer members could no longer carry comes down with the suspension: the k members who
    /// decide it could lower it first anyhow, and a stolen key must not have to wait.
    function _suspend(InstitutionId id) private {
        Institution storage entry = _institutions[id];
        if (entry.status != Status.ACTIVE) revert NotActive(id);
        if (activeCount == 1) revert LastActiveMember(id);
        entry.status = Status.SUSPENDED;
        ++entry.term;
        --activeCount;
        emit InstitutionSuspended(id);
        uint256 highest = highestThreshold(activeCount);
        if (threshold > highest) _setThreshold(uint16(highest));
    }

    function _reinstate(InstitutionId id) private {
        Institution storage entry = _institutions[id];
        if (entry.status != Status.SUSPENDED) revert NotSuspended(id);
        entry.status = Status.ACTIVE;
        ++activeCount;
        emit InstitutionReinstated(id);
    }

    function _rotateKeys(InstitutionId id, address ledgerKey, bytes32 messageKey, bytes32 hpkeKeyHash) private {
        Institution storage entry = _institutions[id];
        if (entry.status == Status.NONE) revert InstitutionUnknown(id);
        uint32 term = ++entry.term;
        _setKeys(id, ledgerKey, messageKey, hpkeKeyHash);
        emit KeysRotated(id, ledgerKey, messageKey, hpkeKeyHash, term);
    }

    function _setRoles(InstitutionId id, uint16 roles) private {
        if (_institutions[id].status == Status.NONE) revert InstitutionUnknown(id);
        if (roles == 0) revert IncompleteMember(id);
        _institutions[id].roles = roles;
        emit RolesChanged(id, roles);
    }

    function _setThreshold(uint16 votes) private {
        uint256 highest = highestThreshold(activeCount);
        if (votes == 0 || votes > highest) revert ThresholdOutOfRange(votes, highest);
        threshold = votes;
        emit ThresholdChanged(votes);
    }

    /// Binds keys to an institution; its present keys may stay, any other key must never have been used.
    function _setKeys(InstitutionId id, address ledgerKey, bytes32 messageKey, bytes32 hpkeKeyHash) private {
        if (ledgerKey == address(0) || messageKey == 0 || hpkeKeyHash == 0) revert IncompleteMember(id);
        Institution storage entry = _institutions[id];
        if (ledgerKey != entry.ledgerKey) {
            if (!_ledgerKeyHolder[ledgerKey].isNone()) revert LedgerKeyUsed(ledgerKey);
            _ledgerKeyHolder[ledgerKey] = id;
            entry.ledgerKey = ledgerKey;
        }
        if (messageKey != entry.messageKey) {
            if (!_messageKeyHolder[messageKey].isNone()) revert MessageKeyUsed(messageKey);
            _messageKeyHolder[messageKey] = id;
            entry.messageKey = messageKey;
        }
        entry.hpkeKeyHash = hpkeKeyHash;
    }
}
