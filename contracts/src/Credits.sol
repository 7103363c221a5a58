// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICredits} from "./interfaces/ICredits.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {IStudyLedger} from "./interfaces/IStudyLedger.sol";
import {MerkleInclusion} from "./MerkleInclusion.sol";
import {StudyId} from "./StudyTypes.sol";
import {InstitutionId, NO_INSTITUTION} from "./Types.sol";

/// @title Credits; its words are in ICredits
contract Credits is ICredits, EIP712 {
    // ── constants ────────────────────────────────────────────────────────────────────────────────────────────────

    /// Fewest leaves: below it, the size of a batch would tell small cohorts apart.
    uint32 private constant FEWEST_LEAVES = 16;
    uint32 private constant MOST_LEAVES = 1 << 24;
    bytes32 private constant REDEMPTION_TYPEHASH = keccak256("Redemption(bytes32 nullifier,bytes32 redeemer)");

    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc ICredits
    IStudyLedger public immutable studies;
    IMembership private immutable _members;

    /// @inheritdoc ICredits
    mapping(bytes32 nullifier => bool) public isRedeemed;

    mapping(StudyId => mapping(InstitutionId => Batch)) private _batches;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    constructor(IStudyLedger ledger) EIP712("Islet Credits", "1") {
        studies = ledger;
        _members = ledger.membership();
    }

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc ICredits
    function issue(StudyId study, bytes32 root, uint32 size) external {
        InstitutionId site = _members.activeMemberOf(msg.sender);
        (,, bool isApproved) = studies.siteOf(study, site);
        if (site == NO_INSTITUTION || !isApproved) revert NotAnIssuer(msg.sender);
        if (root == 0) revert BatchOutOfRange("root");
        bool isSize = size >= FEWEST_LEAVES && size <= MOST_LEAVES && size & (size - 1) == 0;
        if (!isSize) revert BatchOutOfRange("size");
        Batch storage batch = _batches[study][site];
        if (batch.size != 0) revert AlreadyIssued(study, site);
        (batch.root, batch.size) = (root, size);
        emit Issued(study, site, root, size);
    }

    /// @inheritdoc ICredits
    function redeem(Voucher calldata voucher, uint64 index, bytes32[] calldata path, bytes calldata signature)
        external
        returns (bytes32 nullifier)
    {
        InstitutionId by = _members.activeMemberOf(msg.sender);
        if (by == NO_INSTITUTION) revert NotARedeemer(msg.sender);
        (StudyId study, InstitutionId site) = (voucher.study, voucher.site);
        nullifier = nullifierOf(study, site, voucher.bearer);
        if (isRedeemed[nullifier]) revert AlreadyRedeemed(nullifier);
        Batch storage batch = _batches[study][site];
        bytes32 leaf = sha256(abi.encodePacked(bytes1(0x00), commitmentOf(voucher)));
        if (!MerkleInclusion.verify(leaf, index, batch.size, path, batch.root)) revert NotInTheBatch(study, site);
        (address signer, ECDSA.RecoverError failure,) =
            ECDSA.tryRecoverCalldata(redemptionDigest(nullifier, by), signature);
        bool isBearer = failure == ECDSA.RecoverError.NoError && signer == voucher.bearer;
        if (!isBearer) revert NotTheBearer(voucher.bearer);
        isRedeemed[nullifier] = true;
        ++batch.redeemed;
        emit Redeemed(study, site, nullifier, by);
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc ICredits
    function batchOf(StudyId study, InstitutionId site) external view returns (Batch memory) {
        return _batches[study][site];
    }

    /// @inheritdoc ICredits
    function redemptionDigest(bytes32 nullifier, InstitutionId redeemer) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(REDEMPTION_TYPEHASH, nullifier, redeemer)));
    }

    /// @inheritdoc ICredits
    function commitmentOf(Voucher calldata voucher) public pure returns (bytes32) {
        return keccak256(abi.encode(voucher));
    }

    /// @inheritdoc ICredits
    function nullifierOf(StudyId study, InstitutionId site, address bearer) public pure returns (bytes32) {
        return keccak256(abi.encode(study, site, bearer));
    }
}
