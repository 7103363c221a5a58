// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StudyId} from "../StudyTypes.sol";
import {InstitutionId} from "../Types.sol";
import {IStudyLedger} from "./IStudyLedger.sol";

/// @title Credits: one-time salted vouchers for taking part in a study
/// @notice A site issues one padded batch of vouchers per study. Each commits to a fresh key of the person who holds it;
/// that key alone has it redeemed, by the member it names, once.
///
/// Laws:
/// - A voucher is for a study, never for a reading, a day or a round.
/// - A voucher counts at most once: its nullifier follows from study, site and bearer, whoever sends it.
/// - Only the bearer's own signature redeems, and only at the member that it names: neither the issuing site nor who
///   sees the transaction can spend it.
/// - No balance, no transfer, no name: the ledger holds roots, padded sizes, nullifiers and one-time keys only.
/// - Only a site that approved the study issues, and only once per study: nobody can add vouchers afterwards.
/// - Of a batch no more vouchers are redeemed than it has leaves.
///
/// What a member gives for a voucher is its own affair and stays off the ledger.
/// Limit: whoever redeems learns that the bearer took part in that study at that site; the issuing site, which knows
/// whom it gave which leaf, can see on the ledger when it was redeemed and where.
interface ICredits {
    /// @param root Root over the leaves, in the shape of RFC 9162 section 2.1.
    /// @param size Number of leaves; dummies fill it up to a power of two.
    /// @param redeemed Vouchers of it that were redeemed.
    struct Batch {
        bytes32 root;
        uint32 size;
        uint32 redeemed;
    }

    /// @param bearer Address of the fresh key that redeems.
    /// @param salt 32 random bytes of the person, so that a leaf does not give the bearer away before.
    struct Voucher {
        StudyId study;
        InstitutionId site;
        address bearer;
        bytes32 salt;
    }

    event Issued(StudyId indexed study, InstitutionId indexed site, bytes32 root, uint32 size);
    event Redeemed(StudyId indexed study, InstitutionId indexed site, bytes32 indexed nullifier, InstitutionId by);

    error NotAnIssuer(address account);
    error AlreadyIssued(StudyId study, InstitutionId site);
    error BatchOutOfRange(string field);
    error NotARedeemer(address account);
    error NotInTheBatch(StudyId study, InstitutionId site);
    error NotTheBearer(address bearer);
    error AlreadyRedeemed(bytes32 nullifier);

    /// @notice Issues the sending site's vouchers of a study, all at once.
    function issue(StudyId study, bytes32 root, uint32 size) external;

    /// @notice Redeems a voucher at the sending member.
    /// @param index Place of the leaf, from 0.
    /// @param path Siblings from the leaf up.
    /// @param signature The bearer's over `redemptionDigest`, 65 bytes, low s.
    function redeem(
        Voucher calldata voucher,
        uint64 index,
        bytes32[] calldata path,
        bytes calldata signature
    ) external returns (bytes32 nullifier);

    /// @notice A site's batch for a study; zeros if it issued none.
    function batchOf(StudyId study, InstitutionId site) external view returns (Batch memory);

    /// @notice Whether a nullifier was noted.
    function isRedeemed(bytes32 nullifier) external view returns (bool);

    /// @notice keccak256(abi.encode(voucher)): what the person gives the site, which learns no more from it.
    function commitmentOf(Voucher calldata voucher) external pure returns (bytes32);

    /// @notice keccak256(abi.encode(study, site, bearer)).
    function nullifierOf(StudyId study, InstitutionId site, address bearer) external pure returns (bytes32);

    /// @notice EIP-712 digest of Redemption(bytes32 nullifier,bytes32 redeemer).
    function redemptionDigest(bytes32 nullifier, InstitutionId redeemer) external view returns (bytes32);

    /// @notice Where studies and their sites are approved.
    function studies() external view returns (IStudyLedger);
}
