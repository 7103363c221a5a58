/**
 * A recurrent forecaster as the learner of a study: windows cut at home, FedAvg or FedProx, robust aggregation.
 *
 * Laws: every round stands alone: what compression leaves over is dropped and the server keeps no memory, so that a
 * model is a function of its base and the survivors' updates, and a retraining needs no past (PROTOCOL 25). Updates
 * are clipped by the sender and again by everyone who aggregates. From five sites on the rule is multi-Krum, with three
 * or four the median; two have nothing but the mean (PROTOCOL 22).
 */
import {
  defaultRule,
  type NetworkShape,
  network,
  Participant,
  type PersonTrace,
  type RoundPlan,
  type Rule,
  roundPlan,
  type Strategy,
  siteMetrics,
  trainingSite,
  type Windows,
} from '../learning/index.ts'
import { joinWindows, type PersonWindows, personWindows } from '../learning/site.door.ts'
import type { Hasher } from '../vault/index.ts'
import {
  type Bytes,
  compareBytes,
  concat,
  fromHex,
  type Hash32,
  hash32,
  IsletError,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import type { Aggregation, Learner, PersonData, SitePart, TrainingTask } from './learner.ts'
import type { StudyPlan } from './plan.ts'
import { roundStanding } from './round-machine.ts'

export interface ForecastData extends PersonData {
  readonly windows: PersonWindows
}

/** Trains elsewhere than here: learning's pool of workers. */
type Trainer = Parameters<typeof trainingSite>[0]['trainer']

export interface NetworkLearnerOptions {
  readonly hasher: Hasher
  /** The network here unless given. */
  readonly trainer?: Trainer
  /** Cells between the anchors of two windows, 5 minutes each. */
  readonly stride?: number
}

const MODEL_NAME = /^gru-(\d{1,3})$/
const EVENT_FEATURES = ['insulin_on_board', 'carbs_on_board']
const BATCH = 64
const GRADIENT_CLIP = 1
const PROXIMAL = 0.01
/** Most times the median of the sites' examples that a site weighs in a mean. */
const WEIGHT_CAP = 2

/** The network that a plan names. Throws `MODEL_UNKNOWN`. */
export function networkOf(plan: Pick<StudyPlan, 'data' | 'model'>): NetworkShape {
  const hidden = Number(MODEL_NAME.exec(plan.model.name)?.[1] ?? 0)
  if (hidden === 0 || hidden % 4 !== 0 || hidden > 256) {
    throw new IsletError(
      'MODEL_UNKNOWN',
      'no model of this name can be trained',
      { model: plan.model.name },
      { at: { field: 'model.name' }, remedy: 'Name gru-24, or another multiple of 4 up to 256.' },
    )
  }
  const withEvents = EVENT_FEATURES.some((name) => plan.data.features.includes(name))
  return { cell: 'gru', features: withEvents ? 6 : 4, hidden, horizon: 12, quantiles: [] }
}

/** The learner of a plan. Throws `MODEL_UNKNOWN`, `STRATEGY_UNKNOWN`, `PRIVACY_UNSUPPORTED`. */
export function networkLearner(
  plan: Pick<StudyPlan, 'data' | 'model' | 'privacy' | 'strategy'>,
  { hasher, trainer, stride = 3 }: NetworkLearnerOptions,
): Learner<ForecastData> {
  requireKept(plan.privacy)
  const shape = networkOf(plan)
  const net = network(shape)
  const strategy = strategyOf(plan.strategy.name)
  const seed =
    new DataView(hasher.sha256(utf8(`islet/v1/study-seed\0${plan.model.name}`)).buffer).getUint32(0) >>> 1
  const cut = { stride, mode: 'online', withEvents: shape.features === 6 } as const
  const planFor = (sites: number, rule: Rule): RoundPlan =>
    roundPlan(sites, {
      parameters: net.parameterCount,
      study: 'study',
      rounds: 1,
      attempts: 1,
      strategy,
      rule,
      up: { name: 'int8' },
      down: { name: 'float32' },
      clip: plan.privacy.clip_norm,
      weightCap: WEIGHT_CAP,
      quorum: 1,
    })

  return {
    firstModel: () => bytesOf(net.initial(seed)),
    modelHash: (model) => hash32(toHex(hasher.sha256(model))),
    prepare: (trace: PersonTrace) => {
      const windows = personWindows(trace, cut)
      if (windows === undefined || windows.train.count === 0 || windows.held.count === 0) return undefined
      return { examples: windows.train.count, digest: digestOf(windows, hasher), windows }
    },
    train: async ({ base, depth, site, people }: TrainingTask<ForecastData>) => {
      const parameters = parametersOf(base, net.parameterCount)
      const sorted = [...people].sort((a, b) => compareBytes(fromHex(a.digest), fromHex(b.digest)))
      const windows = joinWindows(sorted.map((one) => one.windows.train))
      const learning = trainingSite({
        id: site,
        trainer: trainer ?? net,
        windows,
        training: {
          passes: plan.strategy.local_epochs,
          batch: BATCH,
          learningRate: plan.strategy.learning_rate,
          schedule: 'constant',
          clip: GRADIENT_CLIP,
          // The machine counts one round; the depth tells one version's training from the next.
          seed: (seed + depth) >>> 1,
        },
      })
      const own = planFor(1, { name: 'mean' })
      const members = [{ site, examples: windows.count }]
      const standing = roundStanding({ plan: own, base: parameters, members, answers: {} })
      const question = standing.code === 'ASKED' ? standing.questions.get(site) : undefined
      if (question === undefined) throw new IsletError('ROUND_NOT_AGGREGATED', 'the site was asked nothing')
      const answer = Uint8Array.from(await new Participant(learning, own, parameters).answer(question))
      const held = joinWindows(sorted.map((one) => one.windows.held))
      return { answer, examples: windows.count, metrics: judged(siteMetrics(net, parameters, held), held) }
    },
    aggregate: (base, parts): Aggregation => {
      const standing = roundStanding({
        plan: planFor(parts.length, parts.length < 3 ? { name: 'mean' } : defaultRule(parts.length)),
        base: parametersOf(base, net.parameterCount),
        members: parts.map(({ site, examples }) => ({ site, examples })),
        answers: { train: new Map(parts.map(({ site, answer }) => [site, answer])) },
      })
      if (standing.code !== 'AGGREGATED')
        throw new IsletError('ROUND_NOT_AGGREGATED', 'the round waits for more than updates')
      const counted = parts.filter(({ site }) => standing.absent[site] === undefined)
      const judged = counted.filter(({ site }) => !standing.excluded.includes(site))
      return {
        model: bytesOf(standing.model),
        metrics: {
          ...meanMetrics(judged),
          sites_counted: judged.length,
          windows: judged.reduce((sum, { examples }) => sum + examples, 0),
        },
        excluded: parts.map(({ site }) => site).filter((site) => !judged.some((one) => one.site === site)),
      }
    },
  }
}

/** Grid cells of the target path at 30 and 60 minutes. */
const HORIZONS = { 30: 5, 60: 11 } as const

/** The base model's errors, and beside them those of who says that glucose stays as it is; RMSE in mg/dL. */
function judged(own: Readonly<Record<string, number>>, held: Windows): Readonly<Record<string, number>> {
  const { windows = held.count, ...errors } = own
  const figures: [string, number][] = [['windows', windows]]
  for (const [name, value] of Object.entries(errors)) figures.push([`base_${name}`, value])
  for (const [minutes, cell] of Object.entries(HORIZONS)) {
    let [sum, count] = [0, 0]
    for (let w = 0; w < held.count; w++) {
      const at = w * held.horizon + cell
      if (held.scored[at] !== 1) continue
      sum += ((held.targets[at] ?? 0) - (held.last[w] ?? 0)) ** 2
      count++
    }
    if (count > 0) figures.push([`persistence_rmse_${minutes}_mgdl`, Math.sqrt(sum / count)])
  }
  return Object.fromEntries(figures)
}

/** Means over sites weighted by their judged windows; a figure that a site lacks leaves that site out. */
function meanMetrics(parts: readonly SitePart[]): Readonly<Record<string, number>> {
  const names = [...new Set(parts.flatMap(({ metrics }) => Object.keys(metrics)))].filter(
    (name) => name !== 'windows',
  )
  return Object.fromEntries(
    names.sort().map((name) => {
      let [sum, weight] = [0, 0]
      for (const { metrics } of parts) {
        const value = metrics[name]
        if (value === undefined) continue
        sum += value * (metrics['windows'] ?? 1)
        weight += metrics['windows'] ?? 1
      }
      return [name, weight === 0 ? 0 : sum / weight]
    }),
  )
}

/** A promise of a plan that rounds on the ledger do not keep yet is refused, never silently dropped. */
function requireKept({ aggregation, differential_privacy: budget }: StudyPlan['privacy']): void {
  const field =
    aggregation === 'masked' ? 'aggregation' : budget === null ? undefined : 'differential_privacy'
  if (field === undefined) return
  throw new IsletError(
    'PRIVACY_UNSUPPORTED',
    'rounds on the ledger do not keep this promise of the plan yet',
    { field },
    {
      at: { field: `privacy.${field}` },
      remedy:
        'Plan with aggregation: open and differential_privacy: null, or wait for the version that keeps it.',
    },
  )
}

function strategyOf(name: StudyPlan['strategy']['name']): Strategy {
  if (name === 'fedavg') return { name }
  if (name === 'fedprox') return { name, mu: PROXIMAL }
  throw new IsletError(
    'STRATEGY_UNKNOWN',
    'a study cannot run this strategy',
    { strategy: name },
    { at: { field: 'strategy.name' }, remedy: 'Name fedavg or fedprox.' },
  )
}

function digestOf({ train, held }: PersonWindows, hasher: Hasher): Hash32 {
  const parts = [train, held].flatMap(({ inputs, targets, anchor }: Windows) => [inputs, targets, anchor])
  const views = parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  return hash32(toHex(hasher.sha256(concat(...views))))
}

/** Little-endian float32, whatever the machine. */
function bytesOf(parameters: Float32Array): Bytes {
  const bytes = new Uint8Array(parameters.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of parameters.entries()) view.setFloat32(i * 4, value, true)
  return bytes
}

/** Throws `MODEL_WRONG_SHAPE`. */
function parametersOf(model: Bytes, count: number): Float32Array {
  if (model.length !== count * 4) {
    throw new IsletError('MODEL_WRONG_SHAPE', 'the model has another number of parameters than the plan’s', {
      bytes: model.length,
      expected_bytes: count * 4,
    })
  }
  const view = new DataView(model.buffer, model.byteOffset)
  return Float32Array.from({ length: count }, (_, i) => view.getFloat32(i * 4, true))
}
