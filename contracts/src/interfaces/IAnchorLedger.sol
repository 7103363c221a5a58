// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Extent, Head, InstitutionId, Slot, Stream} from "../Types.sol";
import {IMembership} from "./IMembership.sol";

/// @title AnchorLedger: when an institution held which sealed objects, and how far its access log went
/// @notice One Merkle root per institution, stream and slot, whatever was written in the slot, empty ones included.
///
/// Laws:
/// - Only an active member anchors, and only for itself.
/// - Slot numbers of a stream strictly increase and never run ahead of the clock; nothing is ever replaced. A
///   correction is an anchor of a later slot that names the slot it corrects.
/// - Anchors of a stream form a hash chain: each call names the head it stands on, and heads never branch.
/// - On the objects stream the leaf count is padded to a power of two: a count that follows the day's traffic is a
///   fingerprint of the people behind it. The size of the access log is that of its signed checkpoint.
///
/// ## The word of storage
/// `Head` = slot (64 bits) ‖ first 192 bits of keccak256(abi.encode(institution, stream, slot, corrects, root, count,
/// previous)). One word makes an anchor cheap and carries the slot number in clear, so that order is enforced by a
/// comparison. 192 bits suffice: replacing what another institution anchored needs a second preimage (2^192 work);
/// an institution that wants two histories of its own under one head needs a collision (2^96 work, about 10^28
/// hashes), and still every anchor stands in full in the events of the blocks, which is what auditors check.
interface IAnchorLedger {
    /// @notice One root to anchor.
    /// @param slot Number of the slot: minutes since 1970-01-01T00:00Z divided by the plan's slot length.
    /// @param corrects Earlier slot that this one corrects; 0 = none.
    /// @param root Root of the slot's Merkle tree (RFC 9162), or of the access log's checkpoint.
    /// @param count Leaves under the root.
    /// @param previous Head of the stream that this anchor stands on; 0 for the first.
    struct Anchor {
        Stream stream;
        Slot slot;
        Slot corrects;
        bytes32 root;
        uint64 count;
        Head previous;
    }

    /// @notice What an institution anchors in every slot, in the fewest words: both streams, neither of them a correction.
    /// @param extent The slot, the padded count of its objects and the size of the access log.
    /// @param root Root of the slot's objects.
    /// @param previous Head of the objects stream.
    /// @param logRoot Root of the access log at that size.
    /// @param logPrevious Head of the access log's stream.
    struct SlotAnchor {
        Extent extent;
        bytes32 root;
        Head previous;
        bytes32 logRoot;
        Head logPrevious;
    }

    event Anchored(
        InstitutionId indexed institution,
        Stream indexed stream,
        Slot indexed slot,
        bytes32 root,
        uint64 count,
        Head previous
    );
    /// @notice Follows the `Anchored` of the same slot.
    event Corrected(InstitutionId indexed institution, Stream indexed stream, Slot indexed slot, Slot corrects);

    error NotAnActiveMember(address account);
    error SlotNotAfter(Slot slot, Slot latest);
    error SlotInFuture(Slot slot, Slot highest);
    error CorrectsLaterSlot(Slot slot, Slot corrects);
    error CountNotPadded(uint64 count);
    error NotTheHead(Head given, Head head);

    /// @notice Anchors one root for the sending institution.
    /// @return head The stream's new head.
    function anchor(Anchor calldata item) external returns (Head head);

    /// @notice Anchors several roots in order, all or none; each names the head that the one before it left.
    function anchorBatch(Anchor[] calldata items) external;

    /// @notice Anchors a slot on both streams, both or neither: the same heads and events as two anchors make.
    function anchorSlot(SlotAnchor calldata item) external;

    /// @notice Head of an institution's stream; 0 before its first anchor.
    function headOf(InstitutionId institution, Stream stream) external view returns (Head);

    /// @notice Latest anchored slot of an institution's stream; 0 before its first anchor.
    function latestSlot(InstitutionId institution, Stream stream) external view returns (Slot);

    /// @notice The head that an anchor makes.
    function headAfter(InstitutionId institution, Anchor calldata item) external pure returns (Head);

    /// @notice Whether a leaf stands at an index under a root.
    /// @dev RFC 9162 section 2.1.3.2 with SHA-256: leaf hash = H(0x00 ‖ leaf), node = H(0x01 ‖ left ‖ right).
    /// @param leaf The leaf's bytes, before hashing.
    /// @param index From 0.
    /// @param size Leaves under the root.
    /// @param path Sibling hashes from the leaf upwards.
    function verifyInclusion(bytes calldata leaf, uint64 index, uint64 size, bytes32[] calldata path, bytes32 root)
        external
        pure
        returns (bool);

    /// @notice The members that may anchor.
    function membership() external view returns (IMembership);
}
