// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICredits} from "../src/interfaces/ICredits.sol";
import {Credits} from "../src/Credits.sol";
import {StudyId} from "../src/StudyTypes.sol";
import {InstitutionId} from "../src/Types.sol";
import {MerkleTree} from "./support/MerkleTree.sol";
import {StudyFixture} from "./support/StudyFixture.sol";
import {vm} from "./support/Vm.sol";

/// Batches of sixteen vouchers for people 0 to 9 of sites; the rest are dummies.
abstract contract CreditsFixture is StudyFixture {
    uint32 internal constant SIZE = 16;
    uint256 internal constant HOLDERS = 10;

    Credits internal credits;
    StudyId internal study;
    /// Made once: curves and trees are slow here.
    mapping(uint256 site => mapping(uint256 person => address)) internal bearerOf;
    mapping(uint256 site => bytes32[]) internal leavesOf;

    function setUp() public virtual override {
        super.setUp();
        credits = new Credits(studies);
        study = openedStudy(plan());
        for (uint256 site = 1; site <= SITES; ++site) {
            _grow(site);
        }
    }

    function _grow(uint256 site) private {
        for (uint256 i = 0; i < SIZE; ++i) {
            bytes32 words = keccak256(abi.encode("dummy", i));
            if (i < HOLDERS) {
                bearerOf[site][i] = vm.addr(bearerKey(site, i));
                words = credits.commitmentOf(voucherOf(site, i));
            }
            leavesOf[site].push(MerkleTree.leaf(abi.encodePacked(words)));
        }
    }

    function bearerKey(uint256 site, uint256 person) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("bearer", site, person))) % (ORDER - 1) + 1;
    }

    function voucherOf(uint256 site, uint256 person) internal view returns (ICredits.Voucher memory) {
        return ICredits.Voucher(study, idOf(site), bearerOf[site][person], keccak256(abi.encode(person)));
    }

    function issueBy(uint256 site) internal {
        bytes32 root = MerkleTree.root(leavesOf[site]);
        vm.prank(accountOf(site));
        credits.issue(study, root, SIZE);
    }

    function signatureOf(uint256 site, uint256 person, uint256 redeemer) internal view returns (bytes memory) {
        bytes32 nullifier = credits.nullifierOf(study, idOf(site), bearerOf[site][person]);
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(bearerKey(site, person), credits.redemptionDigest(nullifier, idOf(redeemer)));
        return abi.encodePacked(r, s, v);
    }

    function redeemCall(uint256 site, uint256 person, uint256 redeemer) internal view returns (bytes memory) {
        bytes32[] memory path = MerkleTree.path(leavesOf[site], person);
        bytes memory signature = signatureOf(site, person, redeemer);
        return abi.encodeCall(credits.redeem, (voucherOf(site, person), uint64(person), path, signature));
    }

    function send(address sender, bytes memory data) internal returns (bool done, bytes memory answer) {
        vm.prank(sender);
        return address(credits).call(data);
    }

    function assertRefused(address sender, bytes memory data, bytes memory refusal, string memory words) internal {
        (bool done, bytes memory answer) = send(sender, data);
        vm.assertFalse(done, words);
        vm.assertEq(keccak256(answer), keccak256(refusal), words);
    }
}

