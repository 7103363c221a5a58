/**
 * A ridge as the learner of a study: each site sends the sums of its normal equations once a round, and everybody who
 * adds them up solves the same equations.
 *
 * Laws: the model is that of all windows in one place to 1e-9, and the same bytes in `open` and `masked` mode; it depends
 * on the round's people alone and on no base, so that a round without a person is a model that never had them. Sums are
 * not clipped and outvoted by no rule: a site weighs by its windows, and what bounds a lie are windows that could be. In
 * `open` mode members see a site's sums, which tell much about few people; under masks their total alone.
 * Source: Protocol W (learning/ridge).
 */
import { type MaskSuite, nobleMaskSuite, roundPlan, type Site, siteMetrics } from '../learning/index.ts'
import { normalEquations, ridgeForecast, solveRidge } from '../learning/site.door.ts'
import type { Hasher } from '../vault/index.ts'
import { type Bytes, hash32, type InstitutionId, IsletError, toHex } from '../vocabulary/index.ts'
import { type ForecastData, forecastData, STRIDE, windowsOf } from './forecast-data.ts'
import { judged, meanMetrics } from './forecast-figures.ts'
import type { Aggregation, Learner, MaskedLearner, SitePart, TrainingTask } from './learner.ts'
import { type MaskedMeans, maskedSums } from './masked-sum.ts'
import type { StudyPlan } from './plan.ts'
import {
  equationsOf,
  limbBytes,
  limbsOf,
  RIDGE_SHAPE,
  RING_RANGE,
  readLimbs,
  SUM_LIMBS,
  totalOf,
  totalOfMean,
} from './ridge-sums.ts'

export interface RidgeLearnerOptions {
  readonly hasher: Hasher
  /** Primitives of masks; the pure ones unless given. */
  readonly suite?: MaskSuite
  /** Cells between the anchors of two windows, 5 minutes each. */
  readonly stride?: number
}

const WEIGHTS = RIDGE_SHAPE.width * RIDGE_SHAPE.horizon

/** The learner of a plan. Throws `MODEL_UNKNOWN`, `PRIVACY_UNSUPPORTED`. */
export function ridgeLearner(
  { model, privacy }: Pick<StudyPlan, 'model' | 'privacy'>,
  { hasher, suite = nobleMaskSuite, stride = STRIDE }: RidgeLearnerOptions,
): Learner<ForecastData> {
  if (model.name !== 'ridge') throw modelUnknown(model.name)
  if (privacy.differential_privacy !== null) throw unnoised()

  /** What a site sums up, and what it then says of itself. */
  const learning = ({ base, people }: TrainingTask<ForecastData>) => {
    const train = windowsOf(people, 'train')
    const held = windowsOf(people, 'held')
    const metrics = judged(siteMetrics(ridgeModel(base), NO_PARAMETERS, held), held)
    return { limbs: limbsOf(normalEquations(train)), said: { examples: train.count, metrics } }
  }

  const aggregated = (
    total: ArrayLike<number>,
    counted: readonly SitePart[],
    all: readonly SitePart[],
  ): Aggregation => {
    const equations = equationsOf(total)
    if (equations === undefined) throw notAggregated('the sites’ sums are of no windows', 'SUM_IMPOSSIBLE')
    const isCounted = (site: InstitutionId): boolean => counted.some((one) => one.site === site)
    return {
      model: weightBytes(solveRidge(equations).weights),
      metrics: { ...meanMetrics(counted), sites_counted: counted.length, windows: equations.count },
      excluded: all.map(({ site }) => site).filter((site) => !isCounted(site)),
    }
  }

  return {
    firstModel: () => weightBytes(new Float64Array(WEIGHTS)),
    modelHash: (bytes) => hash32(toHex(hasher.sha256(bytes))),
    prepare: (trace) => forecastData(trace, { stride, withEvents: false }, hasher),
    train: async (task) => {
      const { limbs, said } = learning(task)
      return { ...said, answer: limbBytes(limbs) }
    },
    aggregate: (_base, parts) => {
      const read = parts.flatMap((part) => {
        const limbs = readLimbs(part.answer)
        const windows = limbs === undefined ? undefined : equationsOf(limbs)?.count
        return limbs === undefined || windows !== part.examples ? [] : [{ part, limbs }]
      })
      if (read.length === 0) throw notAggregated('no site’s sums can be used', 'QUORUM_MISSED')
      return aggregated(
        totalOf(read.map(({ limbs }) => limbs)),
        read.map(({ part }) => part),
        parts,
      )
    },
    ...(privacy.aggregation === 'masked'
      ? { masked: maskedRidge({ hasher, suite }, learning, aggregated) }
      : {}),
  }
}

