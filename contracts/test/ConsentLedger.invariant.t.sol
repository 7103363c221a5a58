// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsentLedger} from "../src/interfaces/IConsentLedger.sol";
import {Commitment, ConsentId, UnixSeconds, UtcDay} from "../src/Types.sol";
import {Invariants} from "./support/Invariants.sol";
import {clamp, vm} from "./support/Vm.sol";

/// Random lives of six addresses with three possible consents each, under members that come and go, against a model
/// of a few lines: per address nothing, or one consent that is active or revoked.
contract ConsentLedgerInvariants is Invariants {
    uint256 private constant SIGNERS = 6;
    uint256 private constant CONSENTS = 3;

    struct Model {
        IConsentLedger.State state;
        uint256 which;
    }

    mapping(uint256 key => Model) private model;
    mapping(uint256 key => mapping(uint256 which => bool)) private seenRevoked;
    IConsentLedger.GrantIntent[] private sentGrants;
    IConsentLedger.RevokeIntent[] private sentRevokes;
    uint256 private turn;

    function actions() internal pure override returns (bytes4[] memory list) {
        list = new bytes4[](8);
        list[0] = this.relayGrant.selector;
        list[1] = this.grantDirect.selector;
        list[2] = this.relayRevoke.selector;
        list[3] = this.revokeDirect.selector;
        list[4] = this.replayGrant.selector;
        list[5] = this.replayRevoke.selector;
        list[6] = this.changeMembers.selector;
        list[7] = this.passTime.selector;
    }

    // ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────

    function relayGrant(uint256 key, uint256 which, uint256 relayer, uint256 flaw) external {
        (key, which, flaw) = (_key(key), which % CONSENTS, flaw % 10);
        uint256 home = block.chainid;
        if (flaw == 0) vm.chainId(home + 1);
        IConsentLedger.GrantIntent memory intent = grantIntent(key, _commitment(which));
        vm.chainId(home);
        if (flaw == 1) intent.nonce += 1;
        if (flaw == 2) intent.signer = vm.addr(_key(key + 1));
        if (flaw == 3) intent.deadline = UnixSeconds.wrap(uint64(block.timestamp - 1));
        _submit(intent, key, which, relayer, flaw < 4);
    }

    function replayGrant(uint256 index, uint256 relayer) external {
        if (sentGrants.length == 0) return;
        IConsentLedger.GrantIntent memory intent = sentGrants[index % sentGrants.length];
        (uint256 key, uint256 which) = _find(intent.signer, intent.commitment);
        bool late = block.timestamp > UnixSeconds.unwrap(intent.deadline);
        _submit(intent, key, which, relayer, late);
    }

    function grantDirect(uint256 key, uint256 which) external {
        (key, which) = (_key(key), which % CONSENTS);
        vm.prank(vm.addr(key));
        try consents.grant(_commitment(which), tomorrow()) {
            vm.assertEq(uint256(model[key].state), 0, "granted only from nothing");
            model[key] = Model(IConsentLedger.State.ACTIVE, which);
        } catch {
            vm.assertTrue(model[key].state != IConsentLedger.State.NONE, "refused only when spent");
        }
    }

    function relayRevoke(uint256 key, uint256 which, uint256 relayer) external {
        (key, which) = (_key(key), which % CONSENTS);
        IConsentLedger.RevokeIntent memory intent = revokeIntent(key, _commitment(which));
        sentRevokes.push(intent);
        _submit(intent, key, which, relayer);
    }

    function replayRevoke(uint256 index, uint256 relayer) external {
        if (sentRevokes.length == 0) return;
        IConsentLedger.RevokeIntent memory intent = sentRevokes[index % sentRevokes.length];
        (uint256 key, uint256 which) = _find(intent.signer, intent.commitment);
        _submit(intent, key, which, relayer);
    }

    function revokeDirect(uint256 key, uint256 which) external {
        (key, which) = (_key(key), which % CONSENTS);
        vm.prank(vm.addr(key));
        try consents.revokeDirect(_commitment(which)) {
            _revoked(key, which);
        } catch {
            vm.assertTrue(_spentOn(key, which), "refused only for an address spent on another consent");
        }
    }

    function changeMembers(uint256 who) external {
        suspendOrReinstate(who % FOUNDERS);
    }

    function passTime(uint256 seconds_) external {
        vm.warp(block.timestamp + seconds_ % 2 days);
    }

    // ── invariants ───────────────────────────────────────────────────────────────────────────────────────────────

    function invariant_statesAreTerminalAndTheOwnerCanAlwaysRevoke() public {
        for (uint256 key = 1; key <= SIGNERS; ++key) {
            for (uint256 which = 0; which < CONSENTS; ++which) {
                _judge(key, which);
            }
        }
        _revokeWhateverStands(_key(turn++));
    }

    function _judge(uint256 key, uint256 which) private {
        IConsentLedger.State state = stateOf(key, _commitment(which));
        IConsentLedger.State expected = model[key].which == which ? model[key].state : IConsentLedger.State.NONE;
        assertState(state, expected, "as in the model");
        vm.assertTrue(state != IConsentLedger.State.EXPIRED, "expiry is derived, never stored");
        if (seenRevoked[key][which]) assertState(state, IConsentLedger.State.REVOKED, "revoked is terminal");
        seenRevoked[key][which] = state == IConsentLedger.State.REVOKED;
    }

    /// Whatever state the address is in and whoever is suspended: a stranger carries the revoke, and in another
    /// branch the owner sends it itself; both end in REVOKED.
    function _revokeWhateverStands(uint256 key) private {
        Commitment commitment = _commitment(model[key].which);
        uint256 before = vm.snapshotState();
        IConsentLedger.RevokeIntent memory intent = revokeIntent(key, commitment);
        vm.prank(address(0xA11));
        consents.revoke(intent);
        assertState(stateOf(key, commitment), IConsentLedger.State.REVOKED, "relayed by a stranger");
        vm.revertToState(before);
        vm.prank(vm.addr(key));
        consents.revokeDirect(commitment);
        assertState(stateOf(key, commitment), IConsentLedger.State.REVOKED, "sent by the owner");
        vm.revertToState(before);
    }

    // ── the model ────────────────────────────────────────────────────────────────────────────────────────────────

    function _submit(
        IConsentLedger.GrantIntent memory intent,
        uint256 key,
        uint256 which,
        uint256 relayer,
        bool flawed
    ) private {
        address sender = relayer % 5 == 4 ? address(0xBAD) : accountOf(relayer % 5);
        bool mayRelay = members.isActive(sender);
        IConsentLedger.GrantIntent[] memory intents = new IConsentLedger.GrantIntent[](1);
        intents[0] = intent;
        vm.prank(sender);
        try consents.grantBatch(intents) returns (IConsentLedger.GrantCode[] memory codes) {
            vm.assertTrue(mayRelay, "relayed by active members only");
            bool expected = !flawed && model[key].state == IConsentLedger.State.NONE
                && uint256(UtcDay.unwrap(intent.expiryDay)) * 1 days > block.timestamp;
            vm.assertTrue((codes[0] == IConsentLedger.GrantCode.GRANTED) == expected, "granted when it must be");
            if (expected) model[key] = Model(IConsentLedger.State.ACTIVE, which);
        } catch {
            vm.assertFalse(mayRelay, "an active member is never refused");
        }
        if (!flawed) sentGrants.push(intent);
    }

    function _submit(IConsentLedger.RevokeIntent memory intent, uint256 key, uint256 which, uint256 relayer) private {
        vm.prank(accountOf(relayer % 5));
        try consents.revoke(intent) {
            _revoked(key, which);
        } catch {
            bool late = block.timestamp > UnixSeconds.unwrap(intent.deadline);
            vm.assertTrue(late || _spentOn(key, which), "refused only when late or spent on another consent");
        }
    }

    function _revoked(uint256 key, uint256 which) private {
        vm.assertFalse(_spentOn(key, which), "an address has one consent");
        model[key] = Model(IConsentLedger.State.REVOKED, which);
    }

    function _spentOn(uint256 key, uint256 which) private view returns (bool) {
        return model[key].state != IConsentLedger.State.NONE && model[key].which != which;
    }

    function _find(address signer, Commitment commitment) private pure returns (uint256 key, uint256 which) {
        for (key = 1; vm.addr(key) != signer; ++key) {}
        for (which = 0; Commitment.unwrap(_commitment(which)) != Commitment.unwrap(commitment); ++which) {}
    }

    function _key(uint256 seed) private pure returns (uint256) {
        return seed % SIGNERS + 1;
    }

    function _commitment(uint256 which) private pure returns (Commitment) {
        return commitmentFor(string.concat("consent ", vm.toString(which)));
    }
}
