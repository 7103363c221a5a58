/** Kernels, models, rounds, aggregation, privacy, fairness: knows neither ledger nor vault. Pure core; the worker has its own door. */

export { usablePeople } from './data/cohort.ts'
export type { Events, PersonTrace } from './data/trace.ts'
export type { Windows } from './data/windows.ts'
export { type Evaluation, type EvaluationOptions, evaluate } from './evaluate/evaluate.ts'
export { type Forecaster, federatedRidge, persistence } from './evaluate/forecasters.ts'
export { MODELS, type ModelName, modelsNamed, nearest } from './evaluate/models.ts'
export { PROTOCOLS, type ProtocolName } from './evaluate/protocols.ts'
export type { EvaluationRow } from './evaluate/row.ts'
export type { Forecasts, Network, NetworkShape, Trained, Training } from './nets/network.ts'
