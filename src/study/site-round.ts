/**
 * One round at one site: what the ledger and the site's own journal say of it, and what is needed to learn in it.
 *
 * Laws: everything here is read or follows from what is kept, so that it is the same before and after a crash; people
 * are those of the record alone, and one who can no longer be opened takes the whole contribution out.
 */
import {
  type Bytes,
  concat,
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  toHex,
  uint32,
  utf8,
} from '../vocabulary/index.ts'
import { type CohortRecord, readCohortRecord } from './cohort-record.ts'
import { openPerson } from './freeze-cohort.ts'
import type { PersonData, SitePart, SiteTraining, TrainingTask } from './learner.ts'
import type { SitePoint, SitePorts, SiteStudy } from './site-ports.ts'
import type { SiteStep } from './site-step.ts'
import type { LedgerRound } from './study-chain.ts'
import { updateCommitment } from './study-hash.ts'
import {
  nameOfUpdate,
  readUpdate,
  type UpdatePlace,
  type WrittenUpdate,
  writeUpdate,
} from './update-document.ts'

const SALT = utf8('islet/v1/study-update-salt\0')
const SECRET = utf8('islet/v1/study-round-secret\0')

export class SiteRound<Data extends PersonData = PersonData> {
  readonly ports: SitePorts<Data>
  readonly study: SiteStudy
  readonly round: LedgerRound
  #base: Promise<{ readonly base: Bytes; readonly depth: number }> | undefined

  constructor(ports: SitePorts<Data>, study: SiteStudy, round: LedgerRound) {
    this.ports = ports
    this.study = study
    this.round = round
  }

  get number(): number {
    return this.round.round
  }

  /** Who is in the cohort, and who is not and why; undefined before it was frozen. */
  record(): Promise<CohortRecord | undefined> {
    return recordOf(this.ports, this.number)
  }

  /** The record's people, opened anew; undefined where one of them can no longer be. */
  async people(record: CohortRecord): Promise<readonly Data[] | undefined> {
    const claims = await includedClaims(this.ports, record)
    if (claims === undefined) return undefined
    const people: Data[] = []
    for (const claim of claims) {
      const { data } = await openPerson(this.ports, this.study.plan, claim)
      if (data === undefined) return undefined
      people.push(data)
    }
    return people
  }

  /** What to train on and from. Throws `MODEL_MISSING`, `MODEL_NOT_THE_PLANS`. */
  async task(people: readonly Data[]): Promise<TrainingTask<Data>> {
    const { base, depth } = await this.base()
    const releases = await this.releases()
    return {
      base,
      depth,
      site: this.ports.own,
      people,
      releases,
      secret: roundSecret(this.ports, this.round),
    }
  }

  /** Rounds before this one in which an update was committed: what a privacy budget has spent. */
  releases(): Promise<number> {
    return releasesBefore(this.ports, this.study, this.number)
  }

  /** The model that the round builds on, and the depth of the one that it makes. Throws `MODEL_MISSING`, `MODEL_NOT_THE_PLANS`. */
  base(): Promise<{ readonly base: Bytes; readonly depth: number }> {
    this.#base ??= this.#readBase()
    return this.#base
  }

  async #readBase(): Promise<{ readonly base: Bytes; readonly depth: number }> {
    const { chain, objects, learner } = this.ports
    const { study, base } = this.round
    if (base === 0) {
      const first = learner.firstModel()
      if (learner.modelHash(first) !== this.study.plan.model.initial_hash) {
        throw new IsletError(
          'MODEL_NOT_THE_PLANS',
          'the first model made here is not the one that the plan names',
          { model: this.study.plan.model.name },
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

  /** Keeps an update before anyone hears of it. */
  async keep(training: SiteTraining): Promise<WrittenUpdate> {
    const update = writeUpdate(this.place(this.ports.own), this.#salt(), training)
    await this.ports.journal.put(updateName(this.number), update.bytes)
    this.notice('UPDATE_KEPT')
    return update
  }

  /** The update that was kept before a crash, or earlier in the round. */
  async kept(): Promise<WrittenUpdate | undefined> {
    const bytes = await this.ports.journal.get(updateName(this.number))
    if (bytes === undefined) return undefined
    const place = this.place(this.ports.own)
    const update = nameOfUpdate(bytes)
    const { salt } = readUpdate(bytes, update, place)
    return { bytes, update, salt, commitment: updateCommitment({ ...place, update, salt }) }
  }

  place(site: InstitutionId): UpdatePlace {
    return { study: this.round.study, round: this.number, site }
  }

  waiting(because: string, awaited: readonly InstitutionId[] = [], until = this.round.deadline): SiteStep {
    return { did: 'wait', round: this.number, awaited, until, because }
  }

  notice(point: SitePoint): void {
    this.ports.notice?.(point)
  }

  /** Random to all others, and the same again after a crash. */
  #salt(): Hash32 {
    const { hasher, secret } = this.ports
    const place = concat(SALT, fromHex(this.round.study), uint32(this.number))
    return hash32(toHex(hasher.hmacSha256(secret, place)))
  }
}

/** 32 bytes that only this site makes for this round; masks and noise follow from them (PROTOCOL 17). */
export function roundSecret(
  { hasher, secret }: Pick<SitePorts, 'hasher' | 'secret'>,
  { study, round }: Pick<LedgerRound, 'round' | 'study'>,
): Bytes {
  return new Uint8Array(hasher.hmacSha256(secret, concat(SECRET, fromHex(study), uint32(round))))
}

/** Rounds of a study before one in which an update was committed; 0 where nothing is counted because nothing is spent. */
export async function releasesBefore(
  { chain, learner }: Pick<SitePorts, 'chain' | 'learner'>,
  { id }: Pick<SiteStudy, 'id'>,
  before: number,
): Promise<number> {
  if (learner.privacy === undefined) return 0
  let releases = 0
  for (let number = 1; number < before; number += 1) {
    const round = await chain.round(id, number)
    if (round !== undefined && round.committed.length > 0) releases += 1
  }
  return releases
}

export async function recordOf(
  { journal }: Pick<SitePorts, 'journal'>,
  round: number,
): Promise<CohortRecord | undefined> {
  const kept = await journal.get(cohortName(round))
  return kept === undefined ? undefined : readCohortRecord(kept)
}

/** The grants of a record; undefined where one of them is no longer held. */
export async function includedClaims({ people }: Pick<SitePorts, 'people'>, record: CohortRecord) {
  const claims = new Map((await people.claims()).map((claim) => [claim.consentId as string, claim]))
  const included = record.included.flatMap((id) => claims.get(id) ?? [])
  return included.length === record.included.length ? included : undefined
}

export function cohortName(round: number): string {
  return `cohort-${round}`
}

function updateName(round: number): string {
  return `update-${round}`
}

/** Of a survivor, as everyone reads it. */
export interface NamedPart {
  readonly site: InstitutionId
  readonly update: Hash32
  /** Undefined for what its bytes make unusable for everyone alike. */
  readonly part: SitePart | undefined
}
