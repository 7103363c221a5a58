/**
 * A clinician's own institution, as their browser asks it.
 *
 * Law: the key of the person who signs decisions stays where they sit.
 */
import { type DoseDecision, signDecision } from '../../care/browser.door.ts'
import { isIsletError } from '../../vocabulary/index.ts'
import { type StaffPerson, signInStaff } from '../shared/staff-sign-in.ts'

export interface Clinic {
  readonly person: string
  /** Whether the person reads patients; else they answer calls of others. */
  readonly reads: boolean
  /** Throws the institution's code, `NODE_AWAY`. */
  readonly ask: StaffPerson['tell']
  /** The person, for what they sign beside doses. */
  readonly staff: StaffPerson
  sign(decision: DoseDecision['body']): DoseDecision
}

/** Seconds after which what a clinician looks at is asked for again: a reading comes that often. */
export const LOOK_EVERY = 300

/** Opens a virtual clinician. Throws `NO_PERSONAS_HERE`, `NODE_AWAY`. */
export async function openClinic(persona: string): Promise<Clinic> {
  const staff = await signInStaff(persona)
  const { name, tell, signer } = staff
  return {
    staff,
    person: name,
    reads: await mayRead(tell),
    ask: tell,
    sign: (decision) => signDecision(decision, signer),
  }
}

/** The institution says who reads: a duty officer is refused the panel. */
async function mayRead(tell: StaffPerson['tell']): Promise<boolean> {
  try {
    await tell('care-panel', {})
    return true
  } catch (error) {
    if (isIsletError(error, 'ROLE_NOT_ALLOWED')) return false
    throw error
  }
}
