/**
 * For whom consents are made, and with which keys: the patient for themselves, or a guardian in their place.
 *
 * Law: a guardian gives away only what their own covers hold, under the patient's signed word.
 */
import type { Delegation } from '../identity/index.ts'
import type { Hash32, Kind } from '../vocabulary/index.ts'
import type { CoverSource } from './cover-sealing.ts'
import { DELEGATION } from './opening.ts'
import { generationIn, type PatientState } from './patient-state.ts'

/** For whom, and with which keys, consents are made. */
export interface Mandate {
  readonly covers: CoverSource
  /** Identity key of the patient. */
  readonly patientKey: Hash32
  /** Name of the patient's streams, and key of their inbox, base64url. */
  readonly stream: string
  readonly inboxKey: string
  /** The patient's word for a guardian who grants; undefined for the patient. */
  readonly authority: Delegation | undefined
  /** Newest generation of a kind as far as the guardian's own covers go; the patient's own count when left out. */
  readonly newest?: (kind: Kind) => number
}

/** The newest generation of a kind that can be handed out. */
export function newestGeneration(mandate: Mandate, state: PatientState): (kind: Kind) => number {
  return (kind) => mandate.newest?.(kind) ?? generationIn(state, kind)
}

/** Bits of `Opening.delegation`. */
export function delegationBits(mandate: Mandate, toDelegate: boolean): number {
  const byGuardian = mandate.authority === undefined ? 0 : DELEGATION.byGuardian
  return byGuardian | (toDelegate ? DELEGATION.toDelegate : 0)
}
