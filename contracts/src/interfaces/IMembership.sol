// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InstitutionId, ProposalId, UnixSeconds} from "../Types.sol";

/// @title Membership: which institutions belong to the consortium, and with which keys
/// @notice Founders are set at deployment. From then on every change is a vote of k active members, except that a
/// member replaces its own keys alone.
///
/// Laws:
/// - A suspended member can do nothing, in any contract, from that block on.
/// - The consortium cannot be locked: 1 ≤ threshold ≤ active members always and, from three active members on,
///   threshold ≤ active − 1, so that the others can replace the keys of a member that lost its own.
/// - A vote counts while its voter is active and still holds the keys it voted with.
/// - A proposal is the hash of its content, nonce and deadline, and is executed at most once.
/// - An identifier, a ledger key or a message key once used is never another institution's; a retired ledger key
///   never returns.
///
/// Nothing here concerns a person: institutions, public keys and votes only.
interface IMembership {
    /// @notice NONE: never admitted. SUSPENDED: a member without any power until reinstated.
    enum Status {
        NONE,
        ACTIVE,
        SUSPENDED
    }

    /// @notice What a vote can change; beside each, the fields of `member` that it reads (leave the others zero).
    enum ChangeKind {
        ADD, //            all
        SUSPEND, //        id
        REINSTATE, //      id
        ROTATE_KEYS, //    id, ledgerKey, messageKey, hpkeKeyHash
        SET_ROLES, //      id, roles
        SET_THRESHOLD //   none; reads `threshold`
    }

    enum ProposalState {
        NONE,
        OPEN,
        EXECUTED
    }

    /// @notice An institution as it is admitted.
    /// @param id Stable over rotations; not zero.
    /// @param ledgerKey Account that sends its transactions and signs its block heads.
    /// @param messageKey Ed25519 public key (RFC 8032) of its messages and log checkpoints.
    /// @param hpkeKeyHash Hash of its HPKE public key.
    /// @param roles Bit mask: 0 hospital, 1 research, 2 laboratory, 3 pharmacy, 4 insurer, 5 manufacturer, 6 auditor.
    struct Member {
        InstitutionId id;
        address ledgerKey;
        bytes32 messageKey;
        bytes32 hpkeKeyHash;
        uint16 roles;
    }

    /// @notice An institution as it stands.
    /// @param term Grows with every suspension and rotation; votes of an earlier term do not count.
    struct Institution {
        address ledgerKey;
        Status status;
        uint16 roles;
        uint32 term;
        bytes32 messageKey;
        bytes32 hpkeKeyHash;
    }

    /// @notice A change to vote on.
    /// @param nonce Any number that tells two proposals of the same content apart.
    /// @param deadline Last instant of voting, at most `MAX_VOTING_PERIOD` ahead: a forgotten proposal dies.
    struct Change {
        ChangeKind kind;
        Member member;
        uint16 threshold;
        uint64 nonce;
        UnixSeconds deadline;
    }

    event InstitutionAdded(
        InstitutionId indexed id, address indexed ledgerKey, bytes32 messageKey, bytes32 hpkeKeyHash, uint16 roles
    );
    event InstitutionSuspended(InstitutionId indexed id);
    event InstitutionReinstated(InstitutionId indexed id);
    event KeysRotated(
        InstitutionId indexed id, address indexed ledgerKey, bytes32 messageKey, bytes32 hpkeKeyHash, uint32 term
    );
    event RolesChanged(InstitutionId indexed id, uint16 roles);
    event ThresholdChanged(uint16 threshold);
    event Proposed(ProposalId indexed proposal, InstitutionId indexed proposer, Change change);
    event Voted(ProposalId indexed proposal, InstitutionId indexed voter);
    event Executed(ProposalId indexed proposal);

    error NotAnActiveMember(address account);
    error NoFounders();
    error TooManyInstitutions(uint256 limit);
    error IncompleteMember(InstitutionId id);
    error InstitutionExists(InstitutionId id);
    error InstitutionUnknown(InstitutionId id);
    error LedgerKeyUsed(address ledgerKey);
    error MessageKeyUsed(bytes32 messageKey);
    error NotActive(InstitutionId id);
    error NotSuspended(InstitutionId id);
    error LastActiveMember(InstitutionId id);
    error ThresholdOutOfRange(uint256 threshold, uint256 highest);
    error VotingClosed(UnixSeconds deadline);
    error DeadlineTooFar(UnixSeconds deadline);
    error AlreadyVoted(ProposalId proposal, InstitutionId voter);
    error AlreadyExecuted(ProposalId proposal);
    error NotOpen(ProposalId proposal);

    /// @notice Votes for a change and executes it when the vote is the k-th that counts; the first vote proposes it.
    /// @dev Reverts with the change's own error when the deciding vote meets a change that can no longer be made.
    /// @return proposal Identifier of the proposal.
    /// @return executed Whether the change is now made.
    function vote(Change calldata change) external returns (ProposalId proposal, bool executed);

    /// @notice Executes an open proposal that has its votes because the threshold was lowered meanwhile.
    /// @return executed Whether the change is now made.
    function execute(Change calldata change) external returns (bool executed);

    /// @notice Replaces the caller's own keys, by authority of its current ledger key alone.
    /// @dev Give the present value for a key that stays. Open votes of the caller are withdrawn with its old keys.
    function rotateOwnKeys(address ledgerKey, bytes32 messageKey, bytes32 hpkeKeyHash) external;

    /// @notice Whether an account is the current ledger key of an active member.
    function isActive(address account) external view returns (bool);

    /// @notice The institution whose current ledger key an account is, suspended ones included; zero if none.
    function memberOf(address account) external view returns (InstitutionId);

    /// @notice The active institution whose current ledger key an account is; zero if none.
    function activeMemberOf(address account) external view returns (InstitutionId);

    /// @notice Whether an institution is an active member.
    function isActiveInstitution(InstitutionId id) external view returns (bool);

    /// @notice An institution's entry; status NONE when it was never admitted.
    function institution(InstitutionId id) external view returns (Institution memory);

    /// @notice Identifiers of all institutions in order of admission, suspended ones included.
    function institutionIds() external view returns (InstitutionId[] memory);

    /// @notice Votes that a change needs.
    function threshold() external view returns (uint16);

    /// @notice Number of active members.
    function activeCount() external view returns (uint16);

    /// @notice The highest threshold allowed at a number of active members.
    function highestThreshold(uint256 active) external pure returns (uint256);

    /// @notice Identifier of a change: keccak256(abi.encode(change)).
    function proposalId(Change calldata change) external pure returns (ProposalId);

    /// @notice Where a proposal stands.
    function proposalState(ProposalId proposal) external view returns (ProposalState);

    /// @notice Votes for a proposal that count now.
    function tally(ProposalId proposal) external view returns (uint256 votes);
}
