/**
 * A site in the rounds of one study: a state machine over ports, whose state is the ledger and its own journal.
 *
 * Laws: what goes out was kept first, so that a power cut at any point changes nothing of what comes out; the root on the
 * ledger stands for exactly those who were trained on; whoever is seen to have revoked before the reveal takes the
 * site's contribution out of the round; nothing is revealed before all commitments stand, and an update is stored for
 * others only when it is revealed (PROTOCOL 23–25).
 */
import {
  canonicalJson,
  type Hash32,
  type InstitutionId,
  IsletError,
  isIsletError,
  utf8,
} from '../vocabulary/index.ts'
import { type CohortRecord, writeCohortRecord } from './cohort-record.ts'
import type { CohortProof } from './cohort-tree.ts'
import { type FrozenCohort, freezeCohort, treeOver } from './freeze-cohort.ts'
import type { PersonData, SitePart } from './learner.ts'
import { maskedWay } from './masked-way.ts'
import { openWay } from './open-way.ts'
import { type RefusableAct, type RefusalReason, refusalReason } from './refusal-reason.ts'
import { roundAct } from './round-act.ts'
import { reportHash, roundReport } from './round-report.ts'
import { isStep, type MadeUpdate, type RoundWay } from './round-way.ts'
import type { SitePorts, SiteStudy } from './site-ports.ts'
import { cohortName, includedClaims, type NamedPart, recordOf, SiteRound } from './site-round.ts'
import type { SiteStep, VoidCode } from './site-step.ts'
import type { LedgerRound } from './study-chain.ts'
import { readUpdate } from './update-document.ts'

export class StudySite<Data extends PersonData = PersonData> {
  readonly #ports: SitePorts<Data>
  readonly #study: SiteStudy
  readonly #way: RoundWay<Data>
  #frozen:
    | { readonly round: number; readonly height: number; readonly cohort: FrozenCohort<Data> }
    | undefined
  /** An act that the ledger refused: it is not tried again until the round moves on. */
  #refused: { readonly name: string; readonly because: RefusalReason } | undefined

  constructor(ports: SitePorts<Data>, study: SiteStudy) {
    this.#ports = ports
    this.#study = study
    this.#way = study.plan.privacy.aggregation === 'masked' ? maskedWay() : openWay()
  }

