// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsentLedger} from "../src/interfaces/IConsentLedger.sol";
import {Commitment, ConsentId, InstitutionId, UnixSeconds, UtcDay, UtcHour} from "../src/Types.sol";
import {Fixture} from "./support/Fixture.sol";
import {clamp, vm} from "./support/Vm.sol";

/// `checkAccess`: every code by a flaw of its own, their order, every field of the commitment, and a second, slower
/// writing of the rules that must agree on random input.
contract ConsentAccessTest is Fixture {
    uint256 private constant KEY = 0xC0FFEE;
    uint256 private constant HOUR = (NOW + 2_208_988_800) / 1 hours;
    bytes32 private constant PERSON = "person";

    // ── table ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_aRequestInsideTheConsentIsAllowed() public {
        IConsentLedger.Opening memory opening = _opening();
        _check(opening, _granted(opening), _request(), NOW, IConsentLedger.AccessCode.ALLOWED);
    }

    function test_readerAndSubject() public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        IConsentLedger.Request memory request = _request();
        request.reader = idOf(2);
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.READER_MISMATCH);
        request = _request();
        request.subject = "somebody else";
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.SUBJECT_MISMATCH);
        request.subject = 0;
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.SUBJECT_MISMATCH);
    }

    function test_aConsentForTheInstitutionHoldsForAnybodyThere() public {
        IConsentLedger.Opening memory opening = _opening();
        opening.subject = 0;
        _check(opening, _granted(opening), _request(), NOW, IConsentLedger.AccessCode.ALLOWED);
    }

    function test_kindActionAndPurposeAreTheBitsGrantedAndNoOthers() public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        for (uint256 bit = 0; bit < 256; ++bit) {
            IConsentLedger.Request memory request = _request();
            request.kind = uint8(bit);
            bool granted = bit < 16 && (opening.kinds >> bit) & 1 == 1;
            _check(opening, id, request, NOW, _or(granted, IConsentLedger.AccessCode.KIND_NOT_GRANTED));
            request = _request();
            request.action = uint8(bit);
            granted = bit < 8 && (opening.actions >> bit) & 1 == 1;
            _check(opening, id, request, NOW, _or(granted, IConsentLedger.AccessCode.ACTION_NOT_GRANTED));
            request = _request();
            request.purpose = uint8(bit);
            granted = bit < 16 && (opening.purposes >> bit) & 1 == 1;
            _check(opening, id, request, NOW, _or(granted, IConsentLedger.AccessCode.PURPOSE_NOT_GRANTED));
        }
    }

    function test_hoursAreHalfOpenAndAllInside() public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        uint32 first = UtcHour.unwrap(opening.firstHour);
        uint32 end = UtcHour.unwrap(opening.endHour);
        IConsentLedger.AccessCode no = IConsentLedger.AccessCode.HOURS_NOT_GRANTED;
        _check(opening, id, _hours(first, end), NOW, IConsentLedger.AccessCode.ALLOWED);
        _check(opening, id, _hours(first, first + 1), NOW, IConsentLedger.AccessCode.ALLOWED);
        _check(opening, id, _hours(end - 1, end), NOW, IConsentLedger.AccessCode.ALLOWED);
        _check(opening, id, _hours(first - 1, end), NOW, no);
        _check(opening, id, _hours(first, end + 1), NOW, no);
        _check(opening, id, _hours(end, end + 1), NOW, no);
        _check(opening, id, _hours(first + 1, first + 1), NOW, no);
        _check(opening, id, _hours(first + 2, first + 1), NOW, no);
        _check(opening, id, _hours(0, type(uint32).max), NOW, no);
    }

    function test_accessBeginsAtNotBeforeAndEndsAtExpiry() public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        uint256 begins = UnixSeconds.unwrap(opening.notBefore);
        uint256 ends = UnixSeconds.unwrap(opening.expiresAt);
        _check(opening, id, _request(), begins - 1, IConsentLedger.AccessCode.NOT_YET_VALID);
        _check(opening, id, _request(), begins, IConsentLedger.AccessCode.ALLOWED);
        _check(opening, id, _request(), ends - 1, IConsentLedger.AccessCode.ALLOWED);
        _check(opening, id, _request(), ends, IConsentLedger.AccessCode.CONSENT_EXPIRED);
        _check(opening, id, _request(), type(uint64).max, IConsentLedger.AccessCode.CONSENT_EXPIRED);
    }

    function testFuzz_theClockOfTheBlockDecidesNothing(uint64 blockTime) public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        vm.warp(blockTime);
        _check(opening, id, _request(), NOW, IConsentLedger.AccessCode.ALLOWED);
        _check(
            opening, id, _request(), UnixSeconds.unwrap(opening.expiresAt), IConsentLedger.AccessCode.CONSENT_EXPIRED
        );
    }

    function test_theWindowEndsNoLaterThanTheExpiry() public {
        IConsentLedger.Opening memory opening = _opening();
        opening.endHour = UtcHour.wrap(uint32(HOUR + 24)); // data to come
        opening.expiresAt = UnixSeconds.wrap(uint64(UtcHour.unwrap(opening.endHour)) * 3600 - 2_208_988_800);
        _check(opening, _granted(KEY + 1, opening), KEY + 1, IConsentLedger.AccessCode.ALLOWED);
        opening.expiresAt = UnixSeconds.wrap(UnixSeconds.unwrap(opening.expiresAt) - 1);
        _check(opening, _granted(KEY + 2, opening), KEY + 2, IConsentLedger.AccessCode.WINDOW_AFTER_EXPIRY);
    }

    function test_theDayOnTheLedgerIsTheExpiryRoundedUp() public {
        IConsentLedger.Opening memory opening = _opening();
        uint32 day = uint32(UnixSeconds.unwrap(opening.expiresAt) / 1 days);
        for (uint32 shift = 0; shift < 3; ++shift) {
            Commitment commitment = consents.commitmentOf(opening);
            relay(grantIntent(KEY + shift, commitment, UtcDay.wrap(day + shift), 0, deadline()));
            ConsentId id = consents.consentIdOf(commitment, vm.addr(KEY + shift));
            _check(opening, id, KEY + shift, _or(shift == 1, IConsentLedger.AccessCode.EXPIRY_MISMATCH));
        }
        opening.expiresAt = UnixSeconds.wrap(uint64(day + 1) * 1 days); // midnight stays midnight
        _check(opening, _granted(KEY + 3, opening), KEY + 3, IConsentLedger.AccessCode.ALLOWED);
    }

    function test_unknownRevokedAndTombstonedConsentsOpenNothing() public {
        IConsentLedger.Opening memory opening = _opening();
        Commitment commitment = consents.commitmentOf(opening);
        ConsentId id = consents.consentIdOf(commitment, vm.addr(KEY));
        _check(opening, id, _request(), NOW, IConsentLedger.AccessCode.CONSENT_UNKNOWN);
        uint256 before = vm.snapshotState();
        consents.revoke(revokeIntent(KEY, commitment));
        _check(opening, id, _request(), NOW, IConsentLedger.AccessCode.CONSENT_REVOKED);
        vm.revertToState(before);
        _granted(opening);
        _check(opening, id, _request(), NOW, IConsentLedger.AccessCode.ALLOWED);
        consents.revoke(revokeIntent(KEY, commitment));
        _check(opening, id, _request(), NOW, IConsentLedger.AccessCode.CONSENT_REVOKED);
    }

    function test_aSuspendedReaderReadsNothingUntilReinstated() public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        suspend(1);
        _check(opening, id, _request(), NOW, IConsentLedger.AccessCode.READER_SUSPENDED);
        reinstate(1);
        _check(opening, id, _request(), NOW, IConsentLedger.AccessCode.ALLOWED);
    }

    function test_aReaderThatWasNeverAdmittedReadsNothing() public {
        IConsentLedger.Opening memory opening = _opening();
        opening.reader = idOf(77);
        IConsentLedger.Request memory request = _request();
        request.reader = idOf(77);
        _check(opening, _granted(opening), request, NOW, IConsentLedger.AccessCode.READER_SUSPENDED);
    }

    // ── commitment ───────────────────────────────────────────────────────────────────────────────────────────────

    function testFuzz_everyWordOfTheOpeningIsCommittedTo(uint8 word, uint256 salt) public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        IConsentLedger.Opening memory altered = _altered(word % 13, salt);
        vm.assume(keccak256(abi.encode(altered)) != keccak256(abi.encode(opening)));
        _check(altered, id, _request(), NOW, IConsentLedger.AccessCode.OPENING_MISMATCH);
    }

    function test_anotherSignersConsentIsNotThisOne() public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        _check(opening, id, KEY + 1, IConsentLedger.AccessCode.OPENING_MISMATCH);
    }

    /// With everything wrong at once, mending one flaw after the other walks the table from top to bottom.
    function test_codesAreJudgedInTheOrderOfTheTable() public {
        IConsentLedger.Opening memory opening = _opening();
        ConsentId id = _granted(opening);
        IConsentLedger.Request memory request = IConsentLedger.Request({
            reader: idOf(2),
            subject: 0,
            kind: 200,
            action: 200,
            purpose: 200,
            firstHour: UtcHour.wrap(9),
            endHour: UtcHour.wrap(9)
        });
        suspend(1);
        uint256 early = 0;
        _check(opening, id, request, early, IConsentLedger.AccessCode.READER_MISMATCH);
        request.reader = opening.reader;
        _check(opening, id, request, early, IConsentLedger.AccessCode.READER_SUSPENDED);
        reinstate(1);
        _check(opening, id, request, early, IConsentLedger.AccessCode.NOT_YET_VALID);
        _check(opening, id, request, type(uint64).max, IConsentLedger.AccessCode.CONSENT_EXPIRED);
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.SUBJECT_MISMATCH);
        request.subject = opening.subject;
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.KIND_NOT_GRANTED);
        request.kind = 0;
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.ACTION_NOT_GRANTED);
        request.action = 0;
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.PURPOSE_NOT_GRANTED);
        request.purpose = 0;
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.HOURS_NOT_GRANTED);
        (request.firstHour, request.endHour) = (opening.firstHour, opening.endHour);
        _check(opening, id, request, NOW, IConsentLedger.AccessCode.ALLOWED);
    }

    // ── a second writing of the rules ────────────────────────────────────────────────────────────────────────────

    /// Small ranges, so that every code comes up often; what decides is written once more, from the table.
    function testFuzz_theRulesWrittenTwiceAgree(uint256 seed) public {
        IConsentLedger.Opening memory opening = _opening();
        opening.subject = _pick(seed, "subject", 3) == 0 ? bytes32(0) : PERSON;
        opening.kinds = uint16(_pick(seed, "kinds", 8));
        opening.actions = uint8(_pick(seed, "actions", 4));
        opening.purposes = uint16(_pick(seed, "purposes", 8));
        opening.firstHour = UtcHour.wrap(uint32(HOUR - _pick(seed, "first", 12)));
        opening.endHour = UtcHour.wrap(uint32(HOUR + 24 - _pick(seed, "end", 24)));
        opening.notBefore = UnixSeconds.wrap(uint64(NOW - 50 + _pick(seed, "not before", 60)));
        opening.expiresAt = UnixSeconds.wrap(uint64(NOW + 12 hours + _pick(seed, "expires", 24 hours)));
        uint32 day = uint32((UnixSeconds.unwrap(opening.expiresAt) + 86_399) / 86_400);
        if (_pick(seed, "day", 8) == 0) day += 1;
        IConsentLedger.Request memory request = IConsentLedger.Request({
            reader: _pick(seed, "reader", 8) == 0 ? idOf(2) : idOf(1),
            subject: _pick(seed, "asker", 4) == 0 ? bytes32("somebody else") : PERSON,
            kind: uint8(_pick(seed, "kind", 3)),
            action: uint8(_pick(seed, "action", 2)),
            purpose: uint8(_pick(seed, "purpose", 3)),
            firstHour: UtcHour.wrap(uint32(HOUR - 12 + _pick(seed, "from", 20))),
            endHour: UtcHour.wrap(uint32(HOUR - 8 + _pick(seed, "until", 30)))
        });
        Commitment commitment = consents.commitmentOf(opening);
        uint256 fate = _pick(seed, "fate", 12);
        if (fate > 0) relay(grantIntent(KEY, commitment, UtcDay.wrap(day), 0, deadline()));
        if (fate == 1) consents.revoke(revokeIntent(KEY, commitment));
        if (fate == 2) suspend(1);
        uint256 instant = _pick(seed, "now", 6) == 0 ? NOW + _pick(seed, "later", 40 hours) : NOW;
        _check(
            opening,
            consents.consentIdOf(commitment, vm.addr(KEY)),
            request,
            instant,
            _reference(opening, request, instant, fate, day)
        );
    }

    function _reference(
        IConsentLedger.Opening memory opening,
        IConsentLedger.Request memory request,
        uint256 instant,
        uint256 fate,
        uint256 day
    ) private pure returns (IConsentLedger.AccessCode) {
        int256 expires = int256(uint256(UnixSeconds.unwrap(opening.expiresAt)));
        int256 windowEnd = int256(uint256(UtcHour.unwrap(opening.endHour))) * 3600 - 2_208_988_800;
        bool[15] memory refused;
        refused[2] = fate == 0;
        refused[3] = fate == 1;
        refused[4] = !(int256(day) * 86_400 >= expires && (int256(day) - 1) * 86_400 < expires);
        refused[5] = windowEnd > expires;
        refused[6] = InstitutionId.unwrap(request.reader) != InstitutionId.unwrap(opening.reader);
        refused[7] = fate == 2;
        refused[8] = instant < UnixSeconds.unwrap(opening.notBefore);
        refused[9] = int256(instant) >= expires;
        refused[10] = opening.subject != 0 && opening.subject != request.subject;
        refused[11] = (opening.kinds & (uint256(1) << request.kind)) == 0;
        refused[12] = (opening.actions & (uint256(1) << request.action)) == 0;
        refused[13] = (opening.purposes & (uint256(1) << request.purpose)) == 0;
        refused[14] = UtcHour.unwrap(request.endHour) <= UtcHour.unwrap(request.firstHour)
            || UtcHour.unwrap(request.firstHour) < UtcHour.unwrap(opening.firstHour)
            || UtcHour.unwrap(request.endHour) > UtcHour.unwrap(opening.endHour);
        for (uint256 code = 1; code < 15; ++code) {
            if (refused[code]) return IConsentLedger.AccessCode(code);
        }
        return IConsentLedger.AccessCode.ALLOWED;
    }

    // ── makers ───────────────────────────────────────────────────────────────────────────────────────────────────

    function _opening() private pure returns (IConsentLedger.Opening memory) {
        return IConsentLedger.Opening({
            reader: idOf(1),
            subject: PERSON,
            kinds: 0x0005,
            actions: 0x01,
            purposes: 0x0003,
            firstHour: UtcHour.wrap(uint32(HOUR - 72)),
            endHour: UtcHour.wrap(uint32(HOUR)),
            notBefore: UnixSeconds.wrap(uint64(NOW - 60)),
            expiresAt: UnixSeconds.wrap(uint64(NOW + 3 days)),
            patientKey: keccak256("patient key"),
            delegate: 0,
            termsHash: keccak256("terms"),
            salt: keccak256("salt")
        });
    }

    function _request() private pure returns (IConsentLedger.Request memory) {
        return _hours(uint32(HOUR - 72), uint32(HOUR));
    }

    function _hours(uint32 first, uint32 end) private pure returns (IConsentLedger.Request memory) {
        return IConsentLedger.Request({
            reader: idOf(1),
            subject: PERSON,
            kind: 0,
            action: 0,
            purpose: 0,
            firstHour: UtcHour.wrap(first),
            endHour: UtcHour.wrap(end)
        });
    }

    function _altered(uint256 word, uint256 salt) private pure returns (IConsentLedger.Opening memory opening) {
        opening = _opening();
        if (word == 0) opening.reader = InstitutionId.wrap(bytes32(salt));
        if (word == 1) opening.subject = bytes32(salt);
        if (word == 2) opening.kinds = uint16(salt);
        if (word == 3) opening.actions = uint8(salt);
        if (word == 4) opening.purposes = uint16(salt);
        if (word == 5) opening.firstHour = UtcHour.wrap(uint32(salt));
        if (word == 6) opening.endHour = UtcHour.wrap(uint32(salt));
        if (word == 7) opening.notBefore = UnixSeconds.wrap(uint64(salt));
        if (word == 8) opening.expiresAt = UnixSeconds.wrap(uint64(salt));
        if (word == 9) opening.patientKey = bytes32(salt);
        if (word == 10) opening.delegate = uint8(salt);
        if (word == 11) opening.termsHash = bytes32(salt);
        if (word == 12) opening.salt = bytes32(salt);
    }

    function _granted(IConsentLedger.Opening memory opening) private returns (ConsentId) {
        return _granted(KEY, opening);
    }

    function _granted(uint256 key, IConsentLedger.Opening memory opening) private returns (ConsentId) {
        Commitment commitment = consents.commitmentOf(opening);
        UtcDay day = UtcDay.wrap(uint32((UnixSeconds.unwrap(opening.expiresAt) + 86_399) / 86_400));
        assertCode(relay(grantIntent(key, commitment, day, 0, deadline())), IConsentLedger.GrantCode.GRANTED, "made");
        return consents.consentIdOf(commitment, vm.addr(key));
    }

    function _or(bool granted, IConsentLedger.AccessCode refusal) private pure returns (IConsentLedger.AccessCode) {
        return granted ? IConsentLedger.AccessCode.ALLOWED : refusal;
    }

    function _pick(uint256 seed, string memory name, uint256 range) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, name))) % range;
    }

    function _check(
        IConsentLedger.Opening memory opening,
        ConsentId id,
        uint256 key,
        IConsentLedger.AccessCode expected
    ) private view {
        _check(opening, id, vm.addr(key), _request(), NOW, expected);
    }

    function _check(
        IConsentLedger.Opening memory opening,
        ConsentId id,
        IConsentLedger.Request memory request,
        uint256 instant,
        IConsentLedger.AccessCode expected
    ) private view {
        _check(opening, id, vm.addr(KEY), request, instant, expected);
    }

    function _check(
        IConsentLedger.Opening memory opening,
        ConsentId id,
        address signer,
        IConsentLedger.Request memory request,
        uint256 instant,
        IConsentLedger.AccessCode expected
    ) private view {
        (bool allowed, IConsentLedger.AccessCode code) =
            consents.checkAccess(id, signer, opening, request, UnixSeconds.wrap(uint64(instant)));
        vm.assertEq(uint256(code), uint256(expected), "access code");
        vm.assertTrue(allowed == (code == IConsentLedger.AccessCode.ALLOWED), "allowed says what the code says");
    }
}
