/** What forecasts at home with a study’s model, apart from the rest: a first screen loads it. */
export { pathOfModel } from './forecast-at-home.ts'
