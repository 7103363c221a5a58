/**
 * A study of all institutions of this node on virtual patients: from the application to a passport that was verified.
 *
 * Laws: everything goes the way that a real study goes: votes of the committee, each site's own reviewers, each
 * person's own signed consent, reads through the custodian; all people are simulated and named so.
 */
import type { PassportDocument } from '../../api/study.door.ts'
import { nodeMaskSuite } from '../../learning/worker.door.ts'
import { cohort, type VirtualPerson } from '../../physiology/index.ts'
import {
  type ForecastData,
  type Learner,
  type PassportEvidence,
  type PassportVerdict,
  passportEvidence,
  type StudyPlan,
  studyLearner,
  studySubject,
  verifyPassport,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type ConsentId,
  IsletError,
  parseInstant,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import type { Party } from '../institution/party.ts'
import { wallClock } from '../institution/wire.ts'
import { freshHandle, openPerson, type PersonHere } from '../story/person.ts'
import type { Consortium } from '../world/consortium.ts'
import type { World } from '../world/world.ts'
import { compareModel } from './judge-desk.ts'
import type { PlayedStudy } from './played-study.ts'
import { issuePassport, type RunWatcher, runStudy } from './run-study.ts'
import { openStudyDesk, type StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'
import { openStudySites, type StudySites } from './study-sites.ts'
import { virtualPlan } from './virtual-plan.ts'

export interface VirtualStudyOptions {
  readonly seed: number
  /** Institutions that take part; all of the node when left out. */
  readonly sites?: readonly string[]
  readonly rounds?: number
  /** Days of records and of the plan's window; two unless said. */
  readonly days?: number
  /** The plan and sheet that are applied with, made of the usual ones. */
  readonly papers?: (usual: VirtualPapers) => VirtualPapers
  readonly watcher?: RunWatcher & { approved?(sites: number): void; consented?(people: number): void }
  readonly signal?: AbortSignal
  /** Seconds that rounds wait for a ledger which takes nothing; none when left out. */
  readonly patience?: number
}

export interface VirtualStudy {
  readonly desk: StudyDesk
  readonly file: StudyFile
  readonly sites: StudySites
  readonly passport: PassportDocument
  readonly evidence: PassportEvidence
  readonly verdict: PassportVerdict
  /** People who consented: two at the first site, one at each other. */
  readonly people: number
  /** Their consents. */
  readonly consents: readonly ConsentId[]
  /** The consent of the one who stopped after the first round. */
  readonly stopped: ConsentId
}

type VirtualPapers = ReturnType<typeof virtualPlan>

const APPLICANT = 'meadow'
const DAYS = 2
const DAY = 86_400
const APPROVAL_DAYS = 30
const ROUNDS = 2

/** A virtual study that is open, with everybody's consent and no round yet. */
export interface PreparedStudy {
  readonly desk: StudyDesk
  readonly file: StudyFile
  readonly plan: StudyPlan
  readonly learner: Learner<ForecastData>
  readonly participants: readonly Participant[]
}

/** Who lives where, and what is applied with; `until`: the end of the committee's approval. */
export function virtualStudy({
  seed,
  sites,
  rounds = ROUNDS,
  days = DAYS,
  papers = (usual) => usual,
}: VirtualStudyOptions & { readonly sites: readonly string[] }) {
  // Somebody of the first site stops after the first round: a second person keeps it in the study.
  const homes = [sites[0] ?? '', ...sites]
  const lived = cohort({ seed, people: homes.length, days })
  const from = lived.manifest.scenario.start
  const today = Math.floor(wallClock() / DAY) * DAY
  const usual = virtualPlan({
    from,
    until: instant(from + days * DAY),
    expires: instant(today + APPROVAL_DAYS * DAY),
    rounds,
    minimumSites: Math.min(3, sites.length),
  })
  const until = instant(today + (APPROVAL_DAYS + 1) * DAY)
  return { applicant: APPLICANT, homes, lived, papers: papers(usual), until }
}

/** Applies, has it approved and opened, and gathers consents. */
export async function prepareVirtualStudy(
  consortium: Consortium,
  options: VirtualStudyOptions,
): Promise<PreparedStudy> {
  const { watcher = {}, sites = [...consortium.hosted.keys()] } = options
  const desk = await openStudyDesk(consortium)
  const { applicant, homes, lived, papers, until } = virtualStudy({ ...options, sites })
  const { plan, sheet } = papers
  const file = await desk.submit(applicant, plan, sheet)
  await approveStudy(desk, file, sites, until)
  watcher.approved?.(sites.length)
  const participants: Participant[] = []
  for (const [i, key] of homes.entries()) {
    const person = lived.people[i]
    if (person === undefined) continue
    participants.push(await consenting(consortium, consortium.party(key), person, file, plan))
  }
  watcher.consented?.(participants.length)
  return {
    desk,
    file,
    plan,
    participants,
    learner: studyLearner(plan, { hasher: nodeCrypto.hasher, suite: nodeMaskSuite }),
  }
}

/** Plays it whole. Throws `STUDY_STOPPED` and what the parts throw. */
export async function playVirtualStudy(
  consortium: Consortium,
  options: VirtualStudyOptions,
): Promise<VirtualStudy> {
  const { watcher = {}, signal, patience = 0 } = options
  const { desk, file, participants, learner } = await prepareVirtualStudy(consortium, options)
  const [stopping] = participants
  if (stopping === undefined) throw new IsletError('BAD_SCENARIO', 'nobody takes part')
  const sites = await openStudySites(consortium, desk, file)
  const running = { watcher, patience, ...(signal === undefined ? {} : { signal }) }
  await runStudy(desk, sites, { ...running, mostRounds: 1 })
  await stopping.person.agent.revoke(stopping.consent)
  await runStudy(desk, sites, running)
  const passport = await issuePassport(desk, sites, file, {
    chainId: consortium.ledger.chainId,
    deployment: desk.deployment,
  })
  const evidence = await passportEvidence(
    { chain: desk.chain, objects: sites.objects, words: sites.words, learner },
    file.study,
  )
  return {
    desk,
    file,
    sites,
    passport,
    evidence,
    verdict: verifyPassport(passport, evidence),
    people: participants.length,
    consents: participants.map(({ consent }) => consent),
    stopped: stopping.consent,
  }
}

/** Plays it as the story shows it. */
export async function playStudyTogether(
  consortium: Consortium,
  options: VirtualStudyOptions,
): Promise<PlayedStudy> {
  const { desk, file, sites, evidence, ...played } = await playVirtualStudy(consortium, options)
  return {
    ...played,
    sites: sites.sites.length,
    cohort: async (round) => {
      const records = await Promise.all(sites.sites.map(({ site }) => site.cohort(round)))
      return records.flatMap((record) => record?.included ?? [])
    },
    judge: async (passport) => verifyPassport(passport, evidence),
    compare: () => compareModel(desk, file, sites),
  }
}

/** The committee decides, each site's own reviewers let it in, the applicant opens it. */
export async function approveStudy(
  desk: StudyDesk,
  { study }: StudyFile,
  sites: readonly string[],
  until: UnixSeconds,
): Promise<void> {
  const { chain } = desk
  const { planHash } = await chain.study(study)
  const seats = desk.institutions.map(({ key }) => key).filter((key) => key !== APPLICANT)
  for (const key of seats.slice(0, await chain.quorum())) {
    const { seat } = await desk.officesOf(key)
    await chain.as(seat).vote(study, planHash, { verdict: 'APPROVE', until })
  }
  for (const key of sites) {
    const { reviewer } = await desk.officesOf(key)
    await chain.as(reviewer).approveSite(study, planHash)
  }
  await chain.as(desk.signerOf(APPLICANT)).open(study)
}

export interface Participant {
  readonly person: PersonHere
  readonly consent: ConsentId
}

/** A virtual person comes to a site, brings their records, is asked for the study and says yes. */
export async function consenting(
  world: World,
  party: Party,
  virtual: VirtualPerson,
  { study }: Pick<StudyFile, 'study'>,
  plan: StudyPlan,
): Promise<Participant> {
  const person = await openPerson(world, freshHandle(), world.unlock)
  const { agent } = person
  await agent.enrol(party.id)
  const wanted = new Set<string>(plan.data.kinds)
  await agent.add(
    virtual.records.filter(({ type }) => wanted.has(type)),
    { fill: true },
  )
  const mailbox = await agent.openMailbox(party.name)
  const until = parseInstant(plan.data.until)
  const asked = await party.ask(
    { custodian: party.id, mailbox },
    {
      subject: studySubject(study, plan.information_sheet, plan.title),
      kinds: plan.data.kinds,
      actions: ['read'],
      purposes: ['HRESCH'],
      from: parseInstant(plan.data.from),
      until,
      expiresAt: parseInstant(plan.expires),
    },
  )
  const { requests } = await agent.collect()
  const request = requests.find((pending) => pending.request.body.salt === asked.salt)
  if (request === undefined) throw new IsletError('REQUEST_LOST', 'the request did not reach the mailbox')
  const given = await agent.grant(request.request, {}, { requestId: request.id })
  return { person, consent: given.handOver.consentId }
}

function instant(seconds: number): UnixSeconds {
  return quantity<UnixSeconds>(seconds)
}
