// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnchorLedger} from "../../src/AnchorLedger.sol";
import {ConsentLedger} from "../../src/ConsentLedger.sol";
import {IConsentLedger} from "../../src/interfaces/IConsentLedger.sol";
import {IMembership} from "../../src/interfaces/IMembership.sol";
import {Membership} from "../../src/Membership.sol";
import {Commitment, ConsentId, InstitutionId, ProposalId, UnixSeconds, UtcDay, UtcHour} from "../../src/Types.sol";
import {vm} from "./Vm.sol";

/// Four founders with three votes, the two ledgers, and makers of well-formed input.
abstract contract Fixture {
    uint256 internal constant NOW = 1_790_000_000; // 2026-09-21
    uint256 internal constant FOUNDERS = 4;
    uint16 internal constant THRESHOLD = 3;
    /// Order of secp256k1, to mirror a signature into its high-s twin.
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    Membership internal members;
    ConsentLedger internal consents;
    AnchorLedger internal anchors;
    uint64 private nonces;

    function setUp() public virtual {
        vm.warp(NOW);
        IMembership.Member[] memory founders = new IMembership.Member[](FOUNDERS);
        for (uint256 i = 0; i < FOUNDERS; ++i) {
            founders[i] = candidate(i);
        }
        members = new Membership(founders, THRESHOLD);
        consents = new ConsentLedger(members);
        anchors = new AnchorLedger(members);
    }

    // ── institutions ─────────────────────────────────────────────────────────────────────────────────────────────

    function idOf(uint256 i) internal pure returns (InstitutionId) {
        return InstitutionId.wrap(keccak256(abi.encode("institution", i)));
    }

    /// Ledger account `generation` of institution i.
    function accountOf(uint256 i, uint256 generation) internal pure returns (address) {
        return vm.addr(uint256(keccak256(abi.encode("ledger key", i, generation))) % (ORDER - 1) + 1);
    }

    function accountOf(uint256 i) internal pure returns (address) {
        return accountOf(i, 0);
    }

    function candidate(uint256 i) internal pure returns (IMembership.Member memory) {
        return keysOf(i, 0);
    }

    function keysOf(uint256 i, uint256 generation) internal pure returns (IMembership.Member memory) {
        return IMembership.Member({
            id: idOf(i),
            ledgerKey: accountOf(i, generation),
            messageKey: keccak256(abi.encode("message key", i, generation)),
            hpkeKeyHash: keccak256(abi.encode("hpke key", i, generation)),
            roles: 1
        });
    }

    function change(IMembership.ChangeKind kind, IMembership.Member memory member)
        internal
        returns (IMembership.Change memory)
    {
        return IMembership.Change(kind, member, 0, ++nonces, deadline());
    }

    function thresholdChange(uint16 votes) internal returns (IMembership.Change memory made) {
        made.kind = IMembership.ChangeKind.SET_THRESHOLD;
        made.threshold = votes;
        made.nonce = ++nonces;
        made.deadline = deadline();
    }

    /// The active members vote in order of admission until the change is made.
    function carry(IMembership.Change memory made) internal {
        InstitutionId[] memory ids = members.institutionIds();
        bool executed = false;
        for (uint256 i = 0; i < ids.length && !executed; ++i) {
            if (!members.isActiveInstitution(ids[i])) continue;
            vm.prank(members.institution(ids[i]).ledgerKey);
            (, executed) = members.vote(made);
        }
        vm.assertTrue(executed, "the vote carries");
    }

    function suspend(uint256 i) internal {
        carry(change(IMembership.ChangeKind.SUSPEND, candidate(i)));
    }

    function reinstate(uint256 i) internal {
        carry(change(IMembership.ChangeKind.REINSTATE, candidate(i)));
    }

    // ── instants ─────────────────────────────────────────────────────────────────────────────────────────────────

    function deadline() internal view returns (UnixSeconds) {
        return UnixSeconds.wrap(uint64(block.timestamp + 600));
    }

    function tomorrow() internal view returns (UtcDay) {
        return UtcDay.wrap(uint32(block.timestamp / 1 days + 1));
    }

    // ── consents ─────────────────────────────────────────────────────────────────────────────────────────────────

    function commitmentFor(string memory words) internal pure returns (Commitment) {
        return Commitment.wrap(keccak256(bytes(words)));
    }

    function grantIntent(uint256 key, Commitment commitment) internal view returns (IConsentLedger.GrantIntent memory) {
        return grantIntent(key, commitment, tomorrow(), 0, deadline());
    }

    function grantIntent(uint256 key, Commitment commitment, UtcDay expiryDay, uint64 nonce, UnixSeconds until)
        internal
        view
        returns (IConsentLedger.GrantIntent memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, consents.grantDigest(commitment, expiryDay, nonce, until));
        return IConsentLedger.GrantIntent(commitment, vm.addr(key), expiryDay, nonce, until, v, r, s);
    }

    function revokeIntent(uint256 key, Commitment commitment) internal view returns (IConsentLedger.RevokeIntent memory) {
        return revokeIntent(key, commitment, 0, deadline());
    }

    function revokeIntent(uint256 key, Commitment commitment, uint64 nonce, UnixSeconds until)
        internal
        view
        returns (IConsentLedger.RevokeIntent memory)
    {
        ConsentId id = consents.consentIdOf(commitment, vm.addr(key));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, consents.revokeDigest(id, nonce, until));
        return IConsentLedger.RevokeIntent(commitment, vm.addr(key), nonce, until, v, r, s);
    }

    function relay(IConsentLedger.GrantIntent memory intent) internal returns (IConsentLedger.GrantCode) {
        IConsentLedger.GrantIntent[] memory intents = new IConsentLedger.GrantIntent[](1);
        intents[0] = intent;
        vm.prank(accountOf(0));
        return consents.grantBatch(intents)[0];
    }

    function stateOf(uint256 key, Commitment commitment) internal view returns (IConsentLedger.State state) {
        address signer = vm.addr(key);
        (state,) = consents.consentOf(consents.consentIdOf(commitment, signer), signer);
    }

    // ── assertions ───────────────────────────────────────────────────────────────────────────────────────────────

    function assertCode(IConsentLedger.GrantCode code, IConsentLedger.GrantCode expected, string memory words)
        internal
        pure
    {
        vm.assertEq(uint256(code), uint256(expected), words);
    }

    function assertState(IConsentLedger.State state, IConsentLedger.State expected, string memory words) internal pure {
        vm.assertEq(uint256(state), uint256(expected), words);
    }
}
