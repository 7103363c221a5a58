/**
 * Trains a forecaster for use on people's own files: network and ridge over everybody, quantiles calibrated and the alarm
 * tuned on validation windows, judged once on test windows.
 *
 * Law: what is printed of the model was measured on windows that neither trained nor calibrated it.
 */
import { dataHash } from '../data/data-hash.ts'
import { joinWindows } from '../data/join-windows.ts'
import type { PersonTrace } from '../data/trace.ts'
import type { Windows } from '../data/windows.ts'
import { tunedThreshold } from '../metrics/hypo.ts'
import { pairsAt, requireJudged, type Score, STEP_30, STEP_60, score } from '../metrics/score.ts'
import { calibrate } from '../nets/calibrate.ts'
import { persistenceForecast } from '../ridge/baselines.ts'
import { sumEquations } from '../ridge/normal-equations.ts'
import { ridgeForecast, solveRidge } from '../ridge/ridge.ts'
import { trainAlone } from './alone.ts'
import { chosenShareOf } from './blend.ts'
import { type ForecastModel, forecastWith } from './forecast-model.ts'
import { type DivisionOptions, divide, protocolVersion } from './protocols.ts'
import { type Workshop, workshopFor } from './workshop.ts'

export interface TrainedModel {
  readonly model: ForecastModel
  readonly people: number
  readonly windowsTrain: number
  readonly windowsTest: number
  readonly persistence: Score
  readonly ridge: Score
  readonly own: Score
  /** Percent of test readings at 30 and 60 minutes inside the outermost quantiles. */
  readonly coverage: readonly [number, number]
}

/** Throws the codes of `divide` and of training, `NOTHING_TO_JUDGE`. */
export async function trainModel(
  traces: readonly PersonTrace[],
  given: Workshop,
  options: DivisionOptions,
): Promise<TrainedModel> {
  const { cohort, folds } = divide(traces, options)
  const [fold] = folds
  if (fold === undefined) throw new RangeError('a division has at least one fold')
  requireJudged(fold.test)
  const train = joinWindows(fold.sites.map((site) => site.train))
  const validation = joinWindows(fold.sites.map((site) => site.validation))
  const workshop = workshopFor(given, train.count, fold.sites.length)
  const { network, seed } = workshop
  const parameters = await trainAlone(workshop, train, validation)
  const ridge = solveRidge(sumEquations(fold.sites.map(({ equations }) => equations)))
  const protocol = protocolVersion(options)
  const uncalibrated: ForecastModel = {
    shape: network.shape,
    parameters,
    ridge: ridge.weights,
    share: chosenShareOf(
      validation,
      network.predict(parameters, validation).path,
      ridgeForecast(ridge, validation),
    ),
    shifts: network.shape.quantiles.concat(network.shape.quantiles).map(() => 0),
    alarm: 70,
    data: dataHash(traces, protocol),
    protocol,
    seed,
  }
  const forecast = forecastWith(uncalibrated, validation)
  const model = {
    ...uncalibrated,
    shifts: [...calibrate(network.shape, forecast, validation)],
    alarm: tunedThreshold(pairsAt(validation, forecast.path, STEP_30)),
  }
  const judged = forecastWith(model, fold.test)
  return {
    model,
    people: cohort.members.length,
    windowsTrain: train.count,
    windowsTest: fold.test.count,
    persistence: score(fold.test, persistenceForecast(fold.test)),
    ridge: score(fold.test, ridgeForecast(ridge, fold.test)),
    own: score(fold.test, judged.path),
    coverage: [
      covered(fold.test, judged.quantiles, network.shape.quantiles.length, 0),
      covered(fold.test, judged.quantiles, network.shape.quantiles.length, 1),
    ],
  }
}

function covered(windows: Windows, quantiles: Float32Array, levels: number, s: 0 | 1): number {
  const step = s === 0 ? STEP_30 : STEP_60
  let inside = 0
  let n = 0
  for (let w = 0; w < windows.count; w++) {
    const cell = w * windows.horizon + step
    if (windows.scored[cell] !== 1) continue
    n++
    const target = windows.targets[cell] ?? 0
    const low = quantiles[(w * 2 + s) * levels] ?? 0
    const high = quantiles[(w * 2 + s) * levels + levels - 1] ?? 0
    if (target >= low && target <= high) inside++
  }
  return (100 * inside) / Math.max(1, n)
}
