// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStudyLedger} from "./interfaces/IStudyLedger.sol";
import {UnixSeconds} from "./Types.sol";

/// @title Which plans and decisions the ledger takes
library StudyRules {
    /// @notice Longest time from a decision to the end of the approval.
    uint256 internal constant LONGEST_APPROVAL = 366 days;
    uint256 internal constant MOST_SITES = 256;
    /// @notice Bounds the walk back over a model's versions.
    uint256 internal constant MOST_ROUNDS = 1_000;
    uint256 internal constant LONGEST_STEP = 30 days;
    /// @notice Fewest sites of a masked sum: with two, each learns the other's update.
    uint256 internal constant FEWEST_MASKED = 3;

    /// @notice Reverts with the name of the first field that a plan may not have so.
    function requireComplete(IStudyLedger.Plan calldata plan) internal view {
        if (plan.document == 0) revert IStudyLedger.IncompletePlan("document");
        if (plan.sheet == 0) revert IStudyLedger.IncompletePlan("sheet");
        if (plan.model == 0) revert IStudyLedger.IncompletePlan("model");
        uint256 fewest = plan.aggregation == IStudyLedger.Aggregation.MASKED ? FEWEST_MASKED : 1;
        bool isSiteCount = plan.minimumSites >= fewest && plan.minimumSites <= MOST_SITES;
        if (!isSiteCount) revert IStudyLedger.IncompletePlan("minimumSites");
        if (plan.rounds == 0 || plan.rounds > MOST_ROUNDS) revert IStudyLedger.IncompletePlan("rounds");
        if (plan.stepSeconds == 0 || plan.stepSeconds > LONGEST_STEP) {
            revert IStudyLedger.IncompletePlan("stepSeconds");
        }
        if (UnixSeconds.unwrap(plan.ends) <= block.timestamp) revert IStudyLedger.IncompletePlan("ends");
    }

    /// @notice Whether a verdict can be voted on in a state.
    function isVotable(IStudyLedger.State state, IStudyLedger.Verdict verdict) internal pure returns (bool) {
        bool isAboutAnApplication =
            verdict == IStudyLedger.Verdict.APPROVE || verdict == IStudyLedger.Verdict.REJECT;
        if (isAboutAnApplication) return state == IStudyLedger.State.SUBMITTED;
        return state == IStudyLedger.State.CONDITIONAL || state == IStudyLedger.State.APPROVED
            || state == IStudyLedger.State.OPEN;
    }

    /// @notice Reverts when a decision says what its verdict does not say, or ends too early or too late.
    /// @param present End of the present approval; 0 if none.
    function requireInRange(IStudyLedger.Decision calldata decision, UnixSeconds present) internal view {
        bool isApproval = decision.verdict == IStudyLedger.Verdict.APPROVE;
        if (decision.conditions != 0 && !isApproval) revert IStudyLedger.DecisionOutOfRange("conditions");
        uint256 until = UnixSeconds.unwrap(decision.until);
        bool grantsTime = isApproval || decision.verdict == IStudyLedger.Verdict.RENEW;
        bool isAhead = until > block.timestamp && until <= block.timestamp + LONGEST_APPROVAL;
        bool isInRange = grantsTime ? isAhead && decision.until > present : until == 0;
        if (!isInRange) revert IStudyLedger.DecisionOutOfRange("until");
    }
}
