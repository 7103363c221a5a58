/**
 * Named persons who work at an institution and hold an office there: whose key may do what in its name.
 *
 * Laws: whoever is not on the list is a stranger; an institution's list counts at its own inbox and nowhere else, so that
 * nobody speaks for a house they do not work at; the keys of the persons themselves are theirs.
 */
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { InstitutionIdField, KeyField, NameField, oneOf, type Party } from '../../api/index.ts'
import type { InstitutionId } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from './document-file.ts'

/** Offices that a person of an institution can hold. */
const STAFF_OFFICES = ['clinician', 'duty-officer', 'researcher', 'committee', 'auditor', 'operator'] as const
export type StaffOffice = (typeof STAFF_OFFICES)[number]

const StaffFile = Type.Object({
  schema: Type.Literal('islet.staff/1'),
  institution: InstitutionIdField,
  people: Type.Array(
    Type.Object({
      name: NameField,
      /** Ed25519 public key that signs what the person asks. */
      key: KeyField,
      office: oneOf(STAFF_OFFICES),
      /** The institution's handle for them, where grants name them. */
      handle: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' })),
    }),
  ),
})
export type Person = Static<typeof StaffFile>['people'][number]

export interface Staff {
  /** What a key may do in the institution's name, or undefined for a stranger. */
  find(key: string): Pick<Party, 'roles' | 'institution'> | undefined
  /** The person who has a key, or undefined for a stranger. */
  member(key: string): Person | undefined
  /** Puts a person on the list, durably; the same key once. */
  enlist(person: Person): Promise<void>
}

/** Opens the list in the institution's directory. Throws `STAFF_LIST_DAMAGED`. */
export async function openStaff(directory: string, institution: InstitutionId): Promise<Staff> {
  const path = join(directory, 'staff.json')
  const file = await readDocumentFile(path, StaffFile, 'STAFF_LIST_DAMAGED')
  let people: readonly Person[] = file?.people ?? []
  let turn: Promise<void> = Promise.resolve()
  const enlist = async (person: Person): Promise<void> => {
    const next = [...people.filter(({ key }) => key !== person.key), person]
    await writeDocumentFile(path, { schema: 'islet.staff/1', institution, people: next })
    people = next
  }
  return {
    find: (key) => {
      const person = people.find((one) => one.key === key)
      return person === undefined ? undefined : { roles: [person.office], institution }
    },
    member: (key) => people.find((one) => one.key === key),
    enlist: (person) => {
      turn = turn.catch(() => undefined).then(() => enlist(person))
      return turn
    },
  }
}
