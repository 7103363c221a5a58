/**
 * The seam between the frame and the people it serves: a role's bundle opens one of its people and gives what to draw.
 *
 * Law: nothing of a role is loaded before somebody of that role signs in.
 */
import type { ReactNode } from 'react'
import type { Offer } from '../../api/index.ts'

/** Somebody signed in, until `leave`. */
export interface SignedIn {
  /** What stands below the frame; `leave` signs out and goes back to the first screen. */
  readonly view: (leave: () => void) => ReactNode
  /** Lets go of whatever is held for this person. */
  leave(): void
}

/** Opens a person of the role. Throws coded errors, which the sign-in screen says in words. */
export type OpenRole = (offer: Offer) => Promise<SignedIn>
