/**
 * The closed lists that consents, keys and requests speak in: kinds of data, purposes of use, roles.
 */

/**
 * Kinds of data; each has key streams of its own, so that the filter by kind is cryptographic (DESIGN 5).
 * The index in this list is the number used in key derivation, bit masks and contracts: append, never reorder.
 */
export const KINDS = ['glucose', 'insulin', 'meals', 'laboratory', 'conditions', 'notes', 'device'] as const
export type Kind = (typeof KINDS)[number]

/**
 * Purposes of use: HL7 v3 ActReason (code system http://terminology.hl7.org/CodeSystem/v3-ActReason).
 * The index is the number used in commitments: append, never reorder.
 */
export const PURPOSES = [
  'TREAT',
  'HRESCH',
  'ETREAT',
  'HPAYMT',
  'HOPERAT',
  'PATRQT',
  'FAMRQT',
  'PUBHLTH',
] as const
export type Purpose = (typeof PURPOSES)[number]

/** Roles of a member institution; the index is the bit in `Membership`. */
export const INSTITUTION_ROLES = [
  'hospital',
  'research',
  'laboratory',
  'pharmacy',
  'insurer',
  'manufacturer',
  'auditor',
] as const
export type InstitutionRole = (typeof INSTITUTION_ROLES)[number]

/** What a grant lets its reader do. */
export const ACTIONS = ['read', 'write'] as const
export type Action = (typeof ACTIONS)[number]

/** Bit mask of members of a closed list, bit = index. */
export function maskOf<T extends string>(list: readonly T[], members: Iterable<T>): number {
  let mask = 0
  for (const member of members) mask |= 1 << list.indexOf(member)
  return mask
}

/** The members of a closed list that a mask names, in list order. */
export function membersOf<T extends string>(list: readonly T[], mask: number): readonly T[] {
  return list.filter((_, index) => (mask & (1 << index)) !== 0)
}
