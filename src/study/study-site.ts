/**
 * A site in the rounds of one study: a state machine over ports, whose state is the ledger and its own journal.
 *
 * Laws: what goes out was kept first, so that a power cut at any point changes nothing of what comes out; the root on the
 * ledger stands for exactly those who were trained on; whoever is seen to have revoked before the reveal takes the
 * site's contribution out of the round; nothing is revealed before all commitments stand, and an update is stored for
 * others only when it is revealed (PROTOCOL 23–25).
 */
import {
  type Bytes,
  canonicalJson,
  concat,
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  isIsletError,
  toHex,
  type UnixSeconds,
  uint32,
  utf8,
} from '../vocabulary/index.ts'
import { type CohortRecord, readCohortRecord, writeCohortRecord } from './cohort-record.ts'
import type { CohortProof } from './cohort-tree.ts'
import { type FrozenCohort, freezeCohort, openPerson, treeOver } from './freeze-cohort.ts'
import type { PersonData, SitePart } from './learner.ts'
import { type RefusableAct, type RefusalReason, refusalReason } from './refusal-reason.ts'
import { roundAct } from './round-act.ts'
import { reportHash, roundReport } from './round-report.ts'
import type { SitePorts, SiteStudy } from './site-ports.ts'
import type { LedgerRound } from './study-chain.ts'
import { updateHash } from './study-hash.ts'
import { readUpdate, type UpdatePlace, type WrittenUpdate, writeUpdate } from './update-document.ts'

/** What a step came to. */
export type SiteStep =
  | { readonly did: 'freeze' | 'commit' | 'reveal' | 'attest' | 'end-step'; readonly round: number }
  /** The site took itself out of the round. */
  | { readonly did: 'void'; readonly round: number; readonly because: VoidCode }
  | {
      readonly did: 'wait'
      readonly round: number
      readonly awaited: readonly InstitutionId[]
      readonly until: UnixSeconds
      /** What holds this site up, if it is not others. */
      readonly because?: string
    }
  | { readonly did: 'rest'; readonly round: number }

export type VoidCode = 'COHORT_EMPTY' | 'COHORT_LOST' | 'CONSENT_REVOKED' | 'PERSON_REFUSED' | 'UPDATE_LOST'

const SALT = utf8('islet/v1/study-update-salt\0')

export class StudySite<Data extends PersonData = PersonData> {
  readonly #ports: SitePorts<Data>
  readonly #study: SiteStudy
  #frozen: { readonly round: number; readonly cohort: FrozenCohort<Data> } | undefined
  /** An act that the ledger refused: it is not tried again until the round moves on. */
  #refused: { readonly name: string; readonly because: RefusalReason } | undefined

  constructor(ports: SitePorts<Data>, study: SiteStudy) {
    this.#ports = ports
    this.#study = study
  }

