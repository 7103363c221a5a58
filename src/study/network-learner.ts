/**
 * A recurrent forecaster as the learner of a study: windows cut at home, FedAvg, FedProx or FedAdam, robust or masked
 * aggregation.
 *
 * Laws: every round stands alone: what compression leaves over is dropped, and what FedAdam's server remembers lies in
 * the model itself, so that a model is a function of its base and the survivors' updates, and a retraining needs no past
 * (PROTOCOL 25). SCAFFOLD is refused: its sites remember, which nobody else could compute again or take back. Updates
 * are clipped by the sender, and in `open` mode again by everyone who aggregates. From five sites on the rule is
 * multi-Krum, with three or four the median; two have nothing but the mean; sums under masks are means of all
 * (PROTOCOL 22). Under a privacy budget each patient's part is clipped and the site's sum noised; sites then weigh alike
 * and tell no figure of their own, because no noise covers it.
 */
import {
  type AnsweredRound,
  answeredRound,
  defaultRule,
  loneAnswer,
  type MaskSuite,
  type NetworkShape,
  network,
  nobleMaskSuite,
  privateSite,
  roundPlan,
  type ServerMemory,
  type Site,
  siteMetrics,
  siteRandomness,
  trainingSite,
} from '../learning/index.ts'
import type { Hasher } from '../vault/index.ts'
import {
  type Bytes,
  hash32,
  type InstitutionId,
  IsletError,
  isIsletError,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import { type ForecastData, forecastData, STRIDE, windowsOf } from './forecast-data.ts'
import { judged, meanMetrics } from './forecast-figures.ts'
import type { Aggregation, Learner, MaskedLearner, SitePart, TrainingTask } from './learner.ts'
import { maskedSums } from './masked-sum.ts'
import { bytesOf, memoryIn, parametersOf } from './model-bytes.ts'
import { localTraining, networkStrategy } from './network-strategy.ts'
import { notAggregated } from './not-aggregated.ts'
import type { StudyPlan } from './plan.ts'
import { privacyBudget, privacyTerms } from './privacy-terms.ts'

/** Trains elsewhere than here: learning's pool of workers. */
type Trainer = Parameters<typeof trainingSite>[0]['trainer']

export interface NetworkLearnerOptions {
  readonly hasher: Hasher
  /** The network here unless given. */
  readonly trainer?: Trainer
  /** Primitives of masks; the pure ones unless given. */
  readonly suite?: MaskSuite
  /** Cells between the anchors of two windows, 5 minutes each. */
  readonly stride?: number
}

const MODEL_NAME = /^gru-(\d{1,3})$/
const EVENT_FEATURES = ['insulin_on_board', 'carbs_on_board']
const BATCH = 64
const GRADIENT_CLIP = 1
/** Most times the median of the sites' examples that a site weighs in a mean. */
const WEIGHT_CAP = 2
/** Standard deviations of noise that masked ranges hold: beyond them lies one value in 10¹⁵. */
const NOISE_ROOM = 8
/**
 * Of a coordinate in a masked mean, as a share of the clip: half a step of 16 bits a site; ranges are told up to a
 * quarter wider, and sites weigh a quarter of the heaviest in the mean at least, since half of them weigh half of it.
 */
const ROUNDING = 2.5 / 32_767
const NOISE = utf8('islet/v1/study-noise\0')

/** The network that a plan names. Throws `MODEL_UNKNOWN`. */
export function networkOf(plan: Pick<StudyPlan, 'data' | 'model'>): NetworkShape {
  const hidden = Number(MODEL_NAME.exec(plan.model.name)?.[1] ?? 0)
  if (hidden === 0 || hidden % 4 !== 0 || hidden > 256) {
    throw new IsletError(
      'MODEL_UNKNOWN',
      'no model of this name can be trained',
      { model: plan.model.name },
      {
        at: { field: 'model.name' },
        remedy: 'Name gru-24, or another multiple of 4 up to 256; ridge is named as model and strategy both.',
      },
    )
  }
  const withEvents = EVENT_FEATURES.some((name) => plan.data.features.includes(name))
  return { cell: 'gru', features: withEvents ? 6 : 4, hidden, horizon: 12, quantiles: [] }
}

/** The learner of a plan. Throws `MODEL_UNKNOWN`, `STRATEGY_UNKNOWN`, `PRIVACY_UNSUPPORTED`. */
export function networkLearner(
  plan: Pick<StudyPlan, 'data' | 'model' | 'privacy' | 'rounds' | 'strategy'>,
  { hasher, trainer, suite = nobleMaskSuite, stride = STRIDE }: NetworkLearnerOptions,
): Learner<ForecastData> {
  const shape = networkOf(plan)
  const net = network(shape)
  const strategy = networkStrategy(plan.strategy.name)
  const local = localTraining(plan.strategy)
  const { clip_norm: clip, aggregation, differential_privacy: wanted } = plan.privacy
  const terms = privacyTerms(plan)
  const budget = privacyBudget(plan)
  if (wanted !== null && terms === undefined) throw overspent()
  const seed =
    new DataView(hasher.sha256(utf8(`islet/v1/study-seed\0${plan.model.name}`)).buffer).getUint32(0) >>> 1
  const cut = { stride, withEvents: shape.features === 6 }
  const shared = {
    parameters: net.parameterCount,
    rounds: 1,
    attempts: 1,
    strategy,
    up: { name: 'int8' },
    down: { name: 'float32' },
    weightCap: WEIGHT_CAP,
    quorum: 1,
    // Under a budget each patient's part is clipped instead: the noise on their sum has a norm of its own.
    ...(terms === undefined ? { clip } : {}),
  } as const
  const sums = maskedSums({
    hasher,
    suite,
    plan: (sites, name) =>
      roundPlan(sites, {
        ...shared,
        study: name,
        mode: 'masked',
        maskDepth: 16,
        range: clip * (1 + NOISE_ROOM * (terms?.noise ?? 0)),
      }),
  })

  /** The site as it learns from a task's people, and what it then says of itself. */
  const learning = ({ base, depth, site, people, releases, secret }: TrainingTask<ForecastData>) => {
    const parameters = parametersOf(base, net.parameterCount)
    const options = {
      id: site,
      trainer: trainer ?? net,
      windows: windowsOf(people, 'train'),
      training: {
        ...local,
        batch: BATCH,
        schedule: 'constant',
        clip: GRADIENT_CLIP,
        // The machine counts one round; the depth tells one version's training from the next.
        seed: (seed + depth) >>> 1,
      },
    } as const
    if (terms !== undefined) {
      const randomness = siteRandomness(hasher.hmacSha256(secret, NOISE), suite)
      const own: Site = {
        ...privateSite({ ...options, privacy: terms, randomness, spent: { releases } }),
        examples: 1,
      }
      return { own, parameters, said: { examples: 1, metrics: {} } }
    }
    const held = windowsOf(people, 'held')
    const metrics = judged(siteMetrics(net, parameters, held), held)
    return { own: trainingSite(options), parameters, said: { examples: options.windows.count, metrics } }
  }

  const modelIn = (model: Bytes): { readonly base: Float32Array; readonly memory: ServerMemory } => ({
    base: parametersOf(model, net.parameterCount),
    memory: memoryIn(model, net.parameterCount),
  })

  const aggregated = (
    made: { readonly model: Float32Array; readonly memory: ServerMemory },
    counted: readonly SitePart[],
    all: readonly SitePart[],
  ): Aggregation => ({
    model: bytesOf(made.model, made.memory),
    metrics: {
      ...meanMetrics(counted),
      sites_counted: counted.length,
      ...(terms === undefined ? { windows: counted.reduce((sum, { examples }) => sum + examples, 0) } : {}),
    },
    excluded: all.map(({ site }) => site).filter((site) => !counted.some((one) => one.site === site)),
  })

  const masked: MaskedLearner<ForecastData> = {
    weight: (people) => (terms === undefined ? people.reduce((sum, { examples }) => sum + examples, 0) : 1),
    advertise: async (sum, own) => sums.advert(sum, own),
    share: async (sum, own) => sums.shares(sum, own),
    train: async (task, sum, shares, own) => {
      const { own: site, parameters, said } = learning(task)
      return { ...said, ...(await sums.update(sum, shares, own, { site, base: parameters })) }
    },
    reveal: async (sum, shares, updates, own) => sums.reveal(sum, shares, updates, own),
    aggregate: (base, sum, { shares, parts, revealed }) => {
      const updates = new Map<InstitutionId, SitePart['answer']>(
        parts.map(({ site, answer }) => [site, answer]),
      )
      const given = { ...modelIn(base), shares, updates, revealed }
      const made = sums.model(sum, given)
      if (terms === undefined) requireWithinClip(made.norm, clip, net.parameterCount)
      const counted = parts.filter(({ site }) => made.contributors.includes(site))
      const liars = sum.sites.filter((site) => made.liars.includes(site))
      return { ...aggregated(made, counted, parts), liars }
    },
  }

  return {
    firstModel: () => bytesOf(net.initial(seed)),
    modelHash: (model) => hash32(toHex(hasher.sha256(model))),
    prepare: (trace) => forecastData(trace, cut, hasher),
    train: async (task) => {
      const { own, parameters, said } = learning(task)
      const alone = roundPlan(1, { ...shared, study: 'study', rule: { name: 'mean' } })
      return { ...said, answer: Uint8Array.from(await loneAnswer(own, alone, parameters)) }
    },
    aggregate: (base, parts): Aggregation => {
      const made = aggregatedOpen({
        plan: shared,
        rule: (read) => (read < 3 ? { name: 'mean' } : defaultRule(parts.length, read)),
        ...modelIn(base),
        answers: parts,
      })
      const counted = new Set(made.counted)
      return aggregated(
        made,
        parts.filter(({ site }) => counted.has(site)),
        parts,
      )
    },
    ...(aggregation === 'masked' ? { masked } : {}),
    ...(budget === undefined ? {} : { privacy: budget }),
  }
}

/** Throws `ROUND_NOT_AGGREGATED` where no answer can be read. */
function aggregatedOpen(round: AnsweredRound): ReturnType<typeof answeredRound> {
  try {
    return answeredRound(round)
  } catch (cause) {
    if (!isIsletError(cause, 'TOO_FEW_SITES')) throw cause
    throw notAggregated('TOO_FEW_SITES', round.answers.length, cause)
  }
}

/**
 * A mean of updates of which each is clipped is no longer than the clip, but for the rounding of their coordinates: else
 * somebody has masked what no clipped update is. Throws `ROUND_NOT_AGGREGATED`.
 */
function requireWithinClip(norm = 0, clip: number, parameters: number): void {
  if (norm <= clip * (1 + ROUNDING * Math.sqrt(parameters))) return
  throw new IsletError(
    'ROUND_NOT_AGGREGATED',
    'the sum is longer than clipped updates can make it: a site lies, and no member can tell which',
    { because: 'SUM_BEYOND_CLIP' },
    {
      remedy:
        'Repeat the rounds of the sites from their data (islet study audit), or let sites out of the study.',
    },
  )
}

function overspent(): IsletError {
  return new IsletError(
    'PRIVACY_UNSUPPORTED',
    'no noise keeps the plan’s privacy budget over its rounds',
    { field: 'differential_privacy' },
    {
      at: { field: 'privacy.differential_privacy' },
      remedy: 'Plan for fewer rounds, a larger ε or δ, or more noise.',
    },
  )
}
