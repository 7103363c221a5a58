// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorLedger} from "../src/interfaces/IAnchorLedger.sol";
import {IConsentLedger} from "../src/interfaces/IConsentLedger.sol";
import {ACCESS_LOG, Commitment, Extent, OBJECTS, Slot, Stream} from "../src/Types.sol";
import {Fixture} from "./support/Fixture.sol";
import {Frozen} from "./support/Frozen.sol";
import {vm} from "./support/Vm.sol";

/// Gas of whole transactions, as their receipts show it: forge runs each call in a transaction of its own (isolate).
/// forge-config: default.isolate = true
contract FrozenGasTest is Fixture, Frozen {
    uint256 private constant GRANT_CEILING = 80_000;
    uint256 private constant ANCHOR_CEILING = 60_000;
    uint64 private constant SLOT = uint64(NOW / 3600) - 100;
    string private table = "gas per item of whole transactions (21,000 and calldata included)\n";

    function test_gasIsAsFrozenAndUnderItsCeilings() public {
        _line("grant in a batch of 1", _grantBatch(1, 1));
        _line("grant in a batch of 10", _ceiling(_grantBatch(100, 10), GRANT_CEILING));
        _line("grant in a batch of 100", _ceiling(_grantBatch(1_000, 100), GRANT_CEILING));
        _line("grant by the signer", _gas(vm.addr(7), address(consents), _grantCall("own")));
        _line("revoke relayed", _gas(address(0xA11), address(consents), _revokeCall(1)));
        _line("revoke before its grant", _gas(address(0xA11), address(consents), _revokeCall(8)));
        _line("access request", _gas(accountOf(0), address(consents), _requestCall()));
        _line("first anchor of a stream", _anchor(SLOT, 0));
        _line("anchor", _ceiling(_anchor(SLOT + 1, 0), ANCHOR_CEILING));
        _line("anchor that corrects", _ceiling(_anchor(SLOT + 2, SLOT), ANCHOR_CEILING));
        _anchorBatch(SLOT);
        _line("anchor of both streams in one call, each", _ceiling(_anchorBatch(SLOT + 4), ANCHOR_CEILING));
        _line("slot of both streams", _ceiling(_anchorSlot(SLOT + 5), ANCHOR_CEILING));
        assertFrozen("contracts/gas-snapshot.txt", table);
    }

    function _grantBatch(uint256 firstKey, uint256 count) private returns (uint256) {
        IConsentLedger.GrantIntent[] memory intents = new IConsentLedger.GrantIntent[](count);
        for (uint256 i = 0; i < count; ++i) {
            Commitment commitment = commitmentFor(vm.toString(firstKey + i));
            // The dearest calldata: no zero byte in the nonce.
            intents[i] = grantIntent(firstKey + i, commitment, tomorrow(), type(uint64).max, deadline());
        }
        bytes memory call = abi.encodeCall(consents.grantBatch, (intents));
        return _gas(accountOf(0), address(consents), call) / count;
    }

    function _grantCall(string memory words) private view returns (bytes memory) {
        return abi.encodeCall(consents.grant, (commitmentFor(words), tomorrow()));
    }

    function _revokeCall(uint256 key) private view returns (bytes memory) {
        return abi.encodeCall(consents.revoke, (revokeIntent(key, commitmentFor(vm.toString(key)))));
    }

    function _requestCall() private view returns (bytes memory) {
        return abi.encodeCall(consents.requestAccess, (commitmentFor("a request")));
    }

    function _anchor(uint64 slot, uint64 corrects) private returns (uint256) {
        return _gas(accountOf(0), address(anchors), abi.encodeCall(anchors.anchor, (_item(0, OBJECTS, slot, corrects))));
    }

    function _anchorBatch(uint64 slot) private returns (uint256) {
        IAnchorLedger.Anchor[] memory items = new IAnchorLedger.Anchor[](2);
        (items[0], items[1]) = (_item(1, OBJECTS, slot, 0), _item(1, ACCESS_LOG, slot, 0));
        return _gas(accountOf(1), address(anchors), abi.encodeCall(anchors.anchorBatch, (items))) / 2;
    }

    function _anchorSlot(uint64 slot) private returns (uint256) {
        IAnchorLedger.Anchor memory objects = _item(1, OBJECTS, slot, 0);
        IAnchorLedger.Anchor memory log = _item(1, ACCESS_LOG, slot, 0);
        // The dearest calldata again: no zero byte in the log's size.
        Extent extent = Extent.wrap(uint192(bytes24(abi.encodePacked(slot, objects.count, type(uint64).max))));
        IAnchorLedger.SlotAnchor memory item =
            IAnchorLedger.SlotAnchor(extent, objects.root, objects.previous, log.root, log.previous);
        return _gas(accountOf(1), address(anchors), abi.encodeCall(anchors.anchorSlot, (item)));
    }

    function _item(uint256 who, Stream stream, uint64 slot, uint64 corrects)
        private
        view
        returns (IAnchorLedger.Anchor memory)
    {
        return IAnchorLedger.Anchor(
            stream,
            Slot.wrap(slot),
            Slot.wrap(corrects),
            keccak256(abi.encode(slot)),
            1 << 40,
            anchors.headOf(idOf(who), stream)
        );
    }

    function _gas(address sender, address target, bytes memory data) private returns (uint256) {
        bool done;
        vm.prank(sender);
        // In assembly, so that copying the answer into the test's memory is not counted.
        assembly ("memory-safe") {
            done := call(gas(), target, 0, add(data, 0x20), mload(data), 0, 0)
        }
        vm.assertTrue(done, "the call succeeds");
        return vm.lastCallGas().gasTotalUsed;
    }

    function _ceiling(uint256 gas, uint256 ceiling) private pure returns (uint256) {
        vm.assertLe(gas, ceiling, "gas under its ceiling");
        return gas;
    }

    function _line(string memory name, uint256 gas) private {
        table = string.concat(table, name, ": ", vm.toString(gas), "\n");
    }
}
