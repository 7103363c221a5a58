/**
 * Small studies of ten sites in which two lie: the trainings and aggregations that a study's sites do, without a ledger.
 *
 * Laws: everything follows from the seed; who lies is told to nobody; the same windows are judged that nobody trained on,
 * with and without liars. Under masks every advert, share and mask is made as in a round, and a liar who keeps to the
 * program is clipped by it. People are simulated.
 */
import {
  type AttackName,
  attacked,
  network,
  type PersonTrace,
  siteMetrics,
  type Training,
  trainingSite,
  type Windows,
} from '../../src/learning/index.ts'
import { joinWindows } from '../../src/learning/site.door.ts'
import { nodeMaskSuite } from '../../src/learning/worker.door.ts'
import { cohort } from '../../src/physiology/index.ts'
import { samplesOf } from '../../src/series/index.ts'
import {
  type Aggregation,
  type ForecastData,
  type Learner,
  type MaskedLearner,
  networkLearner,
  networkOf,
  type SitePart,
  type TrainingTask,
} from '../../src/study/index.ts'
import { nodeHasher } from '../../src/vault/node-cipher.door.ts'
import {
  type Bytes,
  hash32,
  type InstitutionId,
  institutionId,
  isIsletError,
  type MmolPerL,
  quantity,
  toHex,
  toMgPerDl,
  utf8,
} from '../../src/vocabulary/index.ts'

/** Kinds of lies of the level, by the names of `learning`. */
export const LIES = [
  'nan',
  'random',
  'sign-flip',
  'label-shift',
  'backdoor',
  'free-rider',
] as const satisfies readonly AttackName[]
export type Lie = (typeof LIES)[number]

export const SITES = 10
export const ROUNDS = 5
/** Windows of each site. */
export const WINDOWS = 200
/** Who lies: two places, not side by side. */
const LIARS: ReadonlySet<number> = new Set([2, 7])
/** Days of one person that give so many windows. */
const DAYS = 5

const NO_HASH = hash32(`0x${'00'.repeat(32)}`)
/** A small forecaster as a plan names it; what a study of so few windows would train. */
const PLAN: Parameters<typeof networkLearner>[0] = {
  data: { kinds: ['glucose'], features: ['glucose'], from: '', until: '' },
  model: { name: 'gru-8', code_hash: NO_HASH, initial_hash: NO_HASH },
  rounds: ROUNDS,
  strategy: { name: 'fedavg', local_epochs: 4, learning_rate: 0.01 },
  privacy: { aggregation: 'open', clip_norm: 5, differential_privacy: null },
}

/** How a study adds up, and how long an update may be. */
export type Privacy = Pick<typeof PLAN.privacy, 'aggregation' | 'clip_norm'>

const net = network(networkOf(PLAN))

export interface PoisonedRun {
  /** RMSE at 30 minutes of the last model on everybody's held windows, mg/dL. */
  readonly error: number
  /** Shares of honest and of lying sites' updates that were left out. */
  readonly honestOut: number
  readonly liarsOut: number
}

/** The sites' people of a seed. */
export function peopleOf(seed: number): readonly ForecastData[] {
  const learner = networkLearner(PLAN, { hasher: nodeHasher })
  return cohort({ seed, people: SITES, days: DAYS }).people.map(({ id, records }) => {
    const glucose = records.flatMap((record) => (record.type === 'glucose' ? [record] : []))
    const trace: PersonTrace = {
      id,
      glucose: samplesOf(glucose, ({ value, unit }) =>
        unit === 'mg/dL' ? value : toMgPerDl(quantity<MmolPerL>(value)),
      ),
    }
    const data = learner.prepare(trace)
    if (data === undefined) throw new Error(`nothing to learn from in ${DAYS} days of seed ${seed}`)
    const train = first(data.windows.train, WINDOWS)
    return { ...data, examples: train.count, windows: { ...data.windows, train } }
  })
}

/** Five rounds; two sites lie where a lie is named. */
export async function poisonedRun(
  people: readonly ForecastData[],
  seed: number,
  lie?: Lie,
  privacy: Privacy = PLAN.privacy,
): Promise<PoisonedRun> {
  const plan = { ...PLAN, privacy: { ...privacy, differential_privacy: null } }
  const means = { hasher: nodeHasher, suite: nodeMaskSuite }
  const honest = networkLearner(plan, means)
  const lying = lie === undefined ? honest : networkLearner(plan, { ...means, trainer: liar(lie, seed) })
  const round = privacy.aggregation === 'masked' ? maskedRound : openRound
  let model: Bytes = honest.firstModel()
  let [honestOut, liarsOut] = [0, 0]
  for (let depth = 1; depth <= ROUNDS; depth++) {
    const sites = people.map((person, i) => ({
      learner: LIARS.has(i) ? lying : honest,
      task: {
        base: model,
        depth,
        site: siteOf(i),
        people: [person],
        releases: 0,
        secret: secretOf(i, depth),
      },
    }))
    const { aggregation, counted } = await round(honest, model, sites)
    model = aggregation.model
    const out = people.filter((_, i) => !counted.includes(siteOf(i)) && LIARS.has(i)).length
    liarsOut += out
    honestOut += people.length - counted.length - out
  }
  const { rmse_30_mgdl: error = Number.NaN } = siteMetrics(
    net,
    parametersOf(model),
    joinWindows(people.map(({ windows }) => windows.held)),
  )
  return {
    error,
    honestOut: honestOut / (ROUNDS * (SITES - LIARS.size)),
    liarsOut: liarsOut / (ROUNDS * LIARS.size),
  }
}

