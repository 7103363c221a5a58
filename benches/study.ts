/**
 * What a study costs a site beside the training: the consent gate with its cohort root, the steps on the ledger, and a
 * whole round of ten sites with and without gate, signatures and ledger.
 *
 * The gate is timed by processor time of this process over consents of a thousand people, each judged by the same
 * decision as any access. A round without training runs in the world of ten institutions on the embedded ledger, with a
 * learner that returns at once; its bound counts in block periods, the median time this engine takes to a block. The
 * overhead divides the processor time of a round with everything by that of the same ten trainings and one aggregation
 * alone, in one run; the ledger's own process is not in it and is named beside.
 */
import {
  type ConsentClaim,
  commitmentOf,
  consentIdOf,
  expiryDayOf,
  type Opening,
  subjectHash,
} from '../src/consent/browser.door.ts'
import { joinWindows } from '../src/learning/site.door.ts'
import { openStudySites, prepareVirtualStudy, runStudy } from '../src/node/study.door.ts'
import {
  ConsentHistory,
  cohortAt,
  cohortMark,
  cohortTree,
  type ForecastData,
  type Learner,
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
const OVERHEAD = 1.15

/** Rows of `islet.bench/1`. */
export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return [...(await gate(quick ? 10 : 100)), ...(await rounds(quick ? 2 : 10))]
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
  const before = memory()
  for (let i = 1; i <= count; i++) times.push((await timed(() => round(i))).core)
  const grown = memory() - before
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

async function rounds(count: number): Promise<readonly Row[]> {
  return inTown(async (town) => {
    const periods: number[] = []
    for (let i = 0; i < 10; i++) {
      const begun = performance.now()
      await town.house('mill').chain.requestAccess(hashOf(`request ${i}`))
      periods.push(performance.now() - begun)
    }
    const period = median(periods)
    const { desk, file, learner } = await prepareVirtualStudy(town, { seed: 5, rounds: 2 * count + 1 })
    const idle = await openStudySites(town, desk, file, { learner: withoutTraining(learner) })
    // The first round pays for the one real training of each site.
    await runStudy(desk, idle, { mostRounds: 1 })
    const times: number[] = []
    for (let i = 0; i < count; i++) {
      times.push((await timed(() => runStudy(desk, idle, { mostRounds: 1 }))).wall)
    }
    const bound = ROUND_MS + STEPS * period
    const tasks = new Map<string, Task>()
    const full = await openStudySites(town, desk, file, { learner: withWindows(learner, tasks) })
    const alone: number[] = []
    const whole: number[] = []
    for (let i = 0; i < count; i++) {
      whole.push((await timed(() => runStudy(desk, full, { mostRounds: 1 }))).core)
      alone.push((await timed(() => trainedAlone(learner, [...tasks.values()]))).core)
    }
    return [
      row('block period of the embedded engine, median', period, 'ms', null, null, periods.length),
      row(
        `a round of ${SITES} sites without training, median`,
        median(times),
        'ms',
        '0.2 s and five block periods',
        bound,
        count,
      ),
      row(
        `a round of ${SITES} sites of ${WINDOWS} windows, with gate, signatures and ledger, processor time`,
        median(whole),
        'ms',
        'the same trainings and aggregation alone',
        median(alone),
        count,
      ),
      row('the same ratio', median(whole) / median(alone), '×', 'the 1.15 allowed', OVERHEAD, count),
    ]
  })
}

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

/** The same people with as many windows as the level names: their own, over and over. */
function withWindows(learner: Learner<ForecastData>, tasks: Map<string, Task>): Learner<ForecastData> {
  return {
    ...learner,
    train: (task) => {
      const repeated = { ...task, people: task.people.slice(0, 1).map(enlarged) }
      tasks.set(task.site, repeated)
      return learner.train(repeated)
    },
  }
}

function enlarged(person: ForecastData): ForecastData {
  const { train } = person.windows
  const times = Math.ceil(WINDOWS / train.count)
  const windows = { ...person.windows, train: joinWindows(Array.from({ length: times }, () => train)) }
  return { ...person, examples: windows.train.count, windows }
}

/** The arithmetic of a round and nothing else. */
async function trainedAlone(learner: Learner<ForecastData>, tasks: readonly Task[]): Promise<void> {
  const parts: SitePart[] = []
  for (const task of tasks) parts.push({ site: task.site, ...(await learner.train(task)) })
  const [first] = tasks
  if (first !== undefined) learner.aggregate(first.base, parts)
}

function memory(): number {
  return process.memoryUsage().heapUsed
}

function hashOf(text: string): Hash32 {
  return hash32(toHex(nodeHasher.sha256(utf8(text))))
}

function instant(seconds: number): UnixSeconds {
  return quantity<UnixSeconds>(seconds)
}
