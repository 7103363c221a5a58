// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorLedger} from "../src/interfaces/IAnchorLedger.sol";
import {Extent, Head, Slot, Stream} from "../src/Types.sol";
import {Invariants} from "./support/Invariants.sol";
import {vm} from "./support/Vm.sol";

/// Random anchors of four members and a stranger on three streams, sound and unsound, under suspensions and key
/// rotations, against the list of what was accepted.
contract AnchorLedgerInvariants is Invariants {
    uint256 private constant STREAMS = 3;

    mapping(uint256 who => mapping(uint256 stream => IAnchorLedger.Anchor[])) private accepted;
    mapping(uint256 who => uint256) private generation;

    function actions() internal pure override returns (bytes4[] memory list) {
        list = new bytes4[](6);
        list[0] = this.anchor.selector;
        list[1] = this.anchorSoundly.selector;
        list[2] = this.changeMembers.selector;
        list[3] = this.rotateKeys.selector;
        list[4] = this.passTime.selector;
        list[5] = this.anchorSlot.selector;
    }

    // ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────

    function anchorSoundly(uint256 who, uint256 stream, uint256 step) external {
        who %= FOUNDERS;
        uint64 slot = _latest(who, stream % STREAMS) + 1 + uint64(step % 3);
        _try(who, stream % STREAMS, slot, 0, 16, _head(who, stream % STREAMS));
    }

    function anchor(uint256 who, uint256 stream, uint64 slot, uint64 corrects, uint64 count, uint256 previous)
        external
    {
        (who, stream) = (who % (FOUNDERS + 1), stream % STREAMS);
        slot = _latest(who, stream) + slot % 4;
        if (slot > 1) slot -= 1;
        uint256 source = previous % 3; // its own head, another's head, nothing
        Head head = source == 0
            ? _head(who, stream)
            : source == 1 ? _head((who + 1) % FOUNDERS, stream) : Head.wrap(0);
        _try(who, stream, slot, corrects % (slot + 2), count % 5, head);
    }

    /// Both streams in one call, the newer of their slots and one more, or fewer.
    function anchorSlot(uint256 who, uint64 back, uint64 count, uint64 size, uint256 stale) external {
        who %= FOUNDERS + 1;
        uint64 newest = _latest(who, 0) > _latest(who, 1) ? _latest(who, 0) : _latest(who, 1);
        uint64 slot = newest + 1 - (newest == 0 ? 0 : back % 2);
        IAnchorLedger.Anchor memory objects = _item(who, 0, slot, 0, count % 5, _head(who, 0));
        IAnchorLedger.Anchor memory log = _item(who, 1, slot, 0, size, _head(who, stale % 5 == 0 ? 0 : 1));
        bool sound = _sound(who, objects) && _sound(who, log);
        Extent extent = Extent.wrap(uint192(bytes24(abi.encodePacked(slot, objects.count, size))));
        vm.prank(_account(who));
        try anchors.anchorSlot(
            IAnchorLedger.SlotAnchor(extent, objects.root, objects.previous, log.root, log.previous)
        ) {
            vm.assertTrue(sound, "a slot is accepted only when both are sound");
            accepted[who][0].push(objects);
            accepted[who][1].push(log);
        } catch {
            vm.assertFalse(sound, "and refused only when one is unsound");
        }
    }

    function changeMembers(uint256 who) external {
        suspendOrReinstate(who % FOUNDERS);
    }

    function rotateKeys(uint256 who) external {
        who %= FOUNDERS;
        if (!members.isActiveInstitution(idOf(who))) return;
        vm.prank(_account(who));
        uint256 next = ++generation[who];
        members.rotateOwnKeys(
            accountOf(who, next), keysOf(who, next).messageKey, keysOf(who, next).hpkeKeyHash
        );
    }

    function passTime(uint256 seconds_) external {
        vm.warp(block.timestamp + seconds_ % 2 hours);
    }

    // ── invariants ───────────────────────────────────────────────────────────────────────────────────────────────

    function invariant_headsAreTheChainsOfWhatWasAcceptedInSlotsThatIncrease() public view {
        for (uint256 who = 0; who <= FOUNDERS; ++who) {
            for (uint256 stream = 0; stream < STREAMS; ++stream) {
                _judge(who, stream, accepted[who][stream]);
            }
        }
    }

    function _judge(uint256 who, uint256 stream, IAnchorLedger.Anchor[] storage items) private view {
        bytes32 head = 0;
        uint64 latest = 0;
        for (uint256 i = 0; i < items.length; ++i) {
            vm.assertEq(Head.unwrap(items[i].previous), head, "each stands on the one before");
            vm.assertTrue(Slot.unwrap(items[i].slot) > latest, "slots strictly increase");
            latest = Slot.unwrap(items[i].slot);
            head = bytes32(abi.encodePacked(latest, bytes24(keccak256(abi.encode(idOf(who), items[i])))));
        }
        vm.assertEq(Head.unwrap(_head(who, stream)), head, "the head is the end of the chain");
        vm.assertEq(_latest(who, stream), latest, "its slot is the latest");
        vm.assertTrue(who < FOUNDERS || items.length == 0, "a stranger has no chain");
    }

    // ── the model ────────────────────────────────────────────────────────────────────────────────────────────────

    function _try(uint256 who, uint256 stream, uint64 slot, uint64 corrects, uint64 count, Head previous) private {
        IAnchorLedger.Anchor memory item = _item(who, stream, slot, corrects, count, previous);
        bool sound = _sound(who, item);
        vm.prank(_account(who));
        try anchors.anchor(item) {
            vm.assertTrue(sound, "accepted only when sound");
            accepted[who][stream].push(item);
        } catch {
            vm.assertFalse(sound, "refused only when unsound");
        }
    }

    function _item(uint256 who, uint256 stream, uint64 slot, uint64 corrects, uint64 count, Head previous)
        private
        pure
        returns (IAnchorLedger.Anchor memory)
    {
        return IAnchorLedger.Anchor({
            stream: Stream.wrap(uint8(stream)),
            slot: Slot.wrap(slot),
            corrects: Slot.wrap(corrects),
            root: keccak256(abi.encode(who, stream, slot, count)),
            count: count,
            previous: previous
        });
    }

    function _sound(uint256 who, IAnchorLedger.Anchor memory item) private view returns (bool) {
        (uint256 stream, uint64 count) = (Stream.unwrap(item.stream), item.count);
        return who < FOUNDERS && members.isActiveInstitution(idOf(who))
            && Slot.unwrap(item.slot) > _latest(who, stream) && Slot.unwrap(item.slot) <= block.timestamp / 60
            && Slot.unwrap(item.corrects) < Slot.unwrap(item.slot)
            && Head.unwrap(item.previous) == Head.unwrap(_head(who, stream))
            && (stream != 0 || count == 1 || count == 2 || count == 4 || count == 16);
    }

    function _account(uint256 who) private view returns (address) {
        return accountOf(who, generation[who]);
    }

    function _head(uint256 who, uint256 stream) private view returns (Head) {
        return anchors.headOf(idOf(who), Stream.wrap(uint8(stream)));
    }

    function _latest(uint256 who, uint256 stream) private view returns (uint64) {
        return Slot.unwrap(anchors.latestSlot(idOf(who), Stream.wrap(uint8(stream))));
    }
}
