// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Commitment, ConsentId, InstitutionId, UnixSeconds, UtcDay, UtcHour} from "../Types.sol";
import {IMembership} from "./IMembership.sol";

/// @title ConsentLedger: the evidence of consents, and their off-switch
/// @notice A consent is a salted commitment signed by an address made for it alone. What it says (who may read what,
/// for which purpose, until when) is its *opening*, which stays with those entitled to it.
///
/// Laws:
/// - Terminal: NONE → ACTIVE → REVOKED or NONE → REVOKED, never back. EXPIRED is derived from an instant, never stored.
/// - The owner can always revoke: anyone may relay the signed revoke, the owner may send it, no member has a say,
///   and there is no order of nonces to wait for. Revoking twice changes nothing.
/// - A revoke that arrives before its grant leaves a tombstone, so that a grant held back cannot rise after it.
/// - One address signs for one consent: its word of storage is all that the contract keeps, and a second consent
///   of the same address is refused, so that no address links two consents.
/// - Only the signer's own revoke touches a consent: `consentId` is computed here from commitment and signer.
/// - A signature holds for one chain (live chain id), one contract, one action, and until its deadline. Within these
///   it takes effect once, because states are terminal; the nonce tells apart two signatures of the same content.
/// - No datum of a person: commitments, addresses used once, whole UTC days.
///
/// ## Codes of `checkAccess`, in the order in which they are judged
/// | n  | code                | means |
/// |----|---------------------|-------|
/// | 0  | ALLOWED             | everything holds |
/// | 1  | OPENING_MISMATCH    | commitment of the opening and signer do not hash to the consent id |
/// | 2  | CONSENT_UNKNOWN     | no grant and no revoke of this id stands on the ledger |
/// | 3  | CONSENT_REVOKED     | revoked, or revoked before it was granted |
/// | 4  | EXPIRY_MISMATCH     | the day on the ledger is not the opening's expiry rounded up |
/// | 5  | WINDOW_AFTER_EXPIRY | the data window ends after the expiry |
/// | 6  | READER_MISMATCH     | the request is of another institution |
/// | 7  | READER_SUSPENDED    | the reader institution is not an active member |
/// | 8  | NOT_YET_VALID       | instant < notBefore |
/// | 9  | CONSENT_EXPIRED     | instant ≥ expiresAt |
/// | 10 | SUBJECT_MISMATCH    | the consent names a person or study, the request another |
/// | 11 | KIND_NOT_GRANTED    | the kind of data is not in the mask |
/// | 12 | ACTION_NOT_GRANTED  | the action is not in the mask |
/// | 13 | PURPOSE_NOT_GRANTED | the purpose is not in the mask |
/// | 14 | HOURS_NOT_GRANTED   | the hours asked for are none, or not all inside the data window |
interface IConsentLedger {
    /// @notice Life cycle of a consent; EXPIRED is an answer of `stateAt` and never stored.
    enum State {
        NONE,
        ACTIVE,
        REVOKED,
        EXPIRED
    }

    /// @notice What became of one item of a batch.
    enum GrantCode {
        GRANTED, //              now active
        SIGNATURE_INVALID, //    not the named signer's signature over these words on this chain and contract, or high s
        DEADLINE_PASSED, //      block time is after the deadline
        EXPIRY_PASSED, //        the expiry day has begun: the grant would end before it starts
        ALREADY_GRANTED, //      this very consent is active
        ALREADY_REVOKED, //      this very consent is revoked
        ADDRESS_SPENT //         the address has signed for another consent
    }

    enum AccessCode {
        ALLOWED,
        OPENING_MISMATCH,
        CONSENT_UNKNOWN,
        CONSENT_REVOKED,
        EXPIRY_MISMATCH,
        WINDOW_AFTER_EXPIRY,
        READER_MISMATCH,
        READER_SUSPENDED,
        NOT_YET_VALID,
        CONSENT_EXPIRED,
        SUBJECT_MISMATCH,
        KIND_NOT_GRANTED,
        ACTION_NOT_GRANTED,
        PURPOSE_NOT_GRANTED,
        HOURS_NOT_GRANTED
    }

