// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorLedger} from "./interfaces/IAnchorLedger.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {MerkleInclusion} from "./MerkleInclusion.sol";
import {ACCESS_LOG, Head, InstitutionId, NO_SLOT, OBJECTS, Slot, Stream} from "./Types.sol";

/// @title AnchorLedger; its words are in IAnchorLedger
contract AnchorLedger is IAnchorLedger {
    // ── constants ────────────────────────────────────────────────────────────────────────────────────────────────

    /// Slots are at least a minute long, so that no slot number exceeds the minutes since 1970.
    uint256 private constant SHORTEST_SLOT = 1 minutes;
    uint256 private constant HASH_BITS = 192;

    // ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IAnchorLedger
    IMembership public immutable membership;

    mapping(InstitutionId => mapping(Stream => Head)) private _heads;

    // ── constructor ──────────────────────────────────────────────────────────────────────────────────────────────

    constructor(IMembership members) {
        membership = members;
    }

    // ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IAnchorLedger
    function anchor(Anchor calldata item) external returns (Head) {
        return _anchor(_activeSender(), item);
    }

    /// @inheritdoc IAnchorLedger
    function anchorBatch(Anchor[] calldata items) external {
        InstitutionId institution = _activeSender();
        for (uint256 i = 0; i < items.length; ++i) {
            _anchor(institution, items[i]);
        }
    }

    /// @inheritdoc IAnchorLedger
    function anchorSlot(SlotAnchor calldata item) external {
        InstitutionId institution = _activeSender();
        (Slot slot, uint64 count, uint64 size) = item.extent.parts();
        _anchor(institution, Anchor(OBJECTS, slot, NO_SLOT, item.root, count, item.previous));
        _anchor(institution, Anchor(ACCESS_LOG, slot, NO_SLOT, item.logRoot, size, item.logPrevious));
    }

    // ── views ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IAnchorLedger
    function headOf(InstitutionId institution, Stream stream) external view returns (Head) {
        return _heads[institution][stream];
    }

    /// @inheritdoc IAnchorLedger
    function latestSlot(InstitutionId institution, Stream stream) external view returns (Slot) {
        return _slotOf(_heads[institution][stream]);
    }

    /// @inheritdoc IAnchorLedger
    function verifyInclusion(bytes calldata leaf, uint64 index, uint64 size, bytes32[] calldata path, bytes32 root)
        external
        pure
        returns (bool)
    {
        return MerkleInclusion.verify(MerkleInclusion.leafHash(leaf), index, size, path, root);
    }

    /// @inheritdoc IAnchorLedger
    function headAfter(InstitutionId institution, Anchor calldata item) external pure returns (Head) {
        return _headAfter(institution, item);
    }

    // ── internal ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _activeSender() private view returns (InstitutionId institution) {
        institution = membership.activeMemberOf(msg.sender);
        if (institution.isNone()) revert NotAnActiveMember(msg.sender);
    }

    function _anchor(InstitutionId institution, Anchor memory item) private returns (Head next) {
        Head head = _heads[institution][item.stream];
        if (item.previous != head) revert NotTheHead(item.previous, head);
        if (item.slot <= _slotOf(head)) revert SlotNotAfter(item.slot, _slotOf(head));
        Slot highest = Slot.wrap(uint64(block.timestamp / SHORTEST_SLOT));
        if (item.slot > highest) revert SlotInFuture(item.slot, highest);
        if (item.slot <= item.corrects) revert CorrectsLaterSlot(item.slot, item.corrects);
        if (Stream.unwrap(item.stream) == Stream.unwrap(OBJECTS)) _requirePadded(item.count);

        next = _headAfter(institution, item);
        _heads[institution][item.stream] = next;
        emit Anchored(institution, item.stream, item.slot, item.root, item.count, item.previous);
        if (Slot.unwrap(item.corrects) != 0) emit Corrected(institution, item.stream, item.slot, item.corrects);
    }

    function _headAfter(InstitutionId institution, Anchor memory item) private pure returns (Head) {
        bytes32 digest = keccak256(abi.encode(institution, item));
        return Head.wrap(bytes32(uint256(Slot.unwrap(item.slot)) << HASH_BITS) | digest >> (256 - HASH_BITS));
    }

    function _requirePadded(uint64 count) private pure {
        if (count == 0 || count & (count - 1) != 0) revert CountNotPadded(count);
    }

    function _slotOf(Head head) private pure returns (Slot) {
        return Slot.wrap(uint64(uint256(Head.unwrap(head)) >> HASH_BITS));
    }
}
