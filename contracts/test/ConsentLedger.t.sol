// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ConsentLedger} from "../src/ConsentLedger.sol";
import {IConsentLedger} from "../src/interfaces/IConsentLedger.sol";
import {Commitment, ConsentId, UnixSeconds, UtcDay} from "../src/Types.sol";
import {Fixture} from "./support/Fixture.sol";
import {clamp, vm} from "./support/Vm.sol";

contract ConsentLedgerTest is Fixture {
    uint256 private constant KEY = 0xC0FFEE;
    uint256 private constant OTHER_KEY = 0xBEEF;
    Commitment private commitment = commitmentFor("a consent");
    Commitment private another = commitmentFor("another consent");

    // ── grants ───────────────────────────────────────────────────────────────────────────────────────────────────

    function test_aRelayedGrantIsActiveWithItsDay() public {
        address signer = vm.addr(KEY);
        ConsentId id = consents.consentIdOf(commitment, signer);
        IConsentLedger.GrantIntent[] memory intents = new IConsentLedger.GrantIntent[](1);
        intents[0] = grantIntent(KEY, commitment);
        vm.expectEmit(address(consents));
        emit IConsentLedger.Granted(id, signer, commitment, tomorrow());
        vm.prank(accountOf(2));
        IConsentLedger.GrantCode[] memory codes = consents.grantBatch(intents);
        assertCode(codes[0], IConsentLedger.GrantCode.GRANTED, "granted");
        (IConsentLedger.State state, UtcDay day) = consents.consentOf(id, signer);
        assertState(state, IConsentLedger.State.ACTIVE, "active");
        vm.assertTrue(day == tomorrow(), "its day");
    }

    function test_theSignerGrantsWithoutAnyRelayer() public {
        vm.prank(vm.addr(KEY));
        consents.grant(commitment, tomorrow());
        assertState(stateOf(KEY, commitment), IConsentLedger.State.ACTIVE, "active");
        vm.expectRevert(
            abi.encodeWithSelector(
                IConsentLedger.GrantNotPossible.selector, IConsentLedger.GrantCode.ALREADY_GRANTED
            )
        );
        vm.prank(vm.addr(KEY));
        consents.grant(commitment, tomorrow());
    }

    function testFuzz_onlyActiveMembersRelayGrants(address stranger) public {
        vm.assume(!members.isActive(stranger));
        IConsentLedger.GrantIntent[] memory intents = new IConsentLedger.GrantIntent[](1);
        intents[0] = grantIntent(KEY, commitment);
        vm.expectRevert(abi.encodeWithSelector(IConsentLedger.NotAnActiveMember.selector, stranger));
        vm.prank(stranger);
        consents.grantBatch(intents);
    }

    /// A batch of seven, one flaw each: the sound ones stand whatever stands beside them, and each refusal is named.
    function test_oneBadItemNeverStopsTheOthers() public {
        relay(grantIntent(11, commitment));
        consents.revoke(revokeIntent(12, commitment));
        IConsentLedger.GrantIntent[] memory intents = new IConsentLedger.GrantIntent[](8);
        intents[0] = grantIntent(10, commitment);
        intents[1] = grantIntent(11, commitment);
        intents[2] = grantIntent(12, commitment);
        intents[3] = grantIntent(11, another);
        intents[4] = grantIntent(14, commitment);
        intents[4].nonce += 1;
        intents[5] = grantIntent(15, commitment, tomorrow(), 0, UnixSeconds.wrap(uint64(NOW - 1)));
        intents[6] = grantIntent(16, commitment, UtcDay.wrap(uint32(NOW / 1 days)), 0, deadline());
        intents[7] = grantIntent(17, commitment);
        vm.expectEmit(address(consents));
        emit IConsentLedger.GrantRefused(vm.addr(11), commitment, IConsentLedger.GrantCode.ALREADY_GRANTED);
        vm.prank(accountOf(0));
        IConsentLedger.GrantCode[] memory codes = consents.grantBatch(intents);
        assertCode(codes[0], IConsentLedger.GrantCode.GRANTED, "the first");
        assertCode(codes[1], IConsentLedger.GrantCode.ALREADY_GRANTED, "the very same consent again");
        assertCode(codes[2], IConsentLedger.GrantCode.ALREADY_REVOKED, "revoked before it was granted");
        assertCode(codes[3], IConsentLedger.GrantCode.ADDRESS_SPENT, "a second consent of an address");
        assertCode(codes[4], IConsentLedger.GrantCode.SIGNATURE_INVALID, "a word altered");
        assertCode(codes[5], IConsentLedger.GrantCode.DEADLINE_PASSED, "too late");
        assertCode(codes[6], IConsentLedger.GrantCode.EXPIRY_PASSED, "ends before it starts");
        assertCode(codes[7], IConsentLedger.GrantCode.GRANTED, "the last");
        assertState(stateOf(10, commitment), IConsentLedger.State.ACTIVE, "the first stands");
        assertState(stateOf(17, commitment), IConsentLedger.State.ACTIVE, "the last stands");
        for (uint256 key = 14; key <= 16; ++key) {
            assertState(stateOf(key, commitment), IConsentLedger.State.NONE, "a refused one left nothing");
        }
    }

    function test_theDeadlineItselfIsInTime() public {
        IConsentLedger.GrantIntent memory intent = grantIntent(KEY, commitment);
        vm.warp(UnixSeconds.unwrap(intent.deadline));
        assertCode(relay(intent), IConsentLedger.GrantCode.GRANTED, "granted");
    }

    // ── revokes ──────────────────────────────────────────────────────────────────────────────────────────────────

    function testFuzz_anybodyRelaysARevoke(address anybody) public {
        relay(grantIntent(KEY, commitment));
        ConsentId id = consents.consentIdOf(commitment, vm.addr(KEY));
        IConsentLedger.RevokeIntent memory intent = revokeIntent(KEY, commitment);
        vm.expectEmit(address(consents));
        emit IConsentLedger.Revoked(id, vm.addr(KEY));
        vm.prank(anybody);
        consents.revoke(intent);
        assertState(stateOf(KEY, commitment), IConsentLedger.State.REVOKED, "revoked");
    }

    function test_theOwnerRevokesWithoutAnyRelayer() public {
        relay(grantIntent(KEY, commitment));
        vm.prank(vm.addr(KEY));
        consents.revokeDirect(commitment);
        assertState(stateOf(KEY, commitment), IConsentLedger.State.REVOKED, "revoked");
    }

    function test_aGrantHeldBackCannotRiseAfterItsRevoke() public {
        IConsentLedger.GrantIntent memory heldBack = grantIntent(KEY, commitment);
        consents.revoke(revokeIntent(KEY, commitment));
        assertState(stateOf(KEY, commitment), IConsentLedger.State.REVOKED, "tombstone");
        assertCode(relay(heldBack), IConsentLedger.GrantCode.ALREADY_REVOKED, "held back in vain");
        vm.expectRevert(
            abi.encodeWithSelector(
                IConsentLedger.GrantNotPossible.selector, IConsentLedger.GrantCode.ALREADY_REVOKED
            )
        );
        vm.prank(vm.addr(KEY));
        consents.grant(commitment, tomorrow());
        assertState(stateOf(KEY, commitment), IConsentLedger.State.REVOKED, "still");
    }

    function test_aRevokedConsentIsNotGrantedAgain() public {
        IConsentLedger.GrantIntent memory intent = grantIntent(KEY, commitment);
        relay(intent);
        consents.revoke(revokeIntent(KEY, commitment));
        assertCode(relay(intent), IConsentLedger.GrantCode.ALREADY_REVOKED, "the same signature");
        intent = grantIntent(KEY, commitment, UtcDay.wrap(30_000), 7, deadline());
        assertCode(relay(intent), IConsentLedger.GrantCode.ALREADY_REVOKED, "a fresh signature");
    }

    function test_revokingTwiceChangesNothing() public {
        relay(grantIntent(KEY, commitment));
        consents.revoke(revokeIntent(KEY, commitment));
        consents.revoke(revokeIntent(KEY, commitment));
        consents.revoke(revokeIntent(KEY, commitment, 99, deadline()));
        vm.prank(vm.addr(KEY));
        consents.revokeDirect(commitment);
        assertState(stateOf(KEY, commitment), IConsentLedger.State.REVOKED, "revoked");
    }

    function test_nobodyElseRevokes() public {
        relay(grantIntent(KEY, commitment));
        IConsentLedger.RevokeIntent memory forged = revokeIntent(OTHER_KEY, commitment);
        forged.signer = vm.addr(KEY);
        vm.expectRevert(IConsentLedger.SignatureInvalid.selector);
        consents.revoke(forged);
        vm.prank(vm.addr(OTHER_KEY));
        consents.revokeDirect(commitment);
        consents.revoke(revokeIntent(OTHER_KEY, commitment));
        assertState(stateOf(KEY, commitment), IConsentLedger.State.ACTIVE, "untouched");
    }

    function test_nobodyElseLeavesATombstone() public {
        consents.revoke(revokeIntent(OTHER_KEY, commitment));
        assertCode(relay(grantIntent(KEY, commitment)), IConsentLedger.GrantCode.GRANTED, "not in the owner's way");
    }

    function test_anAddressSignsForOneConsent() public {
        relay(grantIntent(KEY, commitment));
        assertCode(relay(grantIntent(KEY, another)), IConsentLedger.GrantCode.ADDRESS_SPENT, "a second grant");
        IConsentLedger.RevokeIntent memory intent = revokeIntent(KEY, another);
        vm.expectRevert(abi.encodeWithSelector(IConsentLedger.AddressSpent.selector, vm.addr(KEY)));
        consents.revoke(intent);
        consents.revoke(revokeIntent(KEY, commitment));
        assertState(stateOf(KEY, commitment), IConsentLedger.State.REVOKED, "its own consent it revokes");
        assertState(stateOf(KEY, another), IConsentLedger.State.NONE, "the other id never was");
        assertCode(relay(grantIntent(KEY, another)), IConsentLedger.GrantCode.ADDRESS_SPENT, "spent for good");
    }

    function test_aRevokeAfterItsDeadlineIsRefused() public {
        relay(grantIntent(KEY, commitment));
        IConsentLedger.RevokeIntent memory intent = revokeIntent(KEY, commitment);
        vm.warp(UnixSeconds.unwrap(intent.deadline) + 1);
        vm.expectRevert(abi.encodeWithSelector(IConsentLedger.DeadlinePassed.selector, intent.deadline));
        consents.revoke(intent);
        assertState(stateOf(KEY, commitment), IConsentLedger.State.ACTIVE, "active");
        vm.warp(UnixSeconds.unwrap(intent.deadline));
        consents.revoke(intent);
        assertState(stateOf(KEY, commitment), IConsentLedger.State.REVOKED, "the deadline itself is in time");
    }

    // ── replay ───────────────────────────────────────────────────────────────────────────────────────────────────

    function testFuzz_noReplayOnAnotherChain(uint64 chain) public {
        vm.assume(chain != block.chainid && chain != 0);
        IConsentLedger.GrantIntent memory granting = grantIntent(KEY, commitment);
        IConsentLedger.RevokeIntent memory revoking = revokeIntent(KEY, commitment);
        vm.chainId(chain);
        assertCode(relay(granting), IConsentLedger.GrantCode.SIGNATURE_INVALID, "a fork refuses the grant");
        vm.expectRevert(IConsentLedger.SignatureInvalid.selector);
        consents.revoke(revoking);
        assertCode(relay(grantIntent(KEY, commitment)), IConsentLedger.GrantCode.GRANTED, "the live chain id counts");
    }

    function test_noReplayOnAnotherContract() public {
        IConsentLedger.GrantIntent memory granting = grantIntent(KEY, commitment);
        IConsentLedger.RevokeIntent memory revoking = revokeIntent(KEY, commitment);
        consents = new ConsentLedger(members);
        assertCode(relay(granting), IConsentLedger.GrantCode.SIGNATURE_INVALID, "a second deployment");
        vm.expectRevert(IConsentLedger.SignatureInvalid.selector);
        consents.revoke(revoking);
    }

    function test_noReplayAsAnotherAction() public {
        IConsentLedger.GrantIntent memory granting = grantIntent(KEY, commitment);
        IConsentLedger.RevokeIntent memory asRevoke = IConsentLedger.RevokeIntent(
            commitment, granting.signer, granting.nonce, granting.deadline, granting.v, granting.r, granting.s
        );
        vm.expectRevert(IConsentLedger.SignatureInvalid.selector);
        consents.revoke(asRevoke);
        IConsentLedger.RevokeIntent memory revoking = revokeIntent(KEY, commitment);
        granting.v = revoking.v;
        granting.r = revoking.r;
        granting.s = revoking.s;
        assertCode(relay(granting), IConsentLedger.GrantCode.SIGNATURE_INVALID, "a revoke is no grant");
    }

    function testFuzz_aSignatureCoversEveryWord(uint8 field, uint256 salt) public {
        IConsentLedger.GrantIntent memory granting = grantIntent(KEY, commitment);
        uint64 step = uint64(clamp(salt, 1, type(uint16).max));
        field = uint8(field % 8);
        if (field == 0) granting.commitment = Commitment.wrap(bytes32(salt));
        if (field == 1) granting.signer = address(uint160(salt));
        if (field == 2) granting.expiryDay = UtcDay.wrap(UtcDay.unwrap(granting.expiryDay) + uint32(step));
        if (field == 3) granting.nonce += step;
        if (field == 4) granting.deadline = UnixSeconds.wrap(UnixSeconds.unwrap(granting.deadline) + step);
        if (field == 5) granting.r = bytes32(uint256(granting.r) ^ (1 << (salt % 256)));
        if (field == 6) granting.s = bytes32(uint256(granting.s) ^ (1 << (salt % 256)));
        if (field == 7) granting.v ^= uint8(clamp(salt, 1, 255));
        assertCode(relay(granting), IConsentLedger.GrantCode.SIGNATURE_INVALID, "refused");
    }

    function testFuzz_aRevokeSignatureCoversEveryWord(uint8 field, uint256 salt) public {
        relay(grantIntent(KEY, commitment));
        IConsentLedger.RevokeIntent memory revoking = revokeIntent(KEY, commitment);
        uint64 step = uint64(clamp(salt, 1, type(uint16).max));
        field = uint8(field % 7);
        if (field == 0) revoking.commitment = Commitment.wrap(bytes32(salt));
        if (field == 1) revoking.signer = address(uint160(salt));
        if (field == 2) revoking.nonce += step;
        if (field == 3) revoking.deadline = UnixSeconds.wrap(UnixSeconds.unwrap(revoking.deadline) + step);
        if (field == 4) revoking.r = bytes32(uint256(revoking.r) ^ (1 << (salt % 256)));
        if (field == 5) revoking.s = bytes32(uint256(revoking.s) ^ (1 << (salt % 256)));
        if (field == 6) revoking.v ^= uint8(clamp(salt, 1, 255));
        vm.expectRevert(IConsentLedger.SignatureInvalid.selector);
        consents.revoke(revoking);
        assertState(stateOf(KEY, commitment), IConsentLedger.State.ACTIVE, "untouched");
    }

    function testFuzz_theHighTwinOfASignatureIsRefused(uint256 key) public {
        key = clamp(key, 1, ORDER - 1);
        IConsentLedger.GrantIntent memory granting = grantIntent(key, commitment);
        (granting.s, granting.v) = (bytes32(ORDER - uint256(granting.s)), granting.v == 27 ? 28 : 27);
        assertCode(relay(granting), IConsentLedger.GrantCode.SIGNATURE_INVALID, "high s in a grant");
        IConsentLedger.RevokeIntent memory revoking = revokeIntent(key, commitment);
        (revoking.s, revoking.v) = (bytes32(ORDER - uint256(revoking.s)), revoking.v == 27 ? 28 : 27);
        vm.expectRevert(IConsentLedger.SignatureInvalid.selector);
        consents.revoke(revoking);
    }

    function test_aSignatureThatRecoversNobodyIsNotTheZeroAddress() public {
        IConsentLedger.GrantIntent memory granting = grantIntent(KEY, commitment);
        granting.signer = address(0);
        granting.v = 0;
        assertCode(relay(granting), IConsentLedger.GrantCode.SIGNATURE_INVALID, "nobody signs nothing");
    }

    // ── expiry ───────────────────────────────────────────────────────────────────────────────────────────────────

    function testFuzz_expiryIsDerivedFromTheInstantAskedForNeverFromTheBlock(uint64 instant, uint64 blockTime) public {
        relay(grantIntent(KEY, commitment));
        address signer = vm.addr(KEY);
        ConsentId id = consents.consentIdOf(commitment, signer);
        uint256 end = uint256(UtcDay.unwrap(tomorrow())) * 1 days;
        vm.warp(blockTime);
        assertState(
            consents.stateAt(id, signer, UnixSeconds.wrap(instant)),
            instant < end ? IConsentLedger.State.ACTIVE : IConsentLedger.State.EXPIRED,
            "by the instant"
        );
        assertState(stateOf(KEY, commitment), IConsentLedger.State.ACTIVE, "nothing was written");
    }

    function test_anExpiredConsentIsStillRevocable() public {
        relay(grantIntent(KEY, commitment));
        vm.warp(NOW + 365 days);
        consents.revoke(revokeIntent(KEY, commitment));
        address signer = vm.addr(KEY);
        assertState(
            consents.stateAt(consents.consentIdOf(commitment, signer), signer, UnixSeconds.wrap(0)),
            IConsentLedger.State.REVOKED,
            "revoked at every instant"
        );
    }

    // ── identifiers and requests ─────────────────────────────────────────────────────────────────────────────────

    function testFuzz_aConsentIdIsHashOfCommitmentAndSigner(bytes32 words, address signer) public view {
        ConsentId id = consents.consentIdOf(Commitment.wrap(words), signer);
        vm.assertEq(ConsentId.unwrap(id), keccak256(abi.encode(words, signer)), "H(commitment, signer)");
    }

    function test_anIdThatIsNotTheSignersHasNoState() public {
        relay(grantIntent(KEY, commitment));
        ConsentId id = consents.consentIdOf(commitment, vm.addr(KEY));
        (IConsentLedger.State state,) = consents.consentOf(id, vm.addr(OTHER_KEY));
        assertState(state, IConsentLedger.State.NONE, "another signer");
        (state,) = consents.consentOf(ConsentId.wrap(bytes32(uint256(1) << 200)), vm.addr(KEY));
        assertState(state, IConsentLedger.State.NONE, "another id");
    }

    function test_aRequestIsRecordedOncePerInstitutionWithItsBlockTime() public {
        vm.expectEmit(address(consents));
        emit IConsentLedger.AccessRequested(commitment, idOf(1));
        vm.prank(accountOf(1));
        consents.requestAccess(commitment);
        vm.assertEq(UnixSeconds.unwrap(consents.requestedAt(idOf(1), commitment)), NOW, "block time");
        vm.expectRevert(abi.encodeWithSelector(IConsentLedger.RequestExists.selector, commitment));
        vm.prank(accountOf(1));
        consents.requestAccess(commitment);
        vm.prank(accountOf(2));
        consents.requestAccess(commitment); // a copy by another institution is evidence of that one only
        vm.assertEq(UnixSeconds.unwrap(consents.requestedAt(idOf(3), commitment)), 0, "not the third's");
    }
}
