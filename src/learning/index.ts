/** Kernels, models, rounds, aggregation, privacy, fairness: knows neither ledger nor vault. Pure core; the worker has its own door. */

export { ATTACKS, type Attack, type AttackName, attacked } from './attacks/attack.ts'
export { cellCounts, cutsFromCounts, type Range } from './boosting/agreed-cuts.ts'
export {
  type BoostingForecaster,
  boostingForecast,
  type ForecasterOptions,
  trainBoostingForecaster,
} from './boosting/forecaster.ts'
export { Grower, type TreeState } from './boosting/grower.ts'
export type { GrowthStep } from './boosting/growth.ts'
export { sumOfWords } from './boosting/histogram-words.ts'
export { fromLimbs, sumOfLimbs, toLimbs } from './boosting/limbs.ts'
export { type BoostingModel, boostingDocument, boostingHash, predictBoosting } from './boosting/model.ts'
export type { BoostingSettings } from './boosting/settings.ts'
export { Site as BoostingSite } from './boosting/site.ts'
export { type Table, tableOf } from './boosting/table.ts'
export { type AddWords, trainBoosting, trainBoostingOverSites } from './boosting/train.ts'
export { importXgboost } from './boosting/xgboost-import.ts'
export { usablePeople } from './data/cohort.ts'
export { latestWindow } from './data/latest-window.ts'
export { JUMP_RULE, type OutlierRule, RANGE_RULE } from './data/outlier-readings.ts'
export {
  fitMinMax,
  fitOneHot,
  type PlainTable,
  type PreparationStep,
  type Prepared,
  prepare,
  recipeHash,
} from './data/preparation.ts'
export type { Events, PersonTrace } from './data/trace.ts'
export type { Windows } from './data/windows.ts'
export { readDoseModel, writeDoseModel } from './dose/dose-document.ts'
export { type DoseModel, doseModel, trainDoseModel } from './dose/dose-model.ts'
export { bolusFormula, type FormulaTerms } from './dose/formula.ts'
export { judgeDoseModel } from './dose/judge-doses.ts'
export { type Proposal, type ProposalOutcome, proposeDose } from './dose/proposal.ts'
export {
  type DoseSignature,
  proposalDigest,
  type SignatureVerifier,
  type SignedDose,
  signDose,
} from './dose/sign.ts'
export { type DoseRecord, type Situation, situationAt, WITHHELD, type Withheld } from './dose/situation.ts'
export type { DoseCode, DoseLimits, Therapy } from './dose/therapy.ts'
export { ATTACK_RULES, type AttackRule, type AttackTable, attackTable } from './evaluate/attack.ts'
export { type Evaluation, type EvaluationOptions, evaluate } from './evaluate/evaluate.ts'
export {
  type ForecastModel,
  forecastWith,
  modelDigest,
  readModel,
  writeModel,
} from './evaluate/forecast-model.ts'
export { type Forecaster, federatedRidge, persistence } from './evaluate/forecasters.ts'
export { type ModelName, modelsFor, modelsNamed, nearest } from './evaluate/models.ts'
export { networkForecasters } from './evaluate/network-forecasters.ts'
export { PROTOCOLS, type ProtocolName } from './evaluate/protocols.ts'
export type { EvaluationRow } from './evaluate/row.ts'
export { type SiteTable, siteTable } from './evaluate/site-table.ts'
export { type TrainedModel, trainModel } from './evaluate/train-model.ts'
export { FORECAST_NETWORK, usualRounds, type Workshop } from './evaluate/workshop.ts'
export { type Attribution, integratedGradients } from './explain/integrated-gradients.ts'
export type { Reason } from './explain/reasons-dose.ts'
export { type ForecastReason, forecastReasons } from './explain/reasons-forecast.ts'
export { type Contributions, treeShap } from './explain/tree-shap.ts'
export { gini, jain, type WorstSite, worstSite } from './fairness/equality.ts'
export { type Contribution, contribution, type Worth } from './fairness/shapley.ts'
export { type RunContribution, runContribution } from './fairness/summed-updates.ts'
export { agreedOnce } from './masking/agreed-once.ts'
export { threshold as maskThreshold } from './masking/group.ts'
export { type MaskSuite, nobleMaskSuite } from './masking/suite.ts'
export type { Score } from './metrics/score.ts'
export { type AlarmChoice, alarmThreshold } from './nets/alarm-threshold.ts'
export { calibrate, calibrated } from './nets/calibrate.ts'
export type { Forecasts, Network, NetworkShape, Trained, Training } from './nets/network.ts'
export { recommended } from './nets/recommended.ts'
export { network } from './nets/recurrent.ts'
export { firstOrder } from './nets/schedule.ts'
export {
  checkPrivacy,
  epsilonAfter,
  type PrivacyPlan,
  roundsWithin,
  type Spending,
  spend,
} from './privacy/budget.ts'
export { type PrivateSite, type PrivateSiteOptions, privateSite } from './privacy/private-site.ts'
export { type PrivateRandomness, simulatedRandomness, siteRandomness } from './privacy/randomness.ts'
export { defaultRule, type Rule } from './robust/rule.ts'
export { type AnsweredRound, answeredRound, loneAnswer } from './rounds/answered-round.ts'
export { modelOf } from './rounds/machine.ts'
export { Participant } from './rounds/participant.ts'
export { type Mode, type RoundPlan, roundPlan } from './rounds/plan.ts'
export { type Run, type RunOptions, runRounds } from './rounds/run-rounds.ts'
export type { Metrics, Reply, Site, Task } from './rounds/site.ts'
export { siteMetrics } from './rounds/site-metrics.ts'
export { type HeardRound, SummedMember } from './rounds/summed-member.ts'
export { summedRound } from './rounds/summed-round.ts'
export { type LocalTraining, type TrainingSite, trainingSite } from './rounds/training-site.ts'
export type { ServerMemory, Strategy } from './strategies/strategy.ts'