contract CreditsTest is CreditsFixture {
    function test_aVoucherIsRedeemedOnceAndNotedByItsNullifier() public {
        issueBy(1);
        bytes memory call = redeemCall(1, 3, OUTSIDER);
        (bool done,) = send(accountOf(OUTSIDER), call);
        vm.assertTrue(done, "redeemed");
        bytes32 nullifier = credits.nullifierOf(study, idOf(1), bearerOf[1][3]);
        vm.assertTrue(credits.isRedeemed(nullifier), "noted");
        vm.assertEq(uint256(credits.batchOf(study, idOf(1)).redeemed), 1, "counted");
        bytes memory spent = abi.encodeWithSelector(ICredits.AlreadyRedeemed.selector, nullifier);
        assertRefused(accountOf(OUTSIDER), call, spent, "not twice");
        assertRefused(accountOf(2), redeemCall(1, 3, 2), spent, "nor anywhere else");
    }

    function test_onlyASiteThatApprovedIssuesAndOnlyOnce() public {
        bytes memory call = abi.encodeCall(credits.issue, (study, keccak256("root"), SIZE));
        uint256[4] memory others = [APPLICANT, LATE_SITE, OUTSIDER, SUSPENDED];
        for (uint256 i = 0; i < others.length; ++i) {
            address account = accountOf(others[i]);
            bytes memory refusal = abi.encodeWithSelector(ICredits.NotAnIssuer.selector, account);
            assertRefused(account, call, refusal, "no site of the study");
        }
        issueBy(1);
        bytes memory again = abi.encodeWithSelector(ICredits.AlreadyIssued.selector, study, idOf(1));
        assertRefused(accountOf(1), call, again, "nobody adds vouchers afterwards");
    }

    function test_aBatchHasARootAndAPowerOfTwoOfLeaves() public {
        uint32[5] memory sizes = [uint32(0), 8, 17, 24, 1 << 25];
        for (uint256 i = 0; i < sizes.length; ++i) {
            bytes memory call = abi.encodeCall(credits.issue, (study, keccak256("root"), sizes[i]));
            assertRefused(
                accountOf(1), call, abi.encodeWithSelector(ICredits.BatchOutOfRange.selector, "size"), "no such size"
            );
        }
        bytes memory empty = abi.encodeCall(credits.issue, (study, bytes32(0), SIZE));
        assertRefused(accountOf(1), empty, abi.encodeWithSelector(ICredits.BatchOutOfRange.selector, "root"), "no root");
    }

    function test_onlyAnActiveMemberRedeems() public {
        issueBy(1);
        address[2] memory others = [accountOf(SUSPENDED), address(0xBEEF)];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(ICredits.NotARedeemer.selector, others[i]);
            assertRefused(others[i], redeemCall(1, 0, SUSPENDED), refusal, "no member");
        }
    }

    function test_neitherTheIssuingSiteNorAnotherMemberSpendsIt() public {
        issueBy(1);
        address bearer = bearerOf[1][0];
        bytes memory refusal = abi.encodeWithSelector(ICredits.NotTheBearer.selector, bearer);
        // The bearer named the outsider; the site, and a member that saw the call, send the same words.
        assertRefused(accountOf(1), redeemCall(1, 0, OUTSIDER), refusal, "not the site");
        assertRefused(accountOf(2), redeemCall(1, 0, OUTSIDER), refusal, "not who watched");
    }

    function test_aVoucherHoldsInItsOwnBatchOnly() public {
        issueBy(1);
        issueBy(2);
        ICredits.Voucher memory voucher = voucherOf(1, 0);
        voucher.site = idOf(2);
        bytes32[] memory path = MerkleTree.path(leavesOf[1], 0);
        bytes memory call = abi.encodeCall(credits.redeem, (voucher, 0, path, signatureOf(1, 0, OUTSIDER)));
        bytes memory refusal = abi.encodeWithSelector(ICredits.NotInTheBatch.selector, study, idOf(2));
        assertRefused(accountOf(OUTSIDER), call, refusal, "another site's batch");
        StudyId other = StudyId.wrap(keccak256("other study"));
        voucher = voucherOf(1, 0);
        voucher.study = other;
        call = abi.encodeCall(credits.redeem, (voucher, 0, path, signatureOf(1, 0, OUTSIDER)));
        refusal = abi.encodeWithSelector(ICredits.NotInTheBatch.selector, other, idOf(1));
        assertRefused(accountOf(OUTSIDER), call, refusal, "another study");
    }

    function testFuzz_aVoucherAlteredInAnyPartIsRefused(uint256 person, uint256 part, bytes32 other) public {
        person = person % HOLDERS;
        issueBy(1);
        ICredits.Voucher memory voucher = voucherOf(1, person);
        bytes32[] memory path = MerkleTree.path(leavesOf[1], person);
        bytes memory signature = signatureOf(1, person, OUTSIDER);
        uint64 index = uint64(person);
        part = part % 5;
        if (part == 0) voucher.salt = other;
        if (part == 1) voucher.bearer = address(uint160(uint256(other)));
        if (part == 2) path[uint256(other) % path.length] = other;
        if (part == 3) index = uint64(uint256(other) % SIZE);
        if (part == 4) signature[uint256(other) % 64] ^= 0x01;
        if (part == 3 && index == person) return;
        (bool done,) =
            send(accountOf(OUTSIDER), abi.encodeCall(credits.redeem, (voucher, index, path, signature)));
        vm.assertFalse(done, "refused");
        vm.assertEq(uint256(credits.batchOf(study, idOf(1)).redeemed), 0, "nothing counted");
    }

    /// forge-config: default.fuzz.runs = 16
    function testFuzz_everyVoucherOfABatchIsRedeemedInAnyOrder(uint256 start, uint256 redeemer) public {
        issueBy(2);
        redeemer = redeemer % SUSPENDED;
        for (uint256 i = 0; i < HOLDERS; ++i) {
            (bool done,) = send(accountOf(redeemer), redeemCall(2, (start % HOLDERS + i) % HOLDERS, redeemer));
            vm.assertTrue(done, "redeemed");
        }
        vm.assertEq(uint256(credits.batchOf(study, idOf(2)).redeemed), HOLDERS, "each once");
    }

    function test_aSignatureWithHighSIsRefused() public {
        issueBy(1);
        bytes32 nullifier = credits.nullifierOf(study, idOf(1), bearerOf[1][0]);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(bearerKey(1, 0), credits.redemptionDigest(nullifier, idOf(OUTSIDER)));
        bytes memory twin = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        bytes32[] memory path = MerkleTree.path(leavesOf[1], 0);
        bytes memory call = abi.encodeCall(credits.redeem, (voucherOf(1, 0), 0, path, twin));
        bytes memory refusal = abi.encodeWithSelector(ICredits.NotTheBearer.selector, bearerOf[1][0]);
        assertRefused(accountOf(OUTSIDER), call, refusal, "one spelling per signature");
    }

    function test_issuedVouchersOutliveTheStudy() public {
        issueBy(1);
        vm.prank(accountOf(APPLICANT));
        studies.close(study);
        (bool done,) = send(accountOf(3), redeemCall(1, 0, 3));
        vm.assertTrue(done, "thanks are not taken back");
    }
}

