/**
 * A study in rounds for tests: an embedded ledger, signed consents on it, a small network that really trains. The gate is
 * the room's own judgement at the newest block, as a custodian makes it.
 */
import {
  type ConsentClaim,
  commitmentOf,
  consentIdOf,
  decide,
  expiryDayOf,
  memoryShelf,
  type Opening,
  type Shelf,
  subjectHash,
} from '../../consent/browser.door.ts'
import { signer } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import type { PersonTrace } from '../../learning/index.ts'
import { type IntentDomain, Relay, secp256k1Signer, signGrant, signRevoke } from '../../ledger/index.ts'
import { bytesOf, founderOf, hashOf, signerOf } from '../../ledger/testing/fixtures.ts'
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import {
  hash32,
  hoursInside,
  type InstitutionId,
  parseInstant,
  quantity,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { studySubject } from '../cohort.ts'
import { consentHistory, type HistoryAt } from '../consent-history.door.ts'
import type { ForecastData } from '../forecast-data.ts'
import { ledgerPlanOf, type StudyPlan } from '../plan.ts'
import { heardWords, signedWords } from '../signed-words.ts'
import type { SitePoint, SitePorts, SiteStudy } from '../site-ports.ts'
import type { SiteStep } from '../site-step.ts'
import type { SiteWords } from '../site-words.ts'
import { studyLearner } from '../study-learner.ts'
import { StudySite } from '../study-site.ts'
import { studyLedger } from './governed-study.ts'

const FROM = '2026-01-01T00:00:00Z'
const UNTIL = '2026-01-04T00:00:00Z'
const FAR = 4_000_000_000

/** Hash of the code that trains in this town. */
const CODE = hashOf('code')

/** A plan of a tiny network on three days of glucose. */
export function tinyPlan(differs: Partial<StudyPlan> = {}): StudyPlan {
  const plan: StudyPlan = {
    schema: 'islet.study.plan/1',
    title: 'Forecasting',
    question: 'How well?',
    purpose: { duo: ['DUO:0000007'], disease: 'diabetes mellitus' },
    data: { kinds: ['glucose'], features: ['glucose'], from: FROM, until: UNTIL },
    cohort: { minimum_days: 1, minimum_wear_percent: 10 },
    model: { name: 'gru-4', code_hash: CODE, initial_hash: hashOf('to be filled in') },
    rounds: 2,
    strategy: { name: 'fedavg', local_epochs: 1, learning_rate: 0.01 },
    privacy: { aggregation: 'open', clip_norm: 10, differential_privacy: null },
    deadlines: { step_seconds: 600 },
    quorum: { minimum_sites: 2 },
    outputs: ['model'],
    information_sheet: hashOf('sheet'),
    expires: '2090-01-01T00:00:00Z',
    ...differs,
  }
  const learner = studyLearner(plan, { hasher: nodeHasher })
  return { ...plan, model: { ...plan.model, initial_hash: learner.modelHash(learner.firstModel()) } }
}

/** Three days of made-up glucose, another curve for every person. */
export function traceOf(person: string): PersonTrace {
  const [a = 0, b = 0] = bytesOf(`curve ${person}`)
  const first = parseInstant(FROM)
  const at = Float64Array.from({ length: 3 * 288 }, (_, i) => first + 300 * i)
  const value = at.map((_, i) => 140 + a / 8 + 45 * Math.sin(i / (9 + (b % 7))) + 12 * Math.sin(i / 3.1 + a))
  return { id: person, glucose: { at, local: at, value } }
}

export interface TownOptions {
  readonly sites: number
  /** Names of the people at each site. */
  readonly people: (site: number) => readonly string[]
  readonly plan?: Partial<StudyPlan>
  readonly clock?: () => UnixSeconds
  /** The ledger's own. */
  readonly disk?: Parameters<typeof studyLedger>[2]
}

export type RoundTown = Awaited<ReturnType<typeof roundTown>>

/** Ledger, approved and opened study, everybody's consent; no round yet. */
export async function roundTown({ sites, people, plan: differs, clock, disk }: TownOptions) {
  const { chain, ledger, deployment, names, close } = await studyLedger(sites, clock, disk)
  const plan = tinyPlan(differs)
  const applicant = names[0] ?? ''
  const { study } = await chain.as(signerOf(applicant)).submit(ledgerPlanOf(plan), hashOf('salt'))
  const { planHash } = await chain.study(study)
  const until = quantity<UnixSeconds>((await chain.head()).timestamp + 30 * 86_400)
  for (const name of names.slice(1, 3))
    await chain.as(signerOf(`seat ${name}`)).vote(study, planHash, { verdict: 'APPROVE', until })
  for (const name of names) await chain.as(signerOf(`reviewer ${name}`)).approveSite(study, planHash)
  await chain.as(signerOf(applicant)).open(study)

  const domain: IntentDomain = { chainId: ledger.chainId, consents: deployment.consents }
  const relay = new Relay({ ledger, deployment, by: signerOf(applicant) })
  const history: HistoryAt = consentHistory(ledger, deployment)
  const idOf = (name: string): InstitutionId => founderOf(name).id
  const objects = memoryShelf()
  /** Where sites put their words for each other. */
  const board = memoryShelf()
  const speakers = new Map(names.map((name) => [idOf(name), signer(bytesOf(`message ${name}`), nodeEd25519)]))
  const claims = new Map<string, ConsentClaim>()
  const opened: string[] = []
  const now = clock ?? (() => quantity<UnixSeconds>(Math.floor(Date.now() / 1000)))

  const signerFor = (person: string) => secp256k1Signer(bytesOf(`consent ${study} ${person}`))
  const subjectAt = studySubject(study, plan.information_sheet, plan.title)

  const grant = async (person: string, site: string): Promise<ConsentClaim> => {
    const opening: Opening = {
      reader: idOf(site),
      subject: subjectHash(idOf(site), subjectAt),
      kinds: plan.data.kinds,
      actions: ['read'],
      purposes: ['HRESCH'],
      window: hoursInside(parseInstant(FROM), parseInstant(UNTIL)),
      notBefore: parseInstant(FROM),
      expiresAt: quantity<UnixSeconds>(FAR),
      patientKey: hashOf(`patient ${person}`),
      delegation: 0,
      terms: hashOf('terms'),
      salt: hashOf(`salt ${study} ${person}`),
    }
    const signer = signerFor(person)
    const commitment = commitmentOf(opening)
    const claim = { consentId: consentIdOf(commitment, signer.address), signer: signer.address, opening }
    await relay.grant(
      signGrant(domain, signer, {
        commitment,
        expiryDay: expiryDayOf(opening.expiresAt),
        nonce: 0n,
        deadline: BigInt(FAR),
      }),
    )
    claims.set(person, claim)
    return claim
  }
  const revoke = async (person: string): Promise<void> => {
    const claim = claims.get(person)
    if (claim === undefined) throw new Error(`${person} never granted`)
    const commitment = commitmentOf(claim.opening)
    await relay.revoke(
      signRevoke(domain, signerFor(person), { commitment, nonce: 1n, deadline: BigInt(FAR) }),
    )
  }
  await Promise.all(names.flatMap((name, i) => people(i).map((person) => grant(person, name))))

  const keyOf = async (site: InstitutionId) => {
    const key = speakers.get(site)?.publicKey
    return key === undefined ? undefined : hash32(toHex(key))
  }
  const listening = { shelf: board, ed: nodeEd25519, keyOf }
  const heard = heardWords(listening)
  const wordsOf = (own: InstitutionId): SiteWords => {
    const speaker = speakers.get(own)
    if (speaker === undefined) throw new Error('nobody of this name')
    return signedWords({ ...listening, signer: speaker }, heard)
  }

  const siteStudy: SiteStudy = { id: study, plan, subject: subjectAt, earlier: [] }
  /** What a site works with, on what its disk kept. */
  const portsOf = (
    name: string,
    disk: Shelf,
    more: Partial<SitePorts<ForecastData>> = {},
  ): SitePorts<ForecastData> => {
    const own = idOf(name)
    return {
      own,
      chain,
      acts: chain.as(signerOf(name)),
      objects,
      journal: disk,
      words: wordsOf(own),
      learner: studyLearner(plan, { hasher: nodeHasher }),
      history,
      code: CODE,
      hasher: nodeHasher,
      secret: bytesOf(`secret ${name}`),
      clock: now,
      people: {
        claims: async () => [...claims.values()].filter(({ opening }) => opening.reader === own),
        open: async (claim) => {
          const { height, timestamp } = await chain.head()
          const standing = (await history(height)).standing(claim, height)
          const [kind = 'glucose'] = plan.data.kinds
          const { window, subject } = claim.opening
          const asked = { reader: own, subject, kind, action: 'read', purpose: 'HRESCH', window } as const
          const { code } = decide(claim, asked, standing, timestamp)
          if (code !== 'ALLOWED') return { code }
          const [person = ''] = [...claims].find(([, one]) => one.consentId === claim.consentId) ?? []
          opened.push(person)
          return { code: 'OPENED', trace: traceOf(person) }
        },
        keepOnly: () => undefined,
      },
      ...more,
    }
  }
  /** A site of the study, new or restarted. */
  const openSite = (name: string, disk: Shelf, more: Partial<SitePorts<ForecastData>> = {}) =>
    new StudySite<ForecastData>(portsOf(name, disk, more), siteStudy)
  return {
    chain,
    ledger,
    study,
    plan,
    names,
    objects,
    board,
    wordsOf,
    opened,
    idOf,
    siteStudy,
    portsOf,
    openSite,
    grant,
    revoke,
    claims,
    history,
    close,
  }
}

/** A disk for each site by its name, kept between restarts. */
export function memoryShelves(): (name: string) => Shelf {
  const disks = new Map<string, Shelf>()
  return (name) => {
    const disk = disks.get(name) ?? memoryShelf()
    disks.set(name, disk)
    return disk
  }
}

/** Every site loses its power once at each of the points; those that it was spared, over all sites. */
export async function cutEverywhere(
  town: RoundTown,
  diskOf: (name: string) => Shelf,
  points: readonly SitePoint[],
): Promise<readonly SitePoint[]> {
  const left = new Map(town.names.map((name) => [name, new Set<SitePoint>(points)]))
  const cutting = (name: string) => (point: SitePoint) => {
    if (left.get(name)?.delete(point) === true) throw new Error('power cut')
  }
  // After each cut everything in memory is gone: what goes on stands on the disk and the ledger alone.
  for (let isCut = true; isCut; ) {
    const sites = town.names.map((name) => town.openSite(name, diskOf(name), { notice: cutting(name) }))
    isCut = await takeTurns(sites).then(
      () => false,
      (error: unknown) => {
        if (error instanceof Error && error.message === 'power cut') return true
        throw error
      },
    )
  }
  return [...left.values()].flatMap((rest) => [...rest])
}

/** Turns without a move after which everybody is taken to wait. */
const IDLE_TURNS = 3

/** Lets sites take turns until the round rests or everyone waits; throws what the first of them threw, after the turn. */
export async function takeTurns(sites: readonly StudySite<ForecastData>[]): Promise<readonly SiteStep[]> {
  const done: SiteStep[] = []
  for (let idle = 0; idle < IDLE_TURNS; ) {
    const turns = await Promise.allSettled(sites.map((site) => site.step()))
    const steps = turns.map((turn) => {
      if (turn.status === 'rejected') throw turn.reason
      return turn.value
    })
    const moves = steps.filter(({ did }) => did !== 'wait' && did !== 'rest')
    done.push(...moves)
    const isOver = moves.length === 0 && steps.every((step) => !('because' in step))
    if (isOver) return done
    idle = moves.length === 0 ? idle + 1 : 0
  }
  return done
}
