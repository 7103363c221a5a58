/**
 * An institution as somebody who runs it commands it: plain data in, plain data out, wherever it lives.
 *
 * Law: what crosses this seam could cross a process boundary: no key, no cover, no open file. Keys are tried where they
 * are kept (`probe`), and only their count and their failures come back.
 */
import type {
  AccessRequest,
  Ask,
  PatientAddress,
  Reading,
  ReadOptions,
  SearchAnswer,
  Written,
} from '../../consent/index.ts'
import type { Probe } from '../../consent/probe.door.ts'
import type { EnrolmentRequest, Invitation } from '../../identity/index.ts'
import type { SignedHead } from '../../ledger/index.ts'
import type { HealthRecord } from '../../series/index.ts'
import type { Address, ConsentId, Hash32, InstitutionId, InstitutionRole } from '../../vocabulary/index.ts'
import type { StandingVote } from '../world/member-standing.ts'

/** What a reader asks for; its own name and key are its own matter. */
export type Wish = Omit<Ask, 'hpkePublicKey' | 'readerName'>

/** A grant that was handed over to a reader. */
export interface GrantHeld {
  readonly consentId: ConsentId
  /** The address that signed it, made for this consent alone. */
  readonly signer: Address
  readonly custodian: InstitutionId
  /** Sequence of the newest envelope. */
  readonly sequence: number
}

/** What an institution holds of the operator's signed heads. */
export interface HeadsHeld {
  readonly held: number
  readonly newest: SignedHead | undefined
  /** Heights at which two histories were shown. */
  readonly rewritten: readonly number[]
}

export interface Party {
  readonly id: InstitutionId
  /** Folder name and handle. */
  readonly key: string
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  /** Its own data directory. */
  readonly directory: string
  readonly hpkePublicKey: Uint8Array

  /** Asks a patient: signed, its commitment on the ledger first. */
  ask(address: PatientAddress, wish: Wish): Promise<AccessRequest>
  grants(): Promise<readonly GrantHeld[]>
  /** Key generations that the newest envelope of a consent holds, ascending. */
  generations(consent: ConsentId): Promise<readonly number[]>
  /** Reads under a consent; throws the custodian's code. */
  read(consent: ConsentId, options?: ReadOptions): Promise<Reading>
  /** Which hours hold something; throws the custodian's code. */
  search(consent: ConsentId, options?: ReadOptions): Promise<SearchAnswer>
  write(consent: ConsentId, records: readonly HealthRecord[]): Promise<Written>
  /** Tries every key it holds of the patient of a consent on stored objects. */
  probe(consent: ConsentId, objects: readonly Uint8Array[]): Promise<Probe>
  /** Records an analysis of what was read under a consent; gives its hash. */
  record(consent: ConsentId, reading: Reading, analysis: Analysis): Promise<Hash32>
  /** The slot in which a recorded analysis is anchored, or undefined while its slot is open. */
  anchoredIn(analysis: Hash32): Promise<number | undefined>
  /** Closes slots, anchors the log, settles revokes. */
  tick(early?: boolean): Promise<void>
  /**
   * Fetches the operator's newest signed head, keeps it, and holds it against what it held; or exchanges heads with one
   * other member and throws that one's code.
   */
  exchangeHeads(other?: InstitutionId): Promise<void>
  heads(): Promise<HeadsHeld>
  /** Entries of its access log. */
  logSize(): Promise<number>
  /** Whether an identity key is a patient's here. */
  enrolled(identityKey: Hash32): Promise<boolean>
}

export interface Analysis {
  readonly activity: string
  /** Hash of the code that was run. */
  readonly code: Hash32
  readonly purpose: Ask['purposes'][number]
  /** What came out, as canonical JSON text. */
  readonly result: string
}

/** An institution's acts when members are admitted. */
export interface Seat {
  readonly id: InstitutionId
  invite(candidate: {
    readonly id: InstitutionId
    readonly roles: readonly InstitutionRole[]
  }): Promise<Invitation>
  /** Answers an invitation with keys made at home. */
  answer(invitation: Invitation): Promise<EnrolmentRequest>
  /** Checks a request by itself and votes. Throws `ENROLMENT_REFUSED`. */
  vote(invitation: Invitation, request: EnrolmentRequest): Promise<void>
  /** Votes on whether a member stays in force; gives the block. Throws `CHANGE_REFUSED`. */
  judge(vote: StandingVote): Promise<number>
}