/// The random life of vouchers: sites issue, people redeem anywhere, copies are sent again, members come and go.
contract CreditsInvariants is CreditsFixture {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// Ghosts: redemptions that were taken, by site and person.
    mapping(uint256 site => mapping(uint256 person => uint256)) private taken;
    mapping(uint256 site => uint256) private count;
    mapping(uint256 site => bytes32) private firstRoot;

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory list = new bytes4[](3);
        list[0] = this.issueSome.selector;
        list[1] = this.redeemSome.selector;
        list[2] = this.suspendOrBack.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), list);
    }

    function issueSome(uint256 site) external {
        site = site % PEOPLE;
        bool hasPart = site >= 1 && site <= SITES;
        bytes32 root = hasPart ? MerkleTree.root(leavesOf[site]) : keccak256("none");
        vm.prank(accountOf(site));
        try credits.issue(study, root, SIZE) {
            vm.assertTrue(firstRoot[site] == 0, "a batch is issued once");
            firstRoot[site] = root;
        } catch {}
    }

    function redeemSome(uint256 site, uint256 person, uint256 redeemer, uint256 sender) external {
        (site, person, redeemer) = (site % SITES + 1, person % HOLDERS, redeemer % PEOPLE);
        sender = sender % 4 == 0 ? sender % PEOPLE : redeemer;
        (bool done,) = send(accountOf(sender), redeemCall(site, person, redeemer));
        if (!done) return;
        vm.assertEq(sender, redeemer, "at the member that the bearer named");
        ++taken[site][person];
        ++count[site];
    }

    function suspendOrBack(uint256 who) external {
        who = who % PEOPLE;
        bool isActive = members.isActiveInstitution(idOf(who));
        if (isActive && members.activeCount() <= THRESHOLD) return;
        if (isActive) suspend(who);
        else reinstate(who);
    }

    function invariant_noVoucherCountsTwiceAndNoneAppears() public view {
        for (uint256 site = 1; site <= SITES; ++site) {
            for (uint256 person = 0; person < HOLDERS; ++person) {
                vm.assertLe(taken[site][person], 1, "at most once");
                bytes32 nullifier = credits.nullifierOf(study, idOf(site), bearerOf[site][person]);
                vm.assertTrue(credits.isRedeemed(nullifier) == (taken[site][person] == 1), "noted exactly when taken");
            }
            ICredits.Batch memory batch = credits.batchOf(study, idOf(site));
            vm.assertEq(uint256(batch.redeemed), count[site], "as many as were taken");
            vm.assertLe(uint256(batch.redeemed), uint256(batch.size), "never more than issued");
            vm.assertEq(batch.root, firstRoot[site], "a batch never changes");
        }
        vm.assertEq(uint256(credits.batchOf(study, idOf(OUTSIDER)).size), 0, "no site, no vouchers");
    }
}
