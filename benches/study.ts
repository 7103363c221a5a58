/**
 * What a study costs a site beside the training: the consent gate with its cohort root, the steps on the ledger, and a
 * whole round of ten sites with and without gate, signatures and ledger.
 *
 * The gate is timed by processor time of this process over consents of a thousand people, each judged by the same
 * decision as any access. A round without training runs in the world of ten institutions on the embedded ledger, with a
 * learner that returns at once; its bound counts in block periods, the median time this engine takes to a block. The
 * overhead divides the processor time of a round with everything by that of the same ten trainings and one aggregation
 * alone, in one run; the ledger's own process is not in it. Sites of one process add the same answers up once, as each
 * does for itself where it has a process of its own. It is told of a process that has just begun, whose code the
 * engine still compiles, and of the same process a hundred rounds later; under masks, whose code is as young at first,
 * of both too.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type ConsentClaim,
  commitmentOf,
  consentIdOf,
  expiryDayOf,
  type Opening,
  subjectHash,
} from '../src/consent/browser.door.ts'
import { recommended } from '../src/learning/index.ts'
import { openStudySites, prepareVirtualStudy, runStudy } from '../src/node/study.door.ts'
import {
  ConsentHistory,
  cohortAt,
  cohortMark,
  cohortTree,
  type ForecastData,
  type Learner,
  networkLearner,
  type SitePart,
  studySubject,
  type TrainingTask,
} from '../src/study/index.ts'
import { nodeHasher } from '../src/vault/node-cipher.door.ts'
import {
  address,
  fromHex,
  type Hash32,
  hash32,
  hourOf,
  institutionId,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../src/vocabulary/index.ts'
import { median, type Row, row, timed } from './support/rows.ts'
import { inTown } from './support/town.ts'

const PEOPLE = 1_000
const GATE_MS = 100
const SITES = 10
const WINDOWS = 2_200
const ROUND_MS = 200
const STEPS = 5
const SILENT = 3
/** Seconds of a step in rounds with silent sites. */
const SILENT_STEP = 5
const OVERHEAD = 1.15
/** Masked rounds that are not counted: the code of masks is new to the process. */
const WARM = 11

/** Rows of `islet.bench/1`. */
export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return [
    ...(await gate(quick ? 10 : 100)),
    ...(await rounds(quick ? 2 : 20, quick ? 0 : 100)),
    ...(await maskedRounds(quick ? 1 : 20, quick ? 0 : 100)),
    ...(await silence(quick ? 1 : 5)),
  ]
}

async function gate(count: number): Promise<readonly Row[]> {
  const site = institutionId(hashOf('site'))
  const study = hashOf('study')
  const subject = studySubject(study, hashOf('sheet'), 'Study')
  const now = instant(1_800_000_000)
  const window = { first: hourOf(instant(now - 30 * 86_400)), end: hourOf(instant(now - 86_400)) }
  const history = new ConsentHistory()
  history.note({ type: 'member', institution: site, active: true, block: 0 })
  const claims = Array.from({ length: PEOPLE }, (_, i): ConsentClaim => {
    const opening: Opening = {
      reader: site,
      subject: subjectHash(site, subject),
      kinds: ['glucose', 'insulin', 'meals'],
      actions: ['read'],
      purposes: ['HRESCH'],
      window,
      notBefore: instant(now - 86_400),
      expiresAt: instant(now + 30 * 86_400),
      patientKey: hashOf(`patient ${i}`),
      delegation: 0,
      terms: hashOf('terms'),
      salt: hashOf(`salt ${i}`),
    }
    const signer = address(hashOf(`signer ${i}`).slice(0, 42))
    const consentId = consentIdOf(commitmentOf(opening), signer)
    history.note({ type: 'granted', consent: consentId, expiryDay: expiryDayOf(opening.expiresAt), block: i })
    // Every tenth has stopped.
    if (i % 10 === 0) history.note({ type: 'revoked', consent: consentId, block: PEOPLE + i })
    return { consentId, signer, opening }
  })
  const needs = {
    site,
    subject,
    earlier: [],
    kinds: ['glucose', 'insulin', 'meals'],
    purpose: 'HRESCH',
    window,
  } as const
  const secret = nodeHasher.sha256(utf8('secret'))
  const round = (number: number): number => {
    const block = 10 * PEOPLE + number
    const { included } = cohortAt(claims, needs, (claim) => history.standing(claim, block), now)
    const place = { study, round: number, site }
    const marks = included.map(({ opening }) => cohortMark(fromHex(opening.salt), place, nodeHasher))
    return cohortTree(marks, place, secret, nodeHasher).people
  }
  for (let i = 1; i <= 5; i++) round(i)
  const times: number[] = []
  const before = collected()
  for (let i = 1; i <= count; i++) times.push((await timed(() => round(i))).core)
  const grown = collected() - before
  const level = `the ${GATE_MS} ms allowed`
  return [
    row(
      `gate and cohort root of ${PEOPLE} people, a round, median`,
      median(times),
      'ms',
      level,
      GATE_MS,
      count,
    ),
    row(`memory grown over ${count} rounds of it`, Math.max(0, grown) / 1e6, 'MB', null, null, count),
  ]
}

