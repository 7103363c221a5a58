/**
 * Demo personas: virtual people with whom the app can be tried, made when somebody first asks for one.
 *
 * Laws: every one of them is simulated, and lives in a folder of its own beside the people of this node, so that no real
 * person's key can be asked for here; once made, their agent runs in the browser alone: this node keeps the root key,
 * sealed, and opens no agent over it again (no agent is opened twice).
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handlers } from '../../api/index.ts'
import { memoryShelf, openPatientAgent, type PatientAgent } from '../../consent/index.ts'
import { patientKeys } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { cohort } from '../../physiology/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Bytes,
  IsletError,
  isIsletError,
  quantity,
  toBase64Url,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { patientSend, wallClock } from '../institution/wire.ts'
import { readRoot, writeRoot } from '../story/person.ts'
import type { Consortium } from '../world/consortium.ts'
import type { World } from '../world/world.ts'
import { staffOffers } from './demo-staff.ts'

type PersonaHandlers = Pick<Handlers, 'personas' | 'persona'>
type Town = Pick<World, 'directory' | 'chain' | 'road' | 'unlock' | 'party' | 'tick'> &
  Pick<Consortium, 'hosted'>

/** What a node without personas answers. */
export const NO_PERSONAS: PersonaHandlers = {
  personas: async () => ({ personas: [] }),
  persona: async () => {
    throw new IsletError('NO_PERSONAS_HERE', 'this node offers no virtual people')
  },
}

const PEOPLE = {
  robin: { name: 'Robin Vale', seed: 41 },
  noor: { name: 'Noor Haddad', seed: 7 },
} as const

const DAY = 86_400
/** Days of virtual life up to now. */
const DAYS = 15
const CUSTODIAN = 'west'

/** The personas of a node; `origin` is where it is reached. */
export function demoPersonas(town: Town, origin: () => string): PersonaHandlers {
  const opened = new Map<string, Promise<Bytes>>()
  const rootOf = (handle: keyof typeof PEOPLE): Promise<Bytes> => {
    const known = opened.get(handle)
    if (known !== undefined) return known
    const opening = openRoot(town, handle)
    opened.set(handle, opening)
    // Tried anew when next somebody asks.
    opening.catch(() => opened.delete(handle))
    return opening
  }
  return {
    personas: async () => ({
      personas: [
        { persona: 'robin', name: PEOPLE.robin.name, role: 'patient' },
        { persona: 'noor', name: PEOPLE.noor.name, role: 'patient' },
        ...staffOffers(town.hosted),
      ],
    }),
    persona: async ({ params: { persona } }) => ({
      persona,
      name: PEOPLE[persona].name,
      simulated: true,
      root: toBase64Url(await rootOf(persona)),
      custodian: town.party(CUSTODIAN).id,
      origin: origin(),
    }),
  }
}

async function openRoot(town: Town, handle: keyof typeof PEOPLE): Promise<Bytes> {
  const directory = join(town.directory, 'personas', handle)
  try {
    return await readRoot(directory, town.unlock)
  } catch (error) {
    if (!isIsletError(error, 'KEY_FILE_MISSING')) throw error
  }
  const root = nodeCrypto.cipher.random(32)
  await settleIn(town, root, PEOPLE[handle].seed)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  // Written last: a life that a crash cut short is begun anew with another key.
  await writeRoot(directory, root, town.unlock)
  return root
}

/** A virtual life up to now: data at a custodian, one clinic that reads already, two who ask. Each step is backed up there. */
async function settleIn(town: Town, root: Bytes, seed: number): Promise<void> {
  const now = Math.floor(wallClock())
  const keys = patientKeys(root, nodeCrypto.hasher, nodeEd25519)
  const agent = await openPatientAgent({
    keys,
    ed: nodeEd25519,
    crypto: nodeCrypto,
    chain: town.chain,
    shelf: memoryShelf(),
    clock: () => quantity<UnixSeconds>(Math.floor(wallClock())),
    send: patientSend(keys.identity, town.road),
  })
  await agent.enrol(town.party(CUSTODIAN).id)
  await agent.add(lived(seed, now), { fill: true })
  await town.tick(true)
  await alreadyShared(town, agent, now)
  await asks(town, agent, now, 'north', { type: 'person', handle: 'dr-lee', name: 'Dr Lee' }, 'TREAT')
  await asks(town, agent, now, 'meadow', { type: 'institution' }, 'HRESCH')
}

/** Readings, insulin and meals of a virtual person from some days ago until now, on this machine's wall clock. */
function lived(seed: number, now: number) {
  const offsetMinutes = -new Date(now * 1_000).getTimezoneOffset()
  const today = Math.floor((now + offsetMinutes * 60) / DAY) * DAY - offsetMinutes * 60
  const start = quantity<UnixSeconds>(today - (DAYS - 1) * DAY)
  const [person] = cohort({ seed, people: 1, days: DAYS, start, offsetMinutes }).people
  return (person?.records ?? []).filter((record) => record.at <= now)
}

async function alreadyShared(town: Town, agent: PatientAgent, now: number): Promise<void> {
  const reader = town.party('south')
  await asks(town, agent, now, 'south', { type: 'person', handle: 'dr-okafor', name: 'Dr Okafor' }, 'TREAT')
  const [pending] = (await agent.collect()).requests
  if (pending === undefined) throw new IsletError('REQUEST_LOST', 'a persona’s request did not arrive')
  const { handOver } = await agent.grant(pending.request, { kinds: ['glucose'] }, { requestId: pending.id })
  await reader.search(handOver.consentId)
  await reader.read(handOver.consentId)
}

type Wish = Parameters<ReturnType<Town['party']>['ask']>[1]

async function asks(
  town: Town,
  agent: PatientAgent,
  now: number,
  key: string,
  subject: Wish['subject'],
  purpose: Wish['purposes'][number],
): Promise<void> {
  const party = town.party(key)
  const mailbox = await agent.openMailbox(party.name)
  const until = quantity<UnixSeconds>(now + 30 * DAY)
  await party.ask(
    { custodian: town.party(CUSTODIAN).id, mailbox },
    {
      subject,
      kinds: purpose === 'TREAT' ? ['glucose', 'insulin', 'meals'] : ['glucose'],
      actions: ['read'],
      purposes: [purpose],
      from: quantity<UnixSeconds>(now - 14 * DAY),
      until,
      expiresAt: until,
    },
  )
}
