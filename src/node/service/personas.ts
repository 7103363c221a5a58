/**
 * Demo personas: virtual people with whom the app can be tried, made when somebody first asks for one.
 *
 * Laws: every one of them is simulated, and lives in a folder of its own beside the people of this node, so that no real
 * person's key can be asked for here; once made, their agent runs in the browser alone: this node keeps the root key,
 * sealed, and opens no agent over it again (no agent is opened twice). Their lives go on (`virtual-life.ts`).
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handlers } from '../../api/index.ts'
import { memoryShelf, openPatientAgent, type PatientAgent } from '../../consent/index.ts'
import { patientKeys } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Bytes,
  type ConsentId,
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
import { bornBefore, livingOf, rememberLife, virtualLives } from './virtual-life.ts'

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
const CUSTODIAN = 'west'
/** Who makes the devices that they wear. */
const DEVICES = 'lantern'
/** Hours that the device may write ahead: an app that is not opened for a month leaves no gap. */
const HOURS_AHEAD = 35 * 24

export interface DemoPersonas {
  readonly handlers: PersonaHandlers
  /** Lets everybody who was made here live on up to now. */
  liveOn(): Promise<void>
}

/** The personas of a node; `origin` is where it is reached, `clock` tells what time it is in their lives. */
export function demoPersonas(
  town: Town,
  origin: () => string,
  clock: () => UnixSeconds,
  report: (error: unknown) => void,
): DemoPersonas {
  const live = virtualLives(town.party(DEVICES), clock)
  const liveOn = (handle: string): Promise<void> => live(folderOf(town, handle)).catch(report)
  const opened = new Map<string, Promise<Bytes>>()
  const rootOf = (handle: keyof typeof PEOPLE): Promise<Bytes> => {
    const known = opened.get(handle)
    if (known !== undefined) return known
    const opening = openRoot(town, handle, clock())
    opened.set(handle, opening)
    // Tried anew when next somebody asks.
    opening.catch(() => opened.delete(handle))
    return opening
  }
  const handlers: PersonaHandlers = {
    personas: async () => ({
      personas: [
        { persona: 'robin', name: PEOPLE.robin.name, role: 'patient' },
        { persona: 'noor', name: PEOPLE.noor.name, role: 'patient' },
        ...staffOffers(town.hosted),
      ],
    }),
    persona: async ({ params: { persona } }) => {
      const root = await rootOf(persona)
      await liveOn(persona)
      return {
        persona,
        name: PEOPLE[persona].name,
        simulated: true,
        root: toBase64Url(root),
        custodian: town.party(CUSTODIAN).id,
        origin: origin(),
      }
    },
  }
  return {
    handlers,
    liveOn: async () => {
      for (const handle of Object.keys(PEOPLE)) await liveOn(handle)
    },
  }
}

function folderOf({ directory }: Pick<Town, 'directory'>, handle: string): string {
  return join(directory, 'personas', handle)
}

async function openRoot(town: Town, handle: keyof typeof PEOPLE, now: UnixSeconds): Promise<Bytes> {
  const directory = folderOf(town, handle)
  try {
    return await readRoot(directory, town.unlock)
  } catch (error) {
    if (!isIsletError(error, 'KEY_FILE_MISSING')) throw error
  }
  const root = nodeCrypto.cipher.random(32)
  const birth = bornBefore(PEOPLE[handle].seed, now)
  const consent = await settleIn(town, root, birth, now)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await rememberLife(directory, { birth, consent, told: now })
  // Written last: a life that a crash cut short is begun anew with another key.
  await writeRoot(directory, root, town.unlock)
  return root
}

/**
 * A virtual life up to now: data at a custodian, a device that goes on adding, one clinic that reads already, two who ask. Gives
 * the grant of the device. Each step is backed up there.
 */
async function settleIn(
  town: Town,
  root: Bytes,
  birth: Parameters<typeof livingOf>[0],
  now: UnixSeconds,
): Promise<ConsentId> {
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
  await agent.add(livingOf(birth).until(now), { fill: true })
  await town.tick(true)
  const consent = await wears(town, agent, now)
  await alreadyShared(town, agent)
  await asks(town, agent, 'north', {
    ...TO_TREAT,
    subject: { type: 'person', handle: 'dr-lee', name: 'Dr Lee' },
  })
  await asks(town, agent, 'meadow', {
    kinds: ['glucose'],
    purposes: ['HRESCH'],
    subject: { type: 'institution' },
  })
  return consent
}

const TO_TREAT = { kinds: ['glucose', 'insulin', 'meals'], purposes: ['TREAT'] } as const

/** The maker of the devices may add for a year, and read nothing. */
async function wears(town: Town, agent: PatientAgent, now: UnixSeconds): Promise<ConsentId> {
  const until = quantity<UnixSeconds>(now + 365 * DAY)
  await asks(town, agent, DEVICES, {
    subject: { type: 'institution' },
    kinds: ['glucose', 'insulin', 'meals', 'device'],
    actions: ['write'],
    purposes: ['PATRQT'],
    from: quantity<UnixSeconds>(now - DAY),
    until,
    expiresAt: until,
  })
  return answered(agent, {}, HOURS_AHEAD)
}

async function alreadyShared(town: Town, agent: PatientAgent): Promise<void> {
  const reader = town.party('south')
  await asks(town, agent, 'south', {
    ...TO_TREAT,
    subject: { type: 'person', handle: 'dr-okafor', name: 'Dr Okafor' },
  })
  const consent = await answered(agent, { kinds: ['glucose'] })
  await reader.search(consent)
  await reader.read(consent)
}

/** Grants the one request that waits. */
async function answered(
  agent: PatientAgent,
  choice: Parameters<PatientAgent['grant']>[1],
  hoursAhead = 0,
): Promise<ConsentId> {
  const [pending] = (await agent.collect()).requests
  if (pending === undefined) throw new IsletError('REQUEST_LOST', 'a persona’s request did not arrive')
  const { handOver } = await agent.grant(pending.request, choice, { requestId: pending.id, hoursAhead })
  return handOver.consentId
}

type Wish = Parameters<ReturnType<Town['party']>['ask']>[1]

/** Asks for the last fortnight and the next month, to read, unless said. */
async function asks(
  town: Town,
  agent: PatientAgent,
  key: string,
  wish: Pick<Wish, 'subject' | 'kinds' | 'purposes'> & Partial<Wish>,
): Promise<void> {
  const party = town.party(key)
  const mailbox = await agent.openMailbox(party.name)
  const now = Math.floor(wallClock())
  const until = quantity<UnixSeconds>(now + 30 * DAY)
  const usual = {
    actions: ['read'],
    from: quantity<UnixSeconds>(now - 14 * DAY),
    until,
    expiresAt: until,
  } as const
  await party.ask({ custodian: town.party(CUSTODIAN).id, mailbox }, { ...usual, ...wish })
}
