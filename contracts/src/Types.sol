// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Value types of the three contracts, so that a day is never taken for an hour, nor one hash for another.
/// In calls and events each is its underlying type.

/// A member institution: 32 bytes chosen at enrolment, stable over key rotations.
type InstitutionId is bytes32;
/// Hash of a proposed change, its nonce and its deadline included.
type ProposalId is bytes32;
/// Salted hash of something that stays off the ledger: a consent's opening, an access request.
type Commitment is bytes32;
/// keccak256(abi.encode(commitment, signer)).
type ConsentId is bytes32;
/// What an institution's anchors on one stream add up to: slot number and truncated hash in one word.
type Head is bytes32;
/// Stream of anchors of one institution: 0 sealed objects, 1 access log; the rest is free for later use.
type Stream is uint8;
/// Number of an anchor slot; 0 is never a slot.
type Slot is uint64;
/// A slot and both its sizes in one word of a call: slot ‖ leaves of its objects ‖ entries of the access log, 64 bits each.
type Extent is uint192;
/// Whole seconds since 1970-01-01T00:00Z.
type UnixSeconds is uint64;
/// Whole UTC days since 1970-01-01.
type UtcDay is uint32;
/// Whole UTC hours since 1900-01-01T00:00Z.
type UtcHour is uint32;

using {isSame as ==, isOther as !=, isNone} for InstitutionId global;
using {isSameConsent as ==, isOtherConsent as !=} for ConsentId global;
using {isOtherHead as !=} for Head global;
using {isAtMost as <=, isAfter as >} for Slot global;
using {parts} for Extent global;
using {isEarlier as <, isLaterOrSame as >=, isLater as >} for UnixSeconds global;
using {isSameDay as ==, isOtherDay as !=} for UtcDay global;
using {isEarlierHour as <, isLaterOrSameHour as >=} for UtcHour global;

InstitutionId constant NO_INSTITUTION = InstitutionId.wrap(0);
Stream constant OBJECTS = Stream.wrap(0);
Stream constant ACCESS_LOG = Stream.wrap(1);
Slot constant NO_SLOT = Slot.wrap(0);

// Seconds from 1900-01-01T00:00Z to 1970-01-01T00:00Z: 25,567 days.
uint256 constant EPOCH_1900_SECONDS = 2_208_988_800;

/// The UTC day by whose start an instant has passed: rounded UP, so that the ledger never ends a consent early.
function dayAtOrAfter(UnixSeconds instant) pure returns (UtcDay) {
    return UtcDay.wrap(uint32((uint256(UnixSeconds.unwrap(instant)) + 1 days - 1) / 1 days));
}

/// Whether a UTC day has begun by an instant.
function hasBegun(UtcDay day, UnixSeconds instant) pure returns (bool) {
    return uint256(UtcDay.unwrap(day)) * 1 days <= UnixSeconds.unwrap(instant);
}

/// Whether an hour begins after an instant. Unsigned: both sides are counted from 1900.
function beginsAfter(UtcHour hour, UnixSeconds instant) pure returns (bool) {
    return uint256(UtcHour.unwrap(hour)) * 1 hours > uint256(UnixSeconds.unwrap(instant)) + EPOCH_1900_SECONDS;
}

function isSame(InstitutionId a, InstitutionId b) pure returns (bool) {
    return InstitutionId.unwrap(a) == InstitutionId.unwrap(b);
}

function isOther(InstitutionId a, InstitutionId b) pure returns (bool) {
    return InstitutionId.unwrap(a) != InstitutionId.unwrap(b);
}

function isNone(InstitutionId a) pure returns (bool) {
    return InstitutionId.unwrap(a) == 0;
}

function isSameConsent(ConsentId a, ConsentId b) pure returns (bool) {
    return ConsentId.unwrap(a) == ConsentId.unwrap(b);
}

function isOtherConsent(ConsentId a, ConsentId b) pure returns (bool) {
    return ConsentId.unwrap(a) != ConsentId.unwrap(b);
}

function isOtherHead(Head a, Head b) pure returns (bool) {
    return Head.unwrap(a) != Head.unwrap(b);
}

function isAtMost(Slot a, Slot b) pure returns (bool) {
    return Slot.unwrap(a) <= Slot.unwrap(b);
}

function isAfter(Slot a, Slot b) pure returns (bool) {
    return Slot.unwrap(a) > Slot.unwrap(b);
}

function isEarlier(UnixSeconds a, UnixSeconds b) pure returns (bool) {
    return UnixSeconds.unwrap(a) < UnixSeconds.unwrap(b);
}

function isLater(UnixSeconds a, UnixSeconds b) pure returns (bool) {
    return UnixSeconds.unwrap(a) > UnixSeconds.unwrap(b);
}

function isLaterOrSame(UnixSeconds a, UnixSeconds b) pure returns (bool) {
    return UnixSeconds.unwrap(a) >= UnixSeconds.unwrap(b);
}

function isSameDay(UtcDay a, UtcDay b) pure returns (bool) {
    return UtcDay.unwrap(a) == UtcDay.unwrap(b);
}

function isOtherDay(UtcDay a, UtcDay b) pure returns (bool) {
    return UtcDay.unwrap(a) != UtcDay.unwrap(b);
}

function isEarlierHour(UtcHour a, UtcHour b) pure returns (bool) {
    return UtcHour.unwrap(a) < UtcHour.unwrap(b);
}

function isLaterOrSameHour(UtcHour a, UtcHour b) pure returns (bool) {
    return UtcHour.unwrap(a) >= UtcHour.unwrap(b);
}

function parts(Extent extent) pure returns (Slot slot, uint64 count, uint64 size) {
    uint192 word = Extent.unwrap(extent);
    return (Slot.wrap(uint64(word >> 128)), uint64(word >> 64), uint64(word));
}
