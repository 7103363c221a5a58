/**
 * Virtual people who work at the institutions of this node: researchers, seats of the committee, an operator, an auditor.
 *
 * Laws: all are made up; their keys are made when somebody first asks, lie sealed beside those of the virtual patients and
 * are given on loopback only; what each may do is what the institution's list of staff says, as of anybody.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Handlers, messageSigner, type Offer } from '../../api/index.ts'
import { signer } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Bytes, IsletError, isIsletError, toBase64Url } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import type { StaffOffice } from '../institution/staff.ts'
import { readRoot, writeRoot } from '../story/person.ts'
import { OPERATOR } from '../world/charter.ts'
import type { Consortium } from '../world/consortium.ts'

type Town = Pick<Consortium, 'directory' | 'hosted' | 'unlock'> & {
  /** Whose key signs what the node itself answers. */
  readonly node: Pick<Hosted, 'keys'>
}

interface DemoPerson extends Offer {
  /** What is said beside the name where they are offered: elsewhere the institution stands beside it anyway. */
  readonly place: string
  /** Handle of the institution they work at. */
  readonly at: string
  readonly office: StaffOffice
  /** Handle that grants name them by. */
  readonly handle?: string
}

const PEOPLE: readonly DemoPerson[] = [
  {
    persona: 'okafor',
    name: 'Dr Okafor',
    place: 'South Hospital',
    role: 'clinician',
    at: 'south',
    office: 'clinician',
    handle: 'dr-okafor',
  },
  {
    persona: 'vera',
    name: 'Vera Stone',
    place: 'duty officer, Harbour',
    role: 'clinician',
    at: 'harbour',
    office: 'duty-officer',
    handle: 'duty-officer',
  },
  {
    persona: 'ada',
    name: 'Ada Brandt',
    place: 'Meadow Research',
    role: 'researcher',
    at: 'meadow',
    office: 'researcher',
  },
  {
    persona: 'ines',
    name: 'Ines Roth',
    place: 'North Clinic',
    role: 'committee',
    at: 'north',
    office: 'committee',
  },
  {
    persona: 'tom',
    name: 'Tom Salas',
    place: 'South Hospital',
    role: 'committee',
    at: 'south',
    office: 'committee',
  },
  {
    persona: 'maya',
    name: 'Maya Lind',
    place: 'East Hospital',
    role: 'committee',
    at: 'east',
    office: 'committee',
  },
  { persona: 'jo', name: 'Jo Hart', place: 'operator', role: 'operator', at: OPERATOR, office: 'operator' },
  { persona: 'kim', name: 'Kim Doyle', place: 'auditor', role: 'operator', at: 'lantern', office: 'auditor' },
]

/** Whom the app can be tried as, beside patients: who works at the institutions here. */
export function staffOffers(hosted: Town['hosted']): readonly Offer[] {
  return peopleOf(hosted).map((person) => ({
    persona: person.persona,
    name: offeredName(person),
    role: person.role,
  }))
}

/** Who works here; an institution on its own is operated by somebody of its own. */
function peopleOf(hosted: Town['hosted']): readonly DemoPerson[] {
  const here = PEOPLE.filter(({ at }) => hosted.has(at))
  const [alone, ...others] = hosted.values()
  if (alone === undefined || others.length > 0 || here.some(({ office }) => office === 'operator'))
    return here
  const { key, name: place } = alone
  const own = { persona: 'operator', name: 'Sam Reed', place, at: key } as const
  return [...here, { ...own, role: 'operator', office: 'operator' }]
}

function offeredName({ name, place }: DemoPerson): string {
  return `${name}, ${place}`
}

/** What a node without them answers. */
export const NO_STAFF: Pick<Handlers, 'demoStaff'> = {
  demoStaff: async () => {
    throw nobody()
  },
}

/** The route that hands a virtual person of an institution over; `origin` is where the node is reached. */
export function demoStaff(consortium: Town, origin: () => string): Pick<Handlers, 'demoStaff'> {
  const opened = new Map<string, Promise<Bytes>>()
  const keyOf = (person: DemoPerson): Promise<Bytes> => {
    const opening = opened.get(person.persona) ?? openKey(consortium, person)
    opened.set(person.persona, opening)
    opening.catch(() => opened.delete(person.persona))
    return opening
  }
  return {
    demoStaff: async ({ params: { persona } }) => {
      const person = peopleOf(consortium.hosted).find((one) => one.persona === persona)
      const house = person === undefined ? undefined : consortium.hosted.get(person.at)
      if (person === undefined || house === undefined) throw nobody()
      return {
        persona,
        name: offeredName(person),
        simulated: true,
        seed: toBase64Url(await keyOf(person)),
        institution: house.id,
        institution_name: house.name,
        answers_by: {
          institution: messageSigner(house.keys.message).keyId,
          node: messageSigner(consortium.node.keys.message).keyId,
        },
        origin: origin(),
      }
    },
  }
}

/** The person's key, made and put on the institution's list the first time. */
async function openKey(
  { directory, hosted, unlock }: Town,
  { persona, name, at, office, handle }: DemoPerson,
): Promise<Bytes> {
  const folder = join(directory, 'personas', persona)
  let seed: Bytes
  try {
    seed = await readRoot(folder, unlock)
  } catch (error) {
    if (!isIsletError(error, 'KEY_FILE_MISSING')) throw error
    seed = nodeCrypto.cipher.random(32)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeRoot(folder, seed, unlock)
  }
  const key = messageSigner(signer(seed, nodeEd25519)).keyId
  // Whoever runs or audits the node reads the logs of all its institutions, and each of them lets them in.
  const houses = office === 'auditor' || office === 'operator' ? hosted.values() : [hosted.get(at)]
  for (const house of houses)
    await house?.staff.enlist({ name, key, office, ...(handle === undefined ? {} : { handle }) })
  return seed
}

function nobody(): IsletError {
  return new IsletError('NO_PERSONAS_HERE', 'this node offers no such virtual person')
}
