// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IConsentLedger} from "./interfaces/IConsentLedger.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {
    Commitment,
    ConsentId,
    InstitutionId,
    UnixSeconds,
    UtcDay,
    beginsAfter,
    dayAtOrAfter,
    hasBegun
} from "./Types.sol";

/// @title ConsentLedger; its words are in IConsentLedger
contract ConsentLedger is IConsentLedger, EIP712 {
    // ── types ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// One word per consent, under the address that signed for it. `tag` is the upper 216 bits of the consent id:
    /// to make one word stand for two consents of an address its holder would need a 216-bit collision (2^108 work),
    /// and would deceive about nobody's consent but their own.
    struct Record {
        State state;
        UtcDay expiryDay;
        uint216 tag;
    }

    // ── constants ────────────────────────────────────────────────────────────────────────────────────────────────

    bytes32 private constant GRANT_TYPE =
        keccak256("Grant(bytes32 commitment,uint32 expiryDay,uint64 nonce,uint64 deadline)");
    bytes32 private constant REVOKE_TYPE = keccak256("Revoke(bytes32 consentId,uint64 nonce,uint64 deadline)");

    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IConsentLedger
    IMembership public immutable membership;

    mapping(address signer => Record) private _records;
    mapping(InstitutionId => mapping(Commitment => UnixSeconds)) private _requests;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    /// OpenZeppelin's EIP712 rebuilds the domain whenever chain id or address differ from those at deployment.
    constructor(IMembership members) EIP712("Islet ConsentLedger", "1") {
        membership = members;
    }

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IConsentLedger
    function grantBatch(GrantIntent[] calldata intents) external returns (GrantCode[] memory codes) {
        _activeSender();
        codes = new GrantCode[](intents.length);
        for (uint256 i = 0; i < intents.length; ++i) {
            GrantIntent calldata intent = intents[i];
            GrantCode code = _signedGrant(intent);
            if (code != GrantCode.GRANTED) emit GrantRefused(intent.signer, intent.commitment, code);
            codes[i] = code;
        }
    }

    /// @inheritdoc IConsentLedger
    function grant(Commitment commitment, UtcDay expiryDay) external returns (ConsentId) {
        GrantCode code = _grant(commitment, msg.sender, expiryDay);
        if (code != GrantCode.GRANTED) revert GrantNotPossible(code);
        return consentIdOf(commitment, msg.sender);
    }

    /// @inheritdoc IConsentLedger
    function revoke(RevokeIntent calldata intent) external returns (ConsentId consentId) {
        if (UnixSeconds.wrap(uint64(block.timestamp)) > intent.deadline) revert DeadlinePassed(intent.deadline);
        consentId = consentIdOf(intent.commitment, intent.signer);
        bytes32 digest = revokeDigest(consentId, intent.nonce, intent.deadline);
        if (!_isSignedBy(intent.signer, digest, intent.v, intent.r, intent.s)) revert SignatureInvalid();
        _revoke(consentId, intent.signer);
    }

    /// @inheritdoc IConsentLedger
    function revokeDirect(Commitment commitment) external returns (ConsentId consentId) {
        consentId = consentIdOf(commitment, msg.sender);
        _revoke(consentId, msg.sender);
    }

    /// @inheritdoc IConsentLedger
    function requestAccess(Commitment commitment) external {
        InstitutionId institution = _activeSender();
        if (UnixSeconds.unwrap(_requests[institution][commitment]) != 0) revert RequestExists(commitment);
        _requests[institution][commitment] = UnixSeconds.wrap(uint64(block.timestamp));
        emit AccessRequested(commitment, institution);
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IConsentLedger
    function checkAccess(
        ConsentId consentId,
        address signer,
        Opening calldata opening,
        Request calldata request,
        UnixSeconds instant
    ) external view returns (bool allowed, AccessCode code) {
        code = _judgeConsent(consentId, signer, opening);
        if (code == AccessCode.ALLOWED) code = _judgeRequest(opening, request, instant);
        allowed = code == AccessCode.ALLOWED;
    }

    /// @inheritdoc IConsentLedger
    function stateAt(ConsentId consentId, address signer, UnixSeconds instant) external view returns (State) {
        (State state, UtcDay expiryDay) = consentOf(consentId, signer);
        return state == State.ACTIVE && hasBegun(expiryDay, instant) ? State.EXPIRED : state;
    }

    /// @inheritdoc IConsentLedger
    function requestedAt(InstitutionId institution, Commitment commitment) external view returns (UnixSeconds) {
        return _requests[institution][commitment];
    }

    /// @inheritdoc IConsentLedger
    function consentOf(ConsentId consentId, address signer) public view returns (State state, UtcDay expiryDay) {
        Record memory record = _records[signer];
        if (record.tag == _tag(consentId)) (state, expiryDay) = (record.state, record.expiryDay);
    }

    /// @inheritdoc IConsentLedger
    function grantDigest(Commitment commitment, UtcDay expiryDay, uint64 nonce, UnixSeconds deadline)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(GRANT_TYPE, commitment, expiryDay, nonce, deadline)));
    }

    /// @inheritdoc IConsentLedger
    function revokeDigest(ConsentId consentId, uint64 nonce, UnixSeconds deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(REVOKE_TYPE, consentId, nonce, deadline)));
    }

    /// @inheritdoc IConsentLedger
    function consentIdOf(Commitment commitment, address signer) public pure returns (ConsentId) {
        return ConsentId.wrap(keccak256(abi.encode(commitment, signer)));
    }

    /// @inheritdoc IConsentLedger
    function commitmentOf(Opening calldata opening) public pure returns (Commitment) {
        return Commitment.wrap(keccak256(abi.encode(opening)));
    }

    // ── internal: changes ────────────────────────────────────────────────────────────────────────────────────────

    function _activeSender() private view returns (InstitutionId institution) {
        institution = membership.activeMemberOf(msg.sender);
        if (institution.isNone()) revert NotAnActiveMember(msg.sender);
    }

    function _signedGrant(GrantIntent calldata intent) private returns (GrantCode) {
        if (UnixSeconds.wrap(uint64(block.timestamp)) > intent.deadline) return GrantCode.DEADLINE_PASSED;
        bytes32 digest = grantDigest(intent.commitment, intent.expiryDay, intent.nonce, intent.deadline);
        if (!_isSignedBy(intent.signer, digest, intent.v, intent.r, intent.s)) return GrantCode.SIGNATURE_INVALID;
        return _grant(intent.commitment, intent.signer, intent.expiryDay);
    }

    function _grant(Commitment commitment, address signer, UtcDay expiryDay) private returns (GrantCode) {
        ConsentId consentId = consentIdOf(commitment, signer);
        Record memory record = _records[signer];
        if (record.state != State.NONE) {
            if (record.tag != _tag(consentId)) return GrantCode.ADDRESS_SPENT;
            return record.state == State.ACTIVE ? GrantCode.ALREADY_GRANTED : GrantCode.ALREADY_REVOKED;
        }
        if (hasBegun(expiryDay, UnixSeconds.wrap(uint64(block.timestamp)))) return GrantCode.EXPIRY_PASSED;
        _records[signer] = Record({state: State.ACTIVE, expiryDay: expiryDay, tag: _tag(consentId)});
        emit Granted(consentId, signer, commitment, expiryDay);
        return GrantCode.GRANTED;
    }

    function _revoke(ConsentId consentId, address signer) private {
        Record storage record = _records[signer];
        State state = record.state;
        if (state != State.NONE && record.tag != _tag(consentId)) revert AddressSpent(signer);
        if (state == State.REVOKED) return;
        record.state = State.REVOKED;
        record.tag = _tag(consentId);
        emit Revoked(consentId, signer);
    }

    /// Refuses high-s and malformed signatures (OpenZeppelin ECDSA; EIP-2).
    function _isSignedBy(address signer, bytes32 digest, uint8 v, bytes32 r, bytes32 s) private pure returns (bool) {
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, v, r, s);
        return failure == ECDSA.RecoverError.NoError && recovered == signer;
    }

    // ── internal: judging ────────────────────────────────────────────────────────────────────────────────────────

    /// What holds or fails whatever is asked for.
    function _judgeConsent(ConsentId consentId, address signer, Opening calldata opening)
        private
        view
        returns (AccessCode)
    {
        if (consentIdOf(commitmentOf(opening), signer) != consentId) return AccessCode.OPENING_MISMATCH;
        (State state, UtcDay expiryDay) = consentOf(consentId, signer);
        if (state == State.NONE) return AccessCode.CONSENT_UNKNOWN;
        if (state == State.REVOKED) return AccessCode.CONSENT_REVOKED;
        if (dayAtOrAfter(opening.expiresAt) != expiryDay) return AccessCode.EXPIRY_MISMATCH;
        if (beginsAfter(opening.endHour, opening.expiresAt)) return AccessCode.WINDOW_AFTER_EXPIRY;
        return AccessCode.ALLOWED;
    }

    function _judgeRequest(Opening calldata opening, Request calldata request, UnixSeconds instant)
        private
        view
        returns (AccessCode)
    {
        if (request.reader != opening.reader) return AccessCode.READER_MISMATCH;
        if (!membership.isActiveInstitution(opening.reader)) return AccessCode.READER_SUSPENDED;
        if (instant < opening.notBefore) return AccessCode.NOT_YET_VALID;
        if (instant >= opening.expiresAt) return AccessCode.CONSENT_EXPIRED;
        if (opening.subject != 0 && request.subject != opening.subject) return AccessCode.SUBJECT_MISMATCH;
        if (!_holds(opening.kinds, request.kind)) return AccessCode.KIND_NOT_GRANTED;
        if (!_holds(opening.actions, request.action)) return AccessCode.ACTION_NOT_GRANTED;
        if (!_holds(opening.purposes, request.purpose)) return AccessCode.PURPOSE_NOT_GRANTED;
        bool asksForNone = request.firstHour >= request.endHour;
        bool reachesOut = request.firstHour < opening.firstHour || opening.endHour < request.endHour;
        return asksForNone || reachesOut ? AccessCode.HOURS_NOT_GRANTED : AccessCode.ALLOWED;
    }

    function _holds(uint256 mask, uint8 bit) private pure returns (bool) {
        return (mask >> bit) & 1 == 1;
    }

    function _tag(ConsentId consentId) private pure returns (uint216) {
        return uint216(uint256(ConsentId.unwrap(consentId)) >> 40);
    }
}