type MaskedSum = Parameters<MaskedLearner['aggregate']>[1]
type Advert = MaskedSum['adverts'] extends ReadonlyMap<InstitutionId, infer One> ? One : never

interface LearningSite {
  readonly learner: Learner<ForecastData>
  readonly task: TrainingTask<ForecastData>
}

interface Ended {
  readonly aggregation: Aggregation
  readonly counted: readonly InstitutionId[]
}

async function openRound(
  honest: Learner<ForecastData>,
  base: Bytes,
  sites: readonly LearningSite[],
): Promise<Ended> {
  const parts: SitePart[] = []
  for (const { learner, task } of sites) parts.push({ site: task.site, ...(await learner.train(task)) })
  const aggregation = honest.aggregate(base, parts)
  const counted = parts.map(({ site }) => site).filter((site) => !aggregation.excluded.includes(site))
  return { aggregation, counted }
}

/** Adverts, shares, masked updates and what the survivors reveal; who cannot mask what it says is silent from there on. */
async function maskedRound(
  honest: Learner<ForecastData>,
  base: Bytes,
  sites: readonly LearningSite[],
): Promise<Ended> {
  const members = sites.map(({ learner, task }) => {
    if (learner.masked === undefined) throw new Error('the plan of a masked run asks for no masks')
    return { masked: learner.masked, task, own: { site: task.site, secret: task.secret } }
  })
  const [first] = members
  if (first === undefined || honest.masked === undefined) throw new Error('nobody takes part')
  const bare = { study: NO_HASH, round: first.task.depth, sites: members.map(({ own }) => own.site) }
  const adverts = new Map<InstitutionId, Advert>()
  for (const { masked, own, task } of members)
    adverts.set(own.site, { ...(await masked.advertise(bare, own)), examples: masked.weight(task.people) })
  const sum: MaskedSum = { ...bare, adverts }
  const shares = new Map<InstitutionId, Bytes>()
  for (const { masked, own } of members) shares.set(own.site, await masked.share(sum, own))
  const parts: SitePart[] = []
  for (const { masked, own, task } of members) {
    try {
      parts.push({ site: own.site, ...(await masked.train(task, sum, shares, own)) })
    } catch (error) {
      if (!isIsletError(error, 'NOT_FINITE')) throw error
    }
  }
  const updates = new Map(parts.map(({ site, answer }) => [site, answer]))
  const revealed = new Map<InstitutionId, Bytes>()
  for (const { masked, own } of members)
    if (updates.has(own.site)) revealed.set(own.site, (await masked.reveal(sum, shares, updates, own)).answer)
  const aggregation = honest.masked.aggregate(base, sum, { shares, parts, revealed })
  return { aggregation, counted: [...updates.keys()] }
}

/** Trains as it should and then says something else. */
function liar(lie: Lie, seed: number) {
  return {
    train: async (parameters: Float32Array, windows: Windows, training: Training) => {
      const site = trainingSite({ id: 'liar', trainer: net, windows, training })
      const attack = lie === 'random' ? { name: lie, seed } : { name: lie }
      const { update, loss, steps } = await attacked(site, attack).train({ round: 1, parameters })
      return { parameters: parameters.map((value, i) => value + (update[i] ?? 0)), loss: [loss], steps }
    },
  }
}

function siteOf(i: number): InstitutionId {
  return institutionId(toHex(nodeHasher.sha256(utf8(`site ${i}`))))
}

function secretOf(i: number, round: number): Bytes {
  return Uint8Array.from(nodeHasher.sha256(utf8(`a site of a poisoned run ${i} ${round}`)))
}

/** The first windows. */
function first(windows: Windows, most: number): Windows {
  const count = Math.min(most, windows.count)
  const { steps, features, horizon } = windows
  return {
    ...windows,
    count,
    inputs: windows.inputs.slice(0, count * steps * features),
    targets: windows.targets.slice(0, count * horizon),
    scored: windows.scored.slice(0, count * horizon),
    last: windows.last.slice(0, count),
    person: windows.person.slice(0, count),
    anchor: windows.anchor.slice(0, count),
  }
}

function parametersOf(model: Bytes): Float32Array {
  const view = new DataView(model.buffer, model.byteOffset)
  return Float32Array.from({ length: net.parameterCount }, (_, i) => view.getFloat32(4 * i, true))
}
