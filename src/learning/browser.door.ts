/** What a browser forecasts with: models that others trained, on readings that never leave it. No kernel, no worker. */
export type { PersonTrace } from './data/trace.ts'
export { type NoForecast, type OwnForecast, ownForecast, type PathOf } from './evaluate/own-forecast.ts'
export type { NetworkShape } from './nets/network.ts'
export { parameterCount, plainPath } from './nets/plain-forward.ts'
export { ridgeForecast } from './ridge/ridge.ts'
