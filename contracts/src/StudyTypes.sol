// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Value types of the contracts of studies.
/// In calls and events each is its underlying type.

/// A study: keccak256(abi.encode(applicant, first plan hash, salt)); stable over amendments.
type StudyId is bytes32;
/// keccak256(abi.encode(plan)): what committee and sites approve.
type PlanHash is bytes32;
/// A set of a study's sites, bit = number of the site in that study.
type SiteSet is uint256;

using {isOtherPlan as !=} for PlanHash global;
using {has, with_, without, minus, both, size, isSameSet as ==} for SiteSet global;

SiteSet constant NO_SITES = SiteSet.wrap(0);

function isOtherPlan(PlanHash a, PlanHash b) pure returns (bool) {
    return PlanHash.unwrap(a) != PlanHash.unwrap(b);
}

function isSameSet(SiteSet a, SiteSet b) pure returns (bool) {
    return SiteSet.unwrap(a) == SiteSet.unwrap(b);
}

function has(SiteSet set, uint8 number) pure returns (bool) {
    return (SiteSet.unwrap(set) >> number) & 1 == 1;
}

function with_(SiteSet set, uint8 number) pure returns (SiteSet) {
    return SiteSet.wrap(SiteSet.unwrap(set) | (uint256(1) << number));
}

function without(SiteSet set, uint8 number) pure returns (SiteSet) {
    return SiteSet.wrap(SiteSet.unwrap(set) & ~(uint256(1) << number));
}

/// The sites of a set that are not in another.
function minus(SiteSet set, SiteSet other) pure returns (SiteSet) {
    return SiteSet.wrap(SiteSet.unwrap(set) & ~SiteSet.unwrap(other));
}

function both(SiteSet a, SiteSet b) pure returns (SiteSet) {
    return SiteSet.wrap(SiteSet.unwrap(a) & SiteSet.unwrap(b));
}

/// Number of sites in a set.
function size(SiteSet set) pure returns (uint256 count) {
    for (uint256 rest = SiteSet.unwrap(set); rest != 0; rest &= rest - 1) {
        ++count;
    }
}