/** Days of one person at each site: some 2,200 windows to learn from. */
const DAYS = 36

async function rounds(count: number, lasting: number): Promise<readonly Row[]> {
  return inTown(async (town) => {
    const periods: number[] = []
    for (let i = 0; i < 10; i++) {
      const begun = performance.now()
      await town.house('mill').chain.requestAccess(hashOf(`request ${i}`))
      periods.push(performance.now() - begun)
    }
    const period = median(periods)
    const { desk, file, learner, plan } = await longStudy(town, 'open', 3 * count + lasting + 2)
    const idle = await openStudySites(town, desk, file, { learner: withoutTraining(learner) })
    // The first round pays for the one real training of each site.
    await runStudy(desk, idle, { mostRounds: 1 })
    const times: number[] = []
    for (let i = 0; i < count; i++) {
      times.push((await timed(() => runStudy(desk, idle, { mostRounds: 1 }))).wall)
    }
    const tasks = new Map<string, Task>()
    const full = await openStudySites(town, desk, file, { learner: withWindows(learner, tasks) })
    const round = () => runStudy(desk, full, { mostRounds: 1 })
    await round()
    const alone = () => trainedAlone(learner, [...tasks.values()])
    const early = await inTurns(count, round, alone)
    const memory = await memoryOver(lasting, round)
    const late = lasting === 0 ? undefined : await inTurns(count, round, alone)
    const named = roundName(plan, tasks)
    return [
      row('block period of the embedded engine, median', period, 'ms', null, null, periods.length),
      row(
        `a round of ${SITES} sites without training, median`,
        median(times),
        'ms',
        '0.2 s and five block periods',
        ROUND_MS + STEPS * period,
        count,
      ),
      ...overheadRows(`${named}, with gate, signatures and ledger, in a young process`, early),
      ...(late === undefined
        ? []
        : overheadRows(`${named}, with gate, signatures and ledger, ${lasting} rounds later`, late)),
      ...memory,
    ]
  })
}

/** The same under masks, after some rounds that are not counted, and many rounds later. */
async function maskedRounds(count: number, lasting: number): Promise<readonly Row[]> {
  return inTown(async (town) => {
    const { desk, file, learner, plan } = await longStudy(town, 'masked', WARM + 2 * count + lasting)
    const tasks = new Map<string, Task>()
    const full = await openStudySites(town, desk, file, { learner: withWindows(learner, tasks) })
    const round = () => runStudy(desk, full, { mostRounds: 1 })
    const alone = () => trainedAlone(learner, [...tasks.values()])
    for (let i = 0; i < WARM; i++) await round()
    const early = await inTurns(count, round, alone)
    const name = `${roundName(plan, tasks)}, with gate, signatures, masks and ledger`
    if (lasting === 0) return overheadRows(name, early)
    for (let i = 0; i < lasting; i++) await round()
    const late = await inTurns(count, round, alone)
    return [...overheadRows(name, early), ...overheadRows(`${name}, ${lasting} rounds later`, late)]
  })
}

/** A study of the form that is recommended for so many windows. */
function longStudy(
  town: Parameters<typeof prepareVirtualStudy>[0],
  aggregation: 'masked' | 'open',
  most: number,
): ReturnType<typeof prepareVirtualStudy> {
  const form = recommended(SITES * WINDOWS, SITES)
  const papers = (usual: Papers): Papers => {
    const { plan, sheet } = withForm(usual, form)
    return { sheet, plan: { ...plan, privacy: { ...plan.privacy, aggregation } } }
  }
  return prepareVirtualStudy(town, { seed: 5, days: DAYS, rounds: most, papers })
}

function roundName({ model, strategy }: Papers['plan'], tasks: ReadonlyMap<string, Task>): string {
  const windows = [...tasks.values()].reduce((sum, { people }) => sum + (people[0]?.examples ?? 0), 0)
  const mean = Math.round(windows / SITES)
  return `a round of ${SITES} sites of ${mean} windows, ${model.name}, ${strategy.local_epochs} pass`
}

interface InTurns {
  readonly whole: readonly Spent[]
  readonly alone: readonly Spent[]
}

/** What both cost, one after the other and so on. */
async function inTurns(
  count: number,
  whole: () => Promise<void>,
  alone: () => Promise<void>,
): Promise<InTurns> {
  const spent = { whole: [] as Spent[], alone: [] as Spent[] }
  for (let i = 0; i < count; i++) {
    spent.whole.push(await timed(whole))
    spent.alone.push(await timed(alone))
  }
  return spent
}

const SAME = 'the same trainings and one aggregation alone'

function overheadRows(name: string, { whole, alone }: InTurns): readonly Row[] {
  const runs = whole.length
  const of = (which: readonly Spent[], what: keyof Spent) => median(which.map((spent) => spent[what]))
  const ratio = of(whole, 'core') / of(alone, 'core')
  return [
    row(`${name}, processor time`, of(whole, 'core'), 'ms', SAME, of(alone, 'core'), runs),
    row('the same by the clock', of(whole, 'wall'), 'ms', `${SAME}, by the clock`, of(alone, 'wall'), runs),
    row('the same ratio, processor time', ratio, '×', 'the 1.15 allowed', OVERHEAD, runs),
  ]
}

