/** Kernels, models, rounds, aggregation, privacy, fairness: knows neither ledger nor vault. Pure core; the worker has its own door. */
export type { Windows } from './data/windows.ts'
export type { Forecasts, Network, NetworkShape, Trained, Training } from './nets/network.ts'