/** The same sums under masks: every site weighs alike in them, because a sum holds its windows already. */
function maskedRidge(
  { hasher, suite }: Pick<MaskedMeans, 'hasher' | 'suite'>,
  learning: (task: TrainingTask<ForecastData>) => {
    readonly limbs: Int16Array
    readonly said: Pick<SitePart, 'examples' | 'metrics'>
  },
  aggregated: (
    total: ArrayLike<number>,
    counted: readonly SitePart[],
    all: readonly SitePart[],
  ) => Aggregation,
): MaskedLearner<ForecastData> {
  const base = new Float32Array(SUM_LIMBS)
  const sums = maskedSums({
    hasher,
    suite,
    plan: (sites, study) =>
      roundPlan(sites, {
        study,
        mode: 'masked',
        parameters: SUM_LIMBS,
        rounds: 1,
        attempts: 1,
        quorum: 1,
        maskDepth: 16,
        range: RING_RANGE,
        down: { name: 'float32' },
      }),
  })
  return {
    weight: () => 1,
    advertise: async (sum, own) => sums.advert(sum, own),
    share: async (sum, own) => sums.shares(sum, own),
    train: async (task, sum, shares, own) => {
      const { limbs, said } = learning(task)
      const update = Float32Array.from(limbs)
      const site: Site = {
        id: own.site,
        examples: 1,
        train: async () => ({ update, loss: 0, steps: 1 }),
      }
      return { ...said, ...(await sums.update(sum, shares, own, { site, base })) }
    },
    reveal: async (sum, shares, updates, own) => sums.reveal(sum, shares, updates, own),
    aggregate: (_base, sum, { shares, parts, revealed }) => {
      const updates = new Map(parts.map(({ site, answer }) => [site, answer]))
      const made = sums.model(sum, { base, memory: {}, shares, updates, revealed })
      const counted = parts.filter(({ site }) => made.contributors.includes(site))
      const liars = sum.sites.filter((site) => made.liars.includes(site))
      return { ...aggregated(totalOfMean(made.model, counted.length), counted, parts), liars }
    },
  }
}

const NO_PARAMETERS = new Float32Array()

/** A ridge's bytes as what forecasts: little-endian float64. Throws `MODEL_WRONG_SHAPE`. */
export function ridgeModel(model: Bytes): Parameters<typeof siteMetrics>[0] {
  if (model.length !== 8 * WEIGHTS) {
    throw new IsletError('MODEL_WRONG_SHAPE', 'the model has another number of weights than a ridge', {
      bytes: model.length,
      expected_bytes: 8 * WEIGHTS,
    })
  }
  const view = new DataView(model.buffer, model.byteOffset)
  const weights = Float64Array.from({ length: WEIGHTS }, (_, i) => view.getFloat64(8 * i, true))
  return {
    predict: (_, windows) => ({
      path: ridgeForecast({ ...RIDGE_SHAPE, weights }, windows),
      quantiles: NO_PARAMETERS,
    }),
  }
}

function weightBytes(weights: Float64Array): Bytes {
  const bytes = new Uint8Array(8 * weights.length)
  const view = new DataView(bytes.buffer)
  for (const [i, weight] of weights.entries()) view.setFloat64(8 * i, weight, true)
  return bytes
}

function modelUnknown(model: string): IsletError {
  return new IsletError(
    'MODEL_UNKNOWN',
    'the strategy ridge trains a ridge and nothing else',
    { model },
    { at: { field: 'model.name' }, remedy: 'Name ridge as model too, or another strategy.' },
  )
}

function unnoised(): IsletError {
  return new IsletError(
    'PRIVACY_UNSUPPORTED',
    'no noise is made for the sums of a ridge, so that no privacy budget can be kept',
    { field: 'differential_privacy' },
    {
      at: { field: 'privacy.differential_privacy' },
      remedy: 'Name a network, or take the budget out and mask.',
    },
  )
}

function notAggregated(message: string, because: 'QUORUM_MISSED' | 'SUM_IMPOSSIBLE'): IsletError {
  return new IsletError(
    'ROUND_NOT_AGGREGATED',
    message,
    { because },
    { remedy: 'Open another round; the report of this one names who was missing.' },
  )
}