/** Ten sites, three of them silent from the second round on: when a round ends, counted from the end of its deadline's second. */
async function silence(count: number): Promise<readonly Row[]> {
  return inTown(async (town) => {
    const { desk, file, learner } = await prepareVirtualStudy(town, {
      seed: 6,
      rounds: count + 1,
      papers: ({ plan, sheet }) => ({ sheet, plan: { ...plan, deadlines: { step_seconds: SILENT_STEP } } }),
    })
    const all = await openStudySites(town, desk, file, { learner: withoutTraining(learner) })
    await runStudy(desk, all, { mostRounds: 1 })
    const awake = { ...all, sites: all.sites.slice(0, SITES - SILENT) }
    const late: number[] = []
    let contributors = 0
    for (let i = 0; i < count; i++) {
      await runStudy(desk, awake, { mostRounds: 1 })
      const ended = Date.now() / 1_000
      const round = await desk.chain.round(file.study, await desk.chain.latestRound(file.study))
      late.push(ended - ((round?.openedAt ?? 0) + SILENT_STEP + 1))
      contributors += round?.survivors.length ?? 0
    }
    return [
      row(
        `a round with ${SILENT} of ${SITES} sites silent ends so long after the deadline's second, worst`,
        Math.max(...late),
        's',
        'the 1 s allowed',
        1,
        count,
      ),
      row('sites that contributed to each, on the ledger', contributors / count, 'sites', null, null, count),
    ]
  })
}

type Spent = Pick<Awaited<ReturnType<typeof timed>>, 'core' | 'wall'>

/** Heap after the collector ran, at the middle and at the end of many rounds with training. */
async function memoryOver(count: number, round: () => Promise<void>): Promise<readonly Row[]> {
  if (count === 0) return []
  for (let i = 0; i < count / 2; i++) await round()
  const before = collected()
  for (let i = 0; i < count / 2; i++) await round()
  const grown = (collected() - before) / 1e6
  return [
    row(
      `memory grown over the second half of ${count} rounds with training`,
      Math.max(0, grown),
      'MB',
      'the heap before it',
      before / 1e6,
      1,
    ),
  ]
}

/** The papers of a plan for the form that is recommended for so many windows. */
function withForm({ plan, sheet }: Papers, { shape, round }: ReturnType<typeof recommended>): Papers {
  const draft = {
    ...plan,
    model: { ...plan.model, name: `${shape.cell}-${shape.hidden}` },
    strategy: { name: 'fedavg', local_epochs: round.passes, learning_rate: round.learningRate } as const,
  }
  const { firstModel, modelHash } = networkLearner(draft, { hasher: nodeHasher })
  return { sheet, plan: { ...draft, model: { ...draft.model, initial_hash: modelHash(firstModel()) } } }
}

type Papers = Parameters<NonNullable<Parameters<typeof prepareVirtualStudy>[1]['papers']>>[0]

type Task = TrainingTask<ForecastData>

/** A learner whose training is no work: what is left is what the study itself costs. */
function withoutTraining(learner: Learner<ForecastData>): Learner<ForecastData> {
  const answers = new Map<string, ReturnType<Learner<ForecastData>['train']>>()
  return {
    ...learner,
    train: (task) => {
      const known = answers.get(task.site) ?? learner.train(task)
      answers.set(task.site, known)
      return known
    },
  }
}

/** One person at each site, and notes of what their site was asked for. */
function withWindows(learner: Learner<ForecastData>, tasks: Map<string, Task>): Learner<ForecastData> {
  const { masked } = learner
  const noted = (task: Task): Task => {
    const one = { ...task, people: task.people.slice(0, 1) }
    tasks.set(task.site, one)
    return one
  }
  return {
    ...learner,
    train: (task) => learner.train(noted(task)),
    ...(masked === undefined
      ? {}
      : {
          masked: {
            ...masked,
            weight: (people) => masked.weight(people.slice(0, 1)),
            train: (task, ...given) => masked.train(noted(task), ...given),
          },
        }),
  }
}

/** The arithmetic of a round and nothing else. */
async function trainedAlone(learner: Learner<ForecastData>, tasks: readonly Task[]): Promise<void> {
  const parts = await partsOf(learner, tasks)
  const [first] = tasks
  if (first !== undefined) learner.aggregate(first.base, parts)
}

async function partsOf(learner: Learner<ForecastData>, tasks: readonly Task[]): Promise<readonly SitePart[]> {
  const parts: SitePart[] = []
  for (const task of tasks) parts.push({ site: task.site, ...(await learner.train(task)) })
  return parts
}

/** Bytes in use after the collector ran. */
function collected(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

function hashOf(text: string): Hash32 {
  return hash32(toHex(nodeHasher.sha256(utf8(text))))
}

function instant(seconds: number): UnixSeconds {
  return quantity<UnixSeconds>(seconds)
}
