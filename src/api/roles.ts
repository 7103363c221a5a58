/**
 * Who may knock: the roles that a route or a message names. A caller may hold several.
 *
 * Law: what is not named is refused; `anonymous` must be written down to be let in.
 */
export const ROLES = [
  /** No proof of who it is; with a valid signature by a key that nobody enrolled, still anonymous. */
  'anonymous',
  'patient',
  /** A carer or guardian, with a delegation signed by the patient. */
  'delegate',
  /** A member institution's node. */
  'member',
  /** A named person who works at an institution of this node. */
  'staff',
  /** A named person at an institution of this node who reads patients for care and signs doses. */
  'clinician',
  /** A named person at an institution of this node who releases emergency envelopes as second party. */
  'duty-officer',
  /** A named person at an institution of this node who applies with studies for it. */
  'researcher',
  /** A named person at an institution of this node who holds its seat on the committee and reviews for its site. */
  'committee',
  'auditor',
  /** Who runs this node. */
  'operator',
] as const
export type Role = (typeof ROLES)[number]

/** Whether one of the caller's roles is among those let in; everybody is at least anonymous. */
export function mayEnter(allowed: readonly Role[], held: readonly Role[]): boolean {
  return allowed.some((role) => role === 'anonymous' || held.includes(role))
}