  /** Does what is next in the latest round, if anything. Throws the codes of ledger, journal and learning. */
  async step(): Promise<SiteStep> {
    const { chain, own, clock } = this.#ports
    const number = await chain.latestRound(this.#study.id)
    const round = number === 0 ? undefined : await chain.round(this.#study.id, number)
    if (round === undefined) return { did: 'rest', round: 0 }
    const act = roundAct(round, own, clock())
    if (act.do === 'rest') return { did: 'rest', round: number }
    const at = new SiteRound(this.#ports, this.#study, round)
    if (act.do === 'wait') return { did: 'wait', round: number, awaited: act.awaited, until: act.until }
    const name = `${number} ${round.phase} ${act.do}`
    if (this.#refused?.name === name) return at.waiting(this.#refused.because)
    try {
      return await this.#do(act.do, at)
    } catch (error) {
      if (!isIsletError(error, 'STUDY_CALL_REFUSED')) throw error
      // Somebody was first, or the step ended meanwhile: the ledger as it stands now says which.
      const because = await this.#whyRefused(act.do, number)
      this.#refused = { name, because }
      return at.waiting(because)
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
  cohort(round: number): Promise<CohortRecord | undefined> {
    return recordOf(this.#ports, round)
  }

  /** Proof that a mark is in this site's cohort of a round, or that it is not. Throws `COHORT_LOST`. */
  async prove(round: number, mark: Uint8Array): Promise<CohortProof> {
    const record = await this.cohort(round)
    const included = record === undefined ? undefined : await includedClaims(this.#ports, record)
    if (included === undefined)
      throw new IsletError('COHORT_LOST', 'the cohort of the round is not at hand', { round })
    return treeOver(this.#ports, this.#study, round, included).prove(mark)
  }

  async #do(act: RefusableAct, at: SiteRound<Data>): Promise<SiteStep> {
    if (this.#ports.code !== this.#study.plan.model.code_hash) {
      // What was trained by the approved code may still be shown, and an overdue step still be ended.
      if (act === 'freeze' || act === 'commit') return this.#void(at.round, 'CODE_NOT_THE_PLANS')
      if (act === 'attest') return at.waiting('CODE_NOT_THE_PLANS')
    }
    switch (act) {
      case 'freeze':
        return this.#freeze(at)
      case 'commit':
        return this.#commit(at)
      case 'reveal':
        return this.#reveal(at)
      case 'attest':
        return this.#attest(at)
      case 'end-step':
        return this.#endStep(at)
      default:
        return act satisfies never
    }
  }

  async #freeze(at: SiteRound<Data>): Promise<SiteStep> {
    const { chain, acts, learner } = this.#ports
    const { round } = at
    if (learner.privacy?.allows((await at.releases()) + 1) === false)
      return this.#void(round, 'PRIVACY_BUDGET_SPENT')
    const { height } = await chain.head()
    const before = this.#frozen
    // A ledger that took nothing has the block that it had: nobody is opened, and logged, a second time for it.
    const isSame = before?.round === round.round && before.height === height
    const cohort = isSame ? before.cohort : await this.#read(at, height)
    if (cohort.people.length === 0) return this.#void(round, 'COHORT_EMPTY')
    const because = await this.#way.prepare(at, cohort.people)
    if (because !== undefined) return this.#void(round, because)
    await acts.commitCohort(round.study, round.round, round.openedBlock, cohort.tree.root)
    at.notice('COHORT_COMMITTED')
    return { did: 'freeze', round: round.round }
  }

  /** Opens the cohort as of a block, and keeps who is in it. */
  async #read(at: SiteRound<Data>, height: number): Promise<FrozenCohort<Data>> {
    const { round } = at
    at.notice('FREEZING')
    const cohort = await freezeCohort(this.#ports, this.#study, round)
    at.notice('COHORT_READ')
    if (cohort.people.length === 0) return cohort
    const record: CohortRecord = {
      schema: 'islet.study.cohort/1',
      study: round.study,
      round: round.round,
      opened_block: round.openedBlock,
      root: cohort.tree.root,
      included: cohort.included.map(({ consentId }) => consentId),
      left_out: cohort.leftOut.map(({ consent, code }) => ({ consent, code })),
    }
    await this.#ports.journal.put(cohortName(round.round), writeCohortRecord(record))
    this.#frozen = { round: round.round, height, cohort }
    at.notice('COHORT_KEPT')
    return cohort
  }

  async #commit(at: SiteRound<Data>): Promise<SiteStep> {
    const { chain, own, acts } = this.#ports
    const { round } = at
    const { cohortRoot } = await chain.contribution(round.study, round.round, own)
    const record = await at.record()
    if (cohortRoot === undefined || record?.root !== cohortRoot) return this.#void(round, 'COHORT_LOST')
    if (await this.#hasRevoked(record)) return this.#void(round, 'CONSENT_REVOKED')
    const kept = await at.kept()
    const first = kept === undefined ? await this.#way.ready?.(at) : undefined
    if (first !== undefined) return first.did === 'void' ? this.#void(round, first.because) : first
    const made: MadeUpdate | undefined =
      kept === undefined ? await this.#train(at, record) : { update: kept, refused: [] }
    if (made === undefined) return this.#void(round, 'PERSON_REFUSED')
    await acts.commitUpdate(round.study, round.round, cohortRoot, made.update.commitment)
    at.notice('UPDATE_COMMITTED')
    return { did: 'commit', round: round.round, ...namedBy(made) }
  }

  /** Trains on the people of the record; undefined where one of them can no longer be opened. */
  async #train(at: SiteRound<Data>, record: CohortRecord) {
    const frozen = this.#frozen
    const isAtHand = frozen?.round === at.number && frozen.cohort.tree.root === record.root
    const people = isAtHand ? frozen.cohort.people : await at.people(record)
    return people === undefined ? undefined : this.#way.update(at, people, record)
  }

  async #reveal(at: SiteRound<Data>): Promise<SiteStep> {
    const { acts, objects } = this.#ports
    const { round } = at
    const record = await at.record()
    const update = await at.kept()
    if (update === undefined || record === undefined) return this.#void(round, 'UPDATE_LOST')
    if (await this.#hasRevoked(record)) return this.#void(round, 'CONSENT_REVOKED')
    await objects.put(update.update, update.bytes)
    at.notice('UPDATE_STORED')
    await acts.reveal(round.study, round.round, update.update, update.salt)
    at.notice('REVEALED')
    return { did: 'reveal', round: round.round }
  }

  async #attest(at: SiteRound<Data>): Promise<SiteStep> {
    const { chain, objects, learner, acts } = this.#ports
    const { round } = at
    const named: NamedPart[] = []
    // All at once, so that they go in one request.
    const contributions = await Promise.all(
      round.survivors.map(async (site) => ({
        site,
        ...(await chain.contribution(round.study, round.round, site)),
      })),
    )
    for (const { site, update } of contributions) {
      const bytes = update === undefined ? undefined : await objects.get(update, site)
      if (update === undefined || bytes === undefined) return at.waiting('UPDATE_MISSING', [site])
      named.push({ site, update, part: partOf(at, bytes, update, site) })
    }
    const made = await this.#way.aggregate(at, named)
    if (isStep(made)) return made
    const { model, metrics, liars = [], equivocated = [] } = made
    at.notice('AGGREGATED')
    const modelHash = learner.modelHash(model)
    await objects.put(modelHash, model)
    at.notice('MODEL_STORED')
    const { base } = await at.base()
    const report = roundReport({
      study: round.study,
      round: round.round,
      planVersion: round.planVersion,
      baseModel: learner.modelHash(base),
      model: modelHash,
      expected: round.expected,
      updates: named,
      epsilon: learner.privacy?.spentAfter((await at.releases()) + 1) ?? null,
      metrics,
      equivocated,
    })
    const hash = reportHash(report)
    await objects.put(hash, utf8(canonicalJson(report)))
    at.notice('REPORT_STORED')
    await acts.attest(round.study, round.round, modelHash, hash)
    at.notice('ATTESTED')
    return { did: 'attest', round: round.round, ...namedBy({ refused: liars, equivocated }) }
  }

  async #endStep(at: SiteRound<Data>): Promise<SiteStep> {
    await this.#ports.acts.endStep(at.round.study, at.number)
    at.notice('STEP_ENDED')
    return { did: 'end-step', round: at.number }
  }

  async #void({ study, round }: LedgerRound, because: VoidCode): Promise<SiteStep> {
    await this.#ports.acts.voidContribution(study, round)
    return { did: 'void', round, because }
  }

  /** Whether somebody of the cohort has revoked by now. */
  async #hasRevoked(record: CohortRecord): Promise<boolean> {
    const { height } = await this.#ports.chain.head()
    const history = await this.#ports.history(height)
    return record.included.some((id) => history.revokedIn(id) !== undefined)
  }
}

/** A survivor's part; undefined for what its bytes make unusable for everyone alike. */
function partOf<Data extends PersonData>(
  at: SiteRound<Data>,
  bytes: Uint8Array<ArrayBuffer>,
  update: Hash32,
  site: InstitutionId,
): SitePart | undefined {
  try {
    return readUpdate(bytes, update, at.place(site)).part
  } catch (error) {
    if (isIsletError(error, 'UPDATE_REFUSED')) return undefined
    throw error
  }
}

type Named = Pick<MadeUpdate, 'equivocated' | 'refused'>

/** Who is named in a step, where anybody is. */
function namedBy({ refused, equivocated = [] }: Named): Partial<Named> {
  return {
    ...(refused.length === 0 ? {} : { refused }),
    ...(equivocated.length === 0 ? {} : { equivocated }),
  }
}
