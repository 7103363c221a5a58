// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnchorLedger} from "../src/AnchorLedger.sol";
import {IAnchorLedger} from "../src/interfaces/IAnchorLedger.sol";
import {ACCESS_LOG, Extent, Head, InstitutionId, OBJECTS, Slot, Stream} from "../src/Types.sol";
import {Fixture} from "./support/Fixture.sol";
import {MerkleTree} from "./support/MerkleTree.sol";
import {clamp, vm} from "./support/Vm.sol";

contract AnchorLedgerTest is Fixture {
    uint64 private constant SLOT = uint64(NOW / 3600) - 100;
    bytes32 private constant ROOT = keccak256("root");

    // ── chain of anchors ─────────────────────────────────────────────────────────────────────────────────────────

    function test_anAnchorIsTheNewHeadAndSaysAllInItsEvent() public {
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, SLOT);
        vm.expectEmit(address(anchors));
        emit IAnchorLedger.Anchored(idOf(0), OBJECTS, item.slot, ROOT, 16, Head.wrap(0));
        vm.prank(accountOf(0));
        Head head = anchors.anchor(item);
        _same(anchors.headOf(idOf(0), OBJECTS), head, "the head returned is the head kept");
        _same(anchors.headAfter(idOf(0), item), head, "and can be computed by anybody");
        vm.assertEq(Slot.unwrap(anchors.latestSlot(idOf(0), OBJECTS)), SLOT, "its slot");
    }

    function testFuzz_aHeadIsTheSlotAndTheFirst192BitsOfTheHash(IAnchorLedger.Anchor memory item, bytes32 id)
        public
        view
    {
        bytes32 digest = keccak256(
            abi.encode(id, item.stream, item.slot, item.corrects, item.root, item.count, item.previous)
        );
        bytes32 expected = bytes32(abi.encodePacked(Slot.unwrap(item.slot), bytes24(digest)));
        vm.assertEq(Head.unwrap(anchors.headAfter(InstitutionId.wrap(id), item)), expected, "head");
    }

    function testFuzz_everyWordOfAnAnchorIsInItsHead(IAnchorLedger.Anchor memory item, uint8 word, uint64 step)
        public
        view
    {
        Head before = anchors.headAfter(idOf(0), item);
        InstitutionId id = idOf(0);
        unchecked {
            step = step % 255 + 1;
            word = word % 7;
            if (word == 0) id = idOf(1);
            if (word == 1) item.stream = Stream.wrap(Stream.unwrap(item.stream) + uint8(step));
            if (word == 2) item.slot = Slot.wrap(Slot.unwrap(item.slot) + step);
            if (word == 3) item.corrects = Slot.wrap(Slot.unwrap(item.corrects) + step);
            if (word == 4) item.root = bytes32(uint256(item.root) + step);
            if (word == 5) item.count += step;
            if (word == 6) item.previous = Head.wrap(bytes32(uint256(Head.unwrap(item.previous)) + step));
        }
        vm.assertTrue(Head.unwrap(anchors.headAfter(id, item)) != Head.unwrap(before), "another head");
    }

    function testFuzz_slotsStrictlyIncrease(uint64 first, uint64 second, bool near) public {
        first = uint64(clamp(first, 2, NOW / 60 - 2));
        second = near ? first - 2 + second % 5 : uint64(clamp(second, 0, NOW / 60));
        _anchor(0, _next(0, OBJECTS, first));
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, second);
        if (second <= first) {
            vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.SlotNotAfter.selector, second, first));
        }
        vm.prank(accountOf(0));
        anchors.anchor(item);
    }

    function test_slotZeroIsNoSlot() public {
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, 0);
        vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.SlotNotAfter.selector, 0, 0));
        vm.prank(accountOf(0));
        anchors.anchor(item);
    }

    function test_aSlotThatHasNotBegunIsRefusedSoThatNoSlipLocksAStream() public {
        uint64 highest = uint64(NOW / 60);
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, highest + 1);
        vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.SlotInFuture.selector, highest + 1, highest));
        vm.prank(accountOf(0));
        anchors.anchor(item);
        item.slot = Slot.wrap(type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.SlotInFuture.selector, type(uint64).max, highest));
        vm.prank(accountOf(0));
        anchors.anchor(item);
        item.slot = Slot.wrap(highest);
        _anchor(0, item);
    }

    function testFuzz_anAnchorStandsOnTheHeadOrNowhere(bytes32 claimed) public {
        _anchor(0, _next(0, OBJECTS, SLOT));
        Head head = anchors.headOf(idOf(0), OBJECTS);
        vm.assume(claimed != Head.unwrap(head));
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, SLOT + 1);
        item.previous = Head.wrap(claimed);
        vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.NotTheHead.selector, claimed, head));
        vm.prank(accountOf(0));
        anchors.anchor(item);
    }

    function test_anAnchorIsNotReplayed() public {
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, SLOT);
        _anchor(0, item);
        Head head = anchors.headOf(idOf(0), OBJECTS);
        vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.NotTheHead.selector, 0, head));
        vm.prank(accountOf(0));
        anchors.anchor(item);
    }

    function test_streamsAndInstitutionsStandApart() public {
        _anchor(0, _next(0, OBJECTS, SLOT + 5));
        _anchor(0, _next(0, ACCESS_LOG, SLOT));
        _anchor(0, _next(0, Stream.wrap(7), SLOT + 1));
        _anchor(1, _next(1, OBJECTS, SLOT + 2));
        vm.assertEq(Slot.unwrap(anchors.latestSlot(idOf(0), OBJECTS)), SLOT + 5, "objects");
        vm.assertEq(Slot.unwrap(anchors.latestSlot(idOf(0), ACCESS_LOG)), SLOT, "access log");
        vm.assertEq(Slot.unwrap(anchors.latestSlot(idOf(1), OBJECTS)), SLOT + 2, "another institution");
        vm.assertEq(Slot.unwrap(anchors.latestSlot(idOf(1), ACCESS_LOG)), 0, "nothing yet");
    }

    function test_aMemberThatRotatesItsKeysGoesOnWithItsOwnChain() public {
        _anchor(0, _next(0, OBJECTS, SLOT));
        vm.prank(accountOf(0));
        members.rotateOwnKeys(accountOf(0, 1), keysOf(0, 1).messageKey, keysOf(0, 1).hpkeKeyHash);
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, SLOT + 1);
        vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.NotAnActiveMember.selector, accountOf(0)));
        vm.prank(accountOf(0));
        anchors.anchor(item);
        vm.prank(accountOf(0, 1));
        anchors.anchor(item);
        vm.assertEq(Slot.unwrap(anchors.latestSlot(idOf(0), OBJECTS)), SLOT + 1, "the chain goes on");
    }

    function testFuzz_nobodyButActiveMembersAnchors(address stranger) public {
        vm.assume(!members.isActive(stranger));
        bytes memory refusal = abi.encodeWithSelector(IAnchorLedger.NotAnActiveMember.selector, stranger);
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, SLOT);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        anchors.anchor(item);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        anchors.anchorBatch(new IAnchorLedger.Anchor[](0));
        vm.expectRevert(refusal);
        vm.prank(stranger);
        anchors.anchorSlot(_slot(item, item));
    }

    // ── padding, corrections, batches ────────────────────────────────────────────────────────────────────────────

    function testFuzz_objectsAreCountedInPowersOfTwo(uint64 count) public {
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, SLOT);
        item.count = count;
        bool padded = false;
        for (uint256 power = 0; power < 64; ++power) {
            padded = padded || count == uint256(1) << power;
        }
        if (!padded) vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.CountNotPadded.selector, count));
        vm.prank(accountOf(0));
        anchors.anchor(item);
        item.stream = ACCESS_LOG;
        _anchor(0, item);
    }

    function test_everyPowerOfTwoIsPadded() public {
        for (uint64 power = 0; power < 64; ++power) {
            IAnchorLedger.Anchor memory item = _next(0, OBJECTS, SLOT + power);
            item.count = uint64(1) << power;
            _anchor(0, item);
        }
    }

    function test_aCorrectionIsALaterSlotThatNamesTheOneItCorrects() public {
        _anchor(0, _next(0, OBJECTS, SLOT));
        IAnchorLedger.Anchor memory item = _next(0, OBJECTS, SLOT + 1);
        item.corrects = Slot.wrap(SLOT);
        vm.expectEmit(address(anchors));
        emit IAnchorLedger.Anchored(idOf(0), OBJECTS, item.slot, ROOT, 16, item.previous);
        vm.expectEmit(address(anchors));
        emit IAnchorLedger.Corrected(idOf(0), OBJECTS, item.slot, item.corrects);
        _anchor(0, item);
        for (uint64 ahead = 0; ahead < 2; ++ahead) {
            item = _next(0, OBJECTS, SLOT + 2);
            item.corrects = Slot.wrap(SLOT + 2 + ahead);
            vm.expectRevert(
                abi.encodeWithSelector(IAnchorLedger.CorrectsLaterSlot.selector, SLOT + 2, SLOT + 2 + ahead)
            );
            vm.prank(accountOf(0));
            anchors.anchor(item);
        }
    }

    function test_aBatchIsAChainAllOrNone() public {
        IAnchorLedger.Anchor[] memory items = new IAnchorLedger.Anchor[](3);
        Head previous = Head.wrap(0);
        for (uint64 i = 0; i < 3; ++i) {
            items[i] = IAnchorLedger.Anchor(OBJECTS, Slot.wrap(SLOT + i), Slot.wrap(0), ROOT, 16, previous);
            previous = anchors.headAfter(idOf(0), items[i]);
        }
        uint256 before = vm.snapshotState();
        vm.prank(accountOf(0));
        anchors.anchorBatch(items);
        _same(anchors.headOf(idOf(0), OBJECTS), previous, "all");
        vm.revertToState(before);
        items[2].slot = items[1].slot;
        vm.expectRevert(abi.encodeWithSelector(IAnchorLedger.SlotNotAfter.selector, SLOT + 1, SLOT + 1));
        vm.prank(accountOf(0));
        anchors.anchorBatch(items);
        _same(anchors.headOf(idOf(0), OBJECTS), Head.wrap(0), "none");
    }

    // ── both streams of a slot ───────────────────────────────────────────────────────────────────────────────────

    function testFuzz_aSlotIsWhatTwoAnchorsWouldBe(uint64 size, bytes32 logRoot) public {
        _anchor(0, _next(0, OBJECTS, SLOT));
        _anchor(0, _next(0, ACCESS_LOG, SLOT));
        IAnchorLedger.Anchor memory objects = _next(0, OBJECTS, SLOT + 1);
        IAnchorLedger.Anchor memory log = _next(0, ACCESS_LOG, SLOT + 1);
        (log.root, log.count) = (logRoot, size);
        vm.expectEmit(address(anchors));
        emit IAnchorLedger.Anchored(idOf(0), OBJECTS, objects.slot, ROOT, 16, objects.previous);
        vm.expectEmit(address(anchors));
        emit IAnchorLedger.Anchored(idOf(0), ACCESS_LOG, log.slot, logRoot, size, log.previous);
        vm.prank(accountOf(0));
        anchors.anchorSlot(_slot(objects, log));
        _same(anchors.headOf(idOf(0), OBJECTS), anchors.headAfter(idOf(0), objects), "objects");
        _same(anchors.headOf(idOf(0), ACCESS_LOG), anchors.headAfter(idOf(0), log), "access log");
    }

    function test_ofASlotBothStreamsOrNeitherAreAnchored() public {
        _anchor(0, _next(0, OBJECTS, SLOT));
        _anchor(0, _next(0, ACCESS_LOG, SLOT + 1));
        Head before = anchors.headOf(idOf(0), OBJECTS);
        IAnchorLedger.Anchor memory objects = _next(0, OBJECTS, SLOT + 1);
        IAnchorLedger.Anchor memory log = _next(0, ACCESS_LOG, SLOT + 1);
        _refuseSlot(objects, log, abi.encodeWithSelector(IAnchorLedger.SlotNotAfter.selector, SLOT + 1, SLOT + 1));
        log.previous = before;
        Head logHead = anchors.headOf(idOf(0), ACCESS_LOG);
        _refuseSlot(objects, log, abi.encodeWithSelector(IAnchorLedger.NotTheHead.selector, before, logHead));
        objects.count = 15;
        _refuseSlot(objects, log, abi.encodeWithSelector(IAnchorLedger.CountNotPadded.selector, 15));
        objects.previous = Head.wrap(0);
        _refuseSlot(objects, log, abi.encodeWithSelector(IAnchorLedger.NotTheHead.selector, 0, before));
        _same(anchors.headOf(idOf(0), OBJECTS), before, "the objects stand where they stood");
    }

    function testFuzz_anExtentIsItsThreeNumbers(uint64 slot, uint64 count, uint64 size) public pure {
        (Slot slotIn, uint64 countIn, uint64 sizeIn) = _extent(slot, count, size).parts();
        vm.assertEq(Slot.unwrap(slotIn), slot, "slot");
        vm.assertEq(countIn, count, "count");
        vm.assertEq(sizeIn, size, "size");
    }

    // ── inclusion ────────────────────────────────────────────────────────────────────────────────────────────────

    /// Leaves and roots of the test tree of Certificate Transparency (RFC 6962 and 9162 share the shape);
    /// origin: github.com/transparency-dev/merkle, testonly/constants.go.
    function test_rootsAreThoseOfTheReferenceTree() public pure {
        bytes[] memory leaves = _referenceLeaves();
        bytes32[8] memory roots = [
            bytes32(0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d),
            0xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125,
            0xaeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77,
            0xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7,
            0x4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4,
            0x76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef,
            0xddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c,
            0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
        ];
        for (uint256 size = 1; size <= 8; ++size) {
            bytes32[] memory hashes = new bytes32[](size);
            for (uint256 i = 0; i < size; ++i) {
                hashes[i] = MerkleTree.leaf(leaves[i]);
            }
            vm.assertEq(MerkleTree.root(hashes), roots[size - 1], "root");
        }
    }

    function test_everyLeafOfEveryReferenceTreeIsIncluded() public view {
        bytes[] memory leaves = _referenceLeaves();
        for (uint64 size = 1; size <= 8; ++size) {
            bytes32[] memory hashes = new bytes32[](size);
            for (uint256 i = 0; i < size; ++i) {
                hashes[i] = MerkleTree.leaf(leaves[i]);
            }
            bytes32 root = MerkleTree.root(hashes);
            for (uint64 i = 0; i < size; ++i) {
                bytes32[] memory path = MerkleTree.path(hashes, i);
                vm.assertTrue(anchors.verifyInclusion(leaves[i], i, size, path, root), "included");
                for (uint64 j = 0; j < size; ++j) {
                    if (j != i) vm.assertFalse(anchors.verifyInclusion(leaves[i], j, size, path, root), "not at j");
                }
            }
        }
    }

    function testFuzz_aLeafOfARandomTreeIsIncludedAndNoAlteredProofIs(uint256 seed, uint256 size, uint256 index)
        public
        view
    {
        size = clamp(size, 1, 70);
        index = clamp(index, 0, size - 1);
        bytes32[] memory hashes = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            hashes[i] = MerkleTree.leaf(abi.encode(seed, i));
        }
        bytes memory leaf = abi.encode(seed, index);
        bytes32 root = MerkleTree.root(hashes);
        bytes32[] memory path = MerkleTree.path(hashes, index);
        (uint64 at64, uint64 of64) = (uint64(index), uint64(size));
        vm.assertTrue(anchors.verifyInclusion(leaf, at64, of64, path, root), "included");
        vm.assertFalse(anchors.verifyInclusion(abi.encode(seed, index, 0), at64, of64, path, root), "another leaf");
        vm.assertFalse(anchors.verifyInclusion(leaf, at64 + 1, of64, path, root), "another index");
        vm.assertFalse(anchors.verifyInclusion(leaf, of64, of64, path, root), "an index beyond the tree");
        vm.assertFalse(anchors.verifyInclusion(leaf, at64, of64, path, ~root), "another root");
        vm.assertFalse(anchors.verifyInclusion(leaf, at64, of64, _longer(path), root), "a path too long");
        vm.assertFalse(anchors.verifyInclusion(leaf, at64, 0, path, root), "an empty tree");
        if (path.length == 0) return;
        vm.assertFalse(anchors.verifyInclusion(leaf, at64, of64, _shorter(path), root), "a path too short");
        path[seed % path.length] ^= bytes32(uint256(1) << (seed % 256));
        vm.assertFalse(anchors.verifyInclusion(leaf, at64, of64, path, root), "a sibling altered");
    }

    /// The last leaf of a full tree has only left siblings: without the tree's size its path would fit a leaf 0 of 1.
    function test_aPathOfALargerTreeDoesNotPassForASmallerOne() public view {
        for (uint64 size = 2; size <= 8; size *= 2) {
            bytes32[] memory hashes = new bytes32[](size);
            for (uint256 i = 0; i < size; ++i) {
                hashes[i] = MerkleTree.leaf(abi.encode(i));
            }
            bytes memory leaf = abi.encode(size - 1);
            bytes32[] memory path = MerkleTree.path(hashes, size - 1);
            bytes32 root = MerkleTree.root(hashes);
            for (uint64 smaller = 1; smaller < size; ++smaller) {
                vm.assertFalse(anchors.verifyInclusion(leaf, smaller - 1, smaller, path, root), "a smaller tree");
            }
        }
    }

    function test_anInnerNodeDoesNotPassForALeaf() public view {
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = (MerkleTree.leaf("left"), MerkleTree.leaf("right"));
        bytes memory node = abi.encodePacked(hashes[0], hashes[1]);
        vm.assertFalse(
            anchors.verifyInclusion(node, 0, 1, new bytes32[](0), MerkleTree.root(hashes)), "second preimage"
        );
    }

    // ── makers ───────────────────────────────────────────────────────────────────────────────────────────────────

    function _next(uint256 i, Stream stream, uint64 slot) private view returns (IAnchorLedger.Anchor memory) {
        return IAnchorLedger.Anchor(
            stream, Slot.wrap(slot), Slot.wrap(0), ROOT, 16, anchors.headOf(idOf(i), stream)
        );
    }

    function _anchor(uint256 i, IAnchorLedger.Anchor memory item) private {
        vm.prank(accountOf(i));
        anchors.anchor(item);
    }

    function _extent(uint64 slot, uint64 count, uint64 size) private pure returns (Extent) {
        return Extent.wrap(uint192(bytes24(abi.encodePacked(slot, count, size))));
    }

    function _slot(IAnchorLedger.Anchor memory objects, IAnchorLedger.Anchor memory log)
        private
        pure
        returns (IAnchorLedger.SlotAnchor memory)
    {
        Extent extent = _extent(Slot.unwrap(objects.slot), objects.count, log.count);
        return IAnchorLedger.SlotAnchor(extent, objects.root, objects.previous, log.root, log.previous);
    }

    function _refuseSlot(IAnchorLedger.Anchor memory objects, IAnchorLedger.Anchor memory log, bytes memory refusal)
        private
    {
        IAnchorLedger.SlotAnchor memory item = _slot(objects, log);
        vm.expectRevert(refusal);
        vm.prank(accountOf(0));
        anchors.anchorSlot(item);
    }

    function _same(Head head, Head expected, string memory words) private pure {
        vm.assertEq(Head.unwrap(head), Head.unwrap(expected), words);
    }

    function _longer(bytes32[] memory path) private pure returns (bytes32[] memory more) {
        more = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) {
            more[i] = path[i];
        }
    }

    function _shorter(bytes32[] memory path) private pure returns (bytes32[] memory fewer) {
        fewer = new bytes32[](path.length - 1);
        for (uint256 i = 0; i < fewer.length; ++i) {
            fewer[i] = path[i];
        }
    }

    function _referenceLeaves() private pure returns (bytes[] memory leaves) {
        leaves = new bytes[](8);
        leaves[0] = "";
        leaves[1] = hex"00";
        leaves[2] = hex"10";
        leaves[3] = hex"2021";
        leaves[4] = hex"3031";
        leaves[5] = hex"40414243";
        leaves[6] = hex"5051525354555657";
        leaves[7] = hex"606162636465666768696a6b6c6d6e6f";
    }
}