  /** Does what is next in the latest round, if anything. Throws the codes of ledger, journal and learning. */
  async step(): Promise<SiteStep> {
    const { chain, own, clock } = this.#ports
    const number = await chain.latestRound(this.#study.id)
    const round = number === 0 ? undefined : await chain.round(this.#study.id, number)
    if (round === undefined) return { did: 'rest', round: 0 }
    const act = roundAct(round, own, clock())
    if (act.do === 'rest') return { did: 'rest', round: number }
    if (act.do === 'wait') return { did: 'wait', round: number, awaited: act.awaited, until: act.until }
    const name = `${number} ${round.phase} ${act.do}`
    if (this.#refused?.name === name) return this.#waiting(round, this.#refused.because)
    try {
      return await this.#do(act.do, round)
    } catch (error) {
      if (!isIsletError(error, 'STUDY_CALL_REFUSED')) throw error
      // Somebody was first, or the step ended meanwhile: the ledger as it stands now says which.
      const because = await this.#whyRefused(act.do, number)
      this.#refused = { name, because }
      return this.#waiting(round, because)
    }
  }

  async #whyRefused(act: RefusableAct, number: number): Promise<RefusalReason> {
    const { chain, own } = this.#ports
    const { timestamp } = await chain.head()
    const [round, { state, until }] = await Promise.all([
      chain.round(this.#study.id, number),
      chain.study(this.#study.id),
    ])
    const isRunning = state === 'OPEN' && timestamp < until
    return round === undefined ? 'UNKNOWN' : refusalReason(act, round, own, timestamp, isRunning)
  }

  /** Who is in this site's cohort of a round, and who is not and why; undefined before it was frozen. */
  async cohort(round: number): Promise<CohortRecord | undefined> {
    const kept = await this.#ports.journal.get(cohortName(round))
    return kept === undefined ? undefined : readCohortRecord(kept)
  }

  /** Proof that a mark is in this site's cohort of a round, or that it is not. Throws `COHORT_LOST`. */
  async prove(round: number, mark: Uint8Array): Promise<CohortProof> {
    const included = await this.#includedClaims(round)
    if (included === undefined)
      throw new IsletError('COHORT_LOST', 'the cohort of the round is not at hand', { round })
    return treeOver(this.#ports, this.#study, round, included).prove(mark)
  }

  #do(act: RefusableAct, round: LedgerRound): Promise<SiteStep> {
    switch (act) {
      case 'freeze':
        return this.#freeze(round)
      case 'commit':
        return this.#commit(round)
      case 'reveal':
        return this.#reveal(round)
      case 'attest':
        return this.#attest(round)
      case 'end-step':
        return this.#endStep(round)
      default:
        return act satisfies never
    }
  }

  async #freeze(round: LedgerRound): Promise<SiteStep> {
    const { journal, acts } = this.#ports
    this.#notice('FREEZING')
    const cohort = await freezeCohort(this.#ports, this.#study, round)
    this.#notice('COHORT_READ')
    if (cohort.people.length === 0) return this.#void(round, 'COHORT_EMPTY')
    const record: CohortRecord = {
      schema: 'islet.study.cohort/1',
      study: round.study,
      round: round.round,
      opened_block: round.openedBlock,
      root: cohort.tree.root,
      included: cohort.included.map(({ consentId }) => consentId),
      left_out: cohort.leftOut.map(({ consent, code }) => ({ consent, code })),
    }
    await journal.put(cohortName(round.round), writeCohortRecord(record))
    this.#frozen = { round: round.round, cohort }
    this.#notice('COHORT_KEPT')
    await acts.commitCohort(round.study, round.round, round.openedBlock, cohort.tree.root)
    this.#notice('COHORT_COMMITTED')
    return { did: 'freeze', round: round.round }
  }

  async #commit(round: LedgerRound): Promise<SiteStep> {
    const { chain, own, acts } = this.#ports
    const { cohortRoot } = await chain.contribution(round.study, round.round, own)
    const record = await this.cohort(round.round)
    if (cohortRoot === undefined || record?.root !== cohortRoot) return this.#void(round, 'COHORT_LOST')
    if (await this.#hasRevoked(record)) return this.#void(round, 'CONSENT_REVOKED')
    const update = (await this.#kept(round)) ?? (await this.#train(round, record))
    if (update === undefined) return this.#void(round, 'PERSON_REFUSED')
    await acts.commitUpdate(round.study, round.round, cohortRoot, update.commitment)
    this.#notice('UPDATE_COMMITTED')
    return { did: 'commit', round: round.round }
  }

  /** Trains on the people of the record; undefined where one of them can no longer be opened. */
  async #train(round: LedgerRound, record: CohortRecord): Promise<WrittenUpdate | undefined> {
    const { learner, journal, own } = this.#ports
    const people = await this.#people(round, record)
    if (people === undefined) return undefined
    const { base, depth } = await this.#base(round)
    this.#notice('TRAINING')
    const training = await learner.train({ base, depth, site: own, people })
    this.#notice('TRAINED')
    const update = writeUpdate(this.#place(round, own), this.#salt(round), training)
    await journal.put(updateName(round.round), update.bytes)
    this.#notice('UPDATE_KEPT')
    return update
  }

  async #reveal(round: LedgerRound): Promise<SiteStep> {
    const { acts, objects } = this.#ports
    const record = await this.cohort(round.round)
    const update = await this.#kept(round)
    if (update === undefined || record === undefined) return this.#void(round, 'UPDATE_LOST')
    if (await this.#hasRevoked(record)) return this.#void(round, 'CONSENT_REVOKED')
    await objects.put(update.update, update.bytes)
    this.#notice('UPDATE_STORED')
    await acts.reveal(round.study, round.round, update.update, update.salt)
    this.#notice('REVEALED')
    return { did: 'reveal', round: round.round }
  }

  async #attest(round: LedgerRound): Promise<SiteStep> {
    const { chain, objects, learner, acts } = this.#ports
    const named: { readonly site: InstitutionId; readonly update: Hash32 }[] = []
    const parts: SitePart[] = []
    for (const site of round.survivors) {
      const { update } = await chain.contribution(round.study, round.round, site)
      const bytes = update === undefined ? undefined : await objects.get(update)
      if (update === undefined || bytes === undefined) return this.#waiting(round, 'UPDATE_MISSING', [site])
      named.push({ site, update })
      const part = this.#part(bytes, update, round, site)
      if (part !== undefined) parts.push(part)
    }
    const { base } = await this.#base(round)
    const { model, metrics } = learner.aggregate(base, parts)
    this.#notice('AGGREGATED')
    const modelHash = learner.modelHash(model)
    await objects.put(modelHash, model)
    this.#notice('MODEL_STORED')
    const report = roundReport({
      study: round.study,
      round: round.round,
      planVersion: round.planVersion,
      baseModel: learner.modelHash(base),
      model: modelHash,
      expected: round.expected,
      updates: named,
      epsilon: null,
      metrics,
    })
    const hash = reportHash(report)
    await objects.put(hash, utf8(canonicalJson(report)))
    this.#notice('REPORT_STORED')
    await acts.attest(round.study, round.round, modelHash, hash)
    this.#notice('ATTESTED')
    return { did: 'attest', round: round.round }
  }

  async #endStep({ study, round }: LedgerRound): Promise<SiteStep> {
    await this.#ports.acts.endStep(study, round)
    this.#notice('STEP_ENDED')
    return { did: 'end-step', round }
  }

  async #void({ study, round }: LedgerRound, because: VoidCode): Promise<SiteStep> {
    await this.#ports.acts.voidContribution(study, round)
    return { did: 'void', round, because }
  }

  /** A survivor's part; undefined for what its bytes make unusable for everyone alike. */
  #part(bytes: Bytes, update: Hash32, round: LedgerRound, site: InstitutionId): SitePart | undefined {
    try {
      return readUpdate(bytes, update, this.#place(round, site)).part
    } catch (error) {
      if (isIsletError(error, 'UPDATE_REFUSED')) return undefined
      throw error
    }
  }

  /** The model that the round builds on, and the depth of the one that it makes. Throws `MODEL_MISSING`, `MODEL_NOT_THE_PLANS`. */
  async #base({ study, base }: LedgerRound): Promise<{ readonly base: Bytes; readonly depth: number }> {
    const { chain, objects, learner } = this.#ports
    if (base === 0) {
      const first = learner.firstModel()
      if (learner.modelHash(first) !== this.#study.plan.model.initial_hash) {
        throw new IsletError(
          'MODEL_NOT_THE_PLANS',
          'the first model made here is not the one that the plan names',
          { model: this.#study.plan.model.name },
          {
            at: { field: 'model.initial_hash' },
            remedy: 'Use the version of the program that the plan was made with.',
          },
        )
      }
      return { base: first, depth: 1 }
    }
    const version = await chain.version(study, base)
    const bytes = version === undefined ? undefined : await objects.get(version.model)
    if (version === undefined || bytes === undefined || learner.modelHash(bytes) !== version.model)
      throw new IsletError('MODEL_MISSING', 'the model that the round builds on is not at hand', {
        version: base,
      })
    return { base: bytes, depth: version.depth + 1 }
  }

  async #people(round: LedgerRound, record: CohortRecord): Promise<readonly Data[] | undefined> {
    if (this.#frozen?.round === round.round && this.#frozen.cohort.tree.root === record.root)
      return this.#frozen.cohort.people
    const claims = await this.#includedClaims(round.round)
    if (claims === undefined) return undefined
    const people: Data[] = []
    for (const claim of claims) {
      const { data } = await openPerson(this.#ports, this.#study.plan, claim)
      if (data === undefined) return undefined
      people.push(data)
    }
    return people
  }

  async #includedClaims(round: number) {
    const record = await this.cohort(round)
    if (record === undefined) return undefined
    const claims = new Map(
      (await this.#ports.people.claims()).map((claim) => [claim.consentId as string, claim]),
    )
    const included = record.included.flatMap((id) => claims.get(id) ?? [])
    return included.length === record.included.length ? included : undefined
  }

  /** Whether somebody of the cohort has revoked by now. */
  async #hasRevoked(record: CohortRecord): Promise<boolean> {
    const { height } = await this.#ports.chain.head()
    const history = await this.#ports.history(height)
    return record.included.some((id) => history.revokedIn(id) !== undefined)
  }

  /** The update that was kept for a round before a crash, or earlier in it. */
  async #kept(round: LedgerRound): Promise<WrittenUpdate | undefined> {
    const bytes = await this.#ports.journal.get(updateName(round.round))
    if (bytes === undefined) return undefined
    const place = this.#place(round, this.#ports.own)
    const { part, salt } = readUpdate(bytes, updateHash(bytes), place)
    return writeUpdate(place, salt, part)
  }

  #place({ study, round }: LedgerRound, site: InstitutionId): UpdatePlace {
    return { study, round, site }
  }

  /** Random to all others, and the same again after a crash. */
  #salt({ study, round }: LedgerRound): Hash32 {
    const { hasher, secret } = this.#ports
    return hash32(toHex(hasher.hmacSha256(secret, concat(SALT, fromHex(study), uint32(round)))))
  }

  #waiting(round: LedgerRound, because: string, awaited: readonly InstitutionId[] = []): SiteStep {
    return { did: 'wait', round: round.round, awaited, until: round.deadline, because }
  }

  #notice(point: Parameters<NonNullable<SitePorts['notice']>>[0]): void {
    this.#ports.notice?.(point)
  }
}

function cohortName(round: number): string {
  return `cohort-${round}`
}

function updateName(round: number): string {
  return `update-${round}`
}