    /// @notice A signed Grant(bytes32 commitment,uint32 expiryDay,uint64 nonce,uint64 deadline).
    struct GrantIntent {
        Commitment commitment;
        address signer;
        UtcDay expiryDay;
        uint64 nonce;
        UnixSeconds deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @notice A signed Revoke(bytes32 consentId,uint64 nonce,uint64 deadline).
    /// @param commitment Proves that the consent id is the signer's own.
    struct RevokeIntent {
        Commitment commitment;
        address signer;
        uint64 nonce;
        UnixSeconds deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @notice What a consent says. Its commitment is keccak256(abi.encode(opening)).
    /// @param reader Institution that may read.
    /// @param subject Hash that names a person or study there; 0 = the institution.
    /// @param kinds Bit per kind of data: 0 glucose, 1 insulin, 2 meals, 3 laboratory, 4 conditions, 5 notes, 6 device.
    /// @param actions Bit per action: 0 read, 1 write.
    /// @param purposes Bit per purpose of use: 0 TREAT, 1 HRESCH, 2 ETREAT, 3 HPAYMT, 4 HOPERAT, 5 PATRQT, …
    /// @param firstHour First hour of the data window.
    /// @param endHour First hour after the data window.
    /// @param notBefore First instant of access.
    /// @param expiresAt First instant without access.
    /// @param patientKey Enrolled Ed25519 identity key of the patient.
    /// @param delegate Flags of who signed for the patient; 0 = the patient.
    /// @param termsHash Hash of the sentence shown and of the FHIR Consent.
    /// @param salt 32 random bytes; once destroyed, the commitment names nobody.
    struct Opening {
        InstitutionId reader;
        bytes32 subject;
        uint16 kinds;
        uint8 actions;
        uint16 purposes;
        UtcHour firstHour;
        UtcHour endHour;
        UnixSeconds notBefore;
        UnixSeconds expiresAt;
        bytes32 patientKey;
        uint8 delegate;
        bytes32 termsHash;
        bytes32 salt;
    }

    /// @notice What a reader asks for: one kind, one action, one purpose (each the number of its bit), a run of hours.
    struct Request {
        InstitutionId reader;
        bytes32 subject;
        uint8 kind;
        uint8 action;
        uint8 purpose;
        UtcHour firstHour;
        UtcHour endHour;
    }

    event Granted(ConsentId indexed consentId, address indexed signer, Commitment commitment, UtcDay expiryDay);
    event GrantRefused(address indexed signer, Commitment commitment, GrantCode code);
    /// @notice Without an earlier `Granted` of the same id this is a tombstone.
    event Revoked(ConsentId indexed consentId, address indexed signer);
    event AccessRequested(Commitment indexed commitment, InstitutionId indexed institution);

    error NotAnActiveMember(address account);
    error GrantNotPossible(GrantCode code);
    error SignatureInvalid();
    error DeadlinePassed(UnixSeconds deadline);
    error AddressSpent(address signer);
    error RequestExists(Commitment commitment);

    /// @notice Relays signed grants; only active members. A bad item is refused by itself with `GrantRefused`.
    /// @return codes One per intent, in order.
    function grantBatch(GrantIntent[] calldata intents) external returns (GrantCode[] memory codes);

    /// @notice Grants as the sender: the path past every relayer.
    function grant(Commitment commitment, UtcDay expiryDay) external returns (ConsentId consentId);

    /// @notice Revokes by signature; anyone may relay. Without effect, and without revert, when already revoked.
    function revoke(RevokeIntent calldata intent) external returns (ConsentId consentId);

    /// @notice Revokes as the sender.
    function revokeDirect(Commitment commitment) external returns (ConsentId consentId);

    /// @notice Records a salted commitment to an access request of the sending member; no grant refers to it.
    function requestAccess(Commitment commitment) external;

    /// @notice Judges a request against a consent at an instant that the caller names.
    /// @dev Made for a local node: an opening must never be sent to somebody else's.
    /// @param signer Address that signed the consent.
    /// @param instant The instant; a view never reads the clock of a block.
    /// @return allowed Whether `code` is ALLOWED.
    /// @return code The first refusal in the order of the table above.
    function checkAccess(
        ConsentId consentId,
        address signer,
        Opening calldata opening,
        Request calldata request,
        UnixSeconds instant
    ) external view returns (bool allowed, AccessCode code);

    /// @notice Stored state and expiry day of a consent; NONE for an id that is not the signer's.
    function consentOf(ConsentId consentId, address signer) external view returns (State state, UtcDay expiryDay);

    /// @notice State at an instant by the day on the ledger; the exact expiry is in the opening.
    function stateAt(ConsentId consentId, address signer, UnixSeconds instant) external view returns (State);

    /// @notice Block time at which an institution recorded a request commitment; 0 if it did not.
    function requestedAt(InstitutionId institution, Commitment commitment) external view returns (UnixSeconds);

    /// @notice keccak256(abi.encode(commitment, signer)).
    function consentIdOf(Commitment commitment, address signer) external pure returns (ConsentId);

    /// @notice keccak256(abi.encode(opening)).
    function commitmentOf(Opening calldata opening) external pure returns (Commitment);

    /// @notice EIP-712 digest of a grant on this chain and contract.
    function grantDigest(Commitment commitment, UtcDay expiryDay, uint64 nonce, UnixSeconds deadline)
        external
        view
        returns (bytes32);

    /// @notice EIP-712 digest of a revoke on this chain and contract.
    function revokeDigest(ConsentId consentId, uint64 nonce, UnixSeconds deadline) external view returns (bytes32);

    /// @notice The members that may relay and read.
    function membership() external view returns (IMembership);
}
