// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorLedger} from "../src/interfaces/IAnchorLedger.sol";
import {IConsentLedger} from "../src/interfaces/IConsentLedger.sol";
import {IMembership} from "../src/interfaces/IMembership.sol";
import {Commitment, Extent, Head, OBJECTS, Slot} from "../src/Types.sol";
import {Fixture} from "./support/Fixture.sol";
import {vm} from "./support/Vm.sol";

/// A suspended member can do nothing, in any contract, from that block on: every call that needs a member, tried
/// before, while suspended and after reinstatement.
contract SuspensionTest is Fixture {
    uint256 private constant WHO = 3;

    function test_everyPowerIsThereBeforeGoneWhileSuspendedAndBackAfter() public {
        (address[] memory targets, bytes[] memory calls) = _everyPower();
        _tryAll(targets, calls, true);
        suspend(WHO);
        _tryAll(targets, calls, false);
        reinstate(WHO);
        _tryAll(targets, calls, true);
    }

    function test_keysRotatedWhileSuspendedBringNoPower() public {
        suspend(WHO);
        carry(change(IMembership.ChangeKind.ROTATE_KEYS, keysOf(WHO, 1)));
        vm.assertFalse(members.isActive(accountOf(WHO, 1)), "new keys, still suspended");
        vm.assertTrue(members.memberOf(accountOf(WHO, 1)) == idOf(WHO), "known by them");
        reinstate(WHO);
        vm.assertTrue(members.isActive(accountOf(WHO, 1)), "active with the new keys");
    }

    /// The patient's right outlives the standing of whoever carries the message.
    function test_aSuspendedMemberStillCarriesAPatientsRevoke() public {
        Commitment commitment = commitmentFor("a consent");
        relay(grantIntent(1, commitment));
        suspend(WHO);
        IConsentLedger.RevokeIntent memory intent = revokeIntent(1, commitment);
        vm.prank(accountOf(WHO));
        consents.revoke(intent);
        assertState(stateOf(1, commitment), IConsentLedger.State.REVOKED, "revoked");
    }

    function _everyPower() private returns (address[] memory targets, bytes[] memory calls) {
        IMembership.Change memory open = change(IMembership.ChangeKind.ADD, candidate(8));
        vm.prank(accountOf(0));
        members.vote(open);
        IMembership.Change memory fresh = change(IMembership.ChangeKind.ADD, candidate(9));
        IMembership.Member memory keys = keysOf(WHO, 1);
        IConsentLedger.GrantIntent[] memory intents = new IConsentLedger.GrantIntent[](1);
        intents[0] = grantIntent(1, commitmentFor("a consent"));
        IAnchorLedger.Anchor[] memory items = new IAnchorLedger.Anchor[](1);
        items[0] = IAnchorLedger.Anchor(OBJECTS, Slot.wrap(9), Slot.wrap(0), "root", 16, Head.wrap(0));

        (targets, calls) = (new address[](8), new bytes[](8));
        (targets[0], calls[0]) = (address(members), abi.encodeCall(members.vote, (fresh)));
        (targets[1], calls[1]) = (address(members), abi.encodeCall(members.execute, (open)));
        (targets[2], calls[2]) = (
            address(members),
            abi.encodeCall(members.rotateOwnKeys, (keys.ledgerKey, keys.messageKey, keys.hpkeKeyHash))
        );
        (targets[3], calls[3]) = (address(consents), abi.encodeCall(consents.grantBatch, (intents)));
        (targets[4], calls[4]) =
            (address(consents), abi.encodeCall(consents.requestAccess, (commitmentFor("a request"))));
        (targets[5], calls[5]) = (address(anchors), abi.encodeCall(anchors.anchor, (items[0])));
        (targets[6], calls[6]) = (address(anchors), abi.encodeCall(anchors.anchorBatch, (items)));
        Extent extent = Extent.wrap(uint192(9 << 128 | 16 << 64));
        (targets[7], calls[7]) = (
            address(anchors),
            abi.encodeCall(
                anchors.anchorSlot,
                (IAnchorLedger.SlotAnchor(extent, "root", Head.wrap(0), "log root", Head.wrap(0)))
            )
        );
    }

    function _tryAll(address[] memory targets, bytes[] memory calls, bool expected) private {
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 before = vm.snapshotState();
            vm.prank(accountOf(WHO));
            (bool done, bytes memory answer) = targets[i].call(calls[i]);
            vm.assertTrue(done == expected, string.concat("power ", vm.toString(i)));
            if (!done) {
                bytes memory refusal =
                    abi.encodeWithSelector(IMembership.NotAnActiveMember.selector, accountOf(WHO));
                vm.assertEq(keccak256(answer), keccak256(refusal), "refused as no active member");
            }
            vm.revertToState(before);
        }
    }
}
