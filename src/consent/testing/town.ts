/**
 * A town for tests: institutions and patients that speak only through messages, over a ledger given or in memory.
 * Messages pass as JSON text, so that nothing is shared in memory.
 */
import { hpkeKeyHash, institutionKeys, type PatientKeys, patientKeys } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import type { Glucose } from '../../series/index.ts'
import { type LogDisk, memoryStore, type ObjectStore, openLog } from '../../vault/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type InstitutionId,
  IsletError,
  institutionId,
  type Json,
  type LocalSeconds,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../../vocabulary/index.ts'
import type { ChainReader, ChainWriter } from '../chain.ts'
import { parseDocument } from '../document.ts'
import type { Send } from '../house.ts'
import { type Institution, openInstitution } from '../institution.ts'
import { MESSAGE_REPLIES, MESSAGE_TYPES } from '../message-shapes.ts'
import { openPatientAgent, type PatientAgent } from '../patient-agent.ts'
import type { Ask } from '../reader-agent.ts'
import { memoryShelf, type Shelf } from '../shelf.ts'
import { type MemoryChain, memoryChain } from './memory-chain.ts'
import { memoryLogDisk } from './memory-log-disk.ts'

/** 2026-09-01T00:00:00Z */
export const START = quantity<UnixSeconds>(1_788_220_800)
export const HOUR = 3600
export const DAY = 86_400
/** Long enough for any machine. */
const PATIENCE = 120_000

export function at(seconds: number): UnixSeconds {
  return quantity<UnixSeconds>(seconds)
}

/** The same 32 bytes for the same words. */
export function seedOf(words: string): Uint8Array<ArrayBuffer> {
  return nodeCrypto.hasher.sha256(utf8(`town ${words}`))
}

export interface House {
  readonly id: InstitutionId
  readonly name: string
  readonly keys: ReturnType<typeof institutionKeys>
  readonly shelf: Shelf
  readonly store: ObjectStore
  readonly disk: LogDisk
  readonly chain: ChainReader & ChainWriter
  open: Institution
  /** Opens everything anew from what is durable. */
  restart(): Promise<void>
}

export interface Town {
  readonly chain: MemoryChain
  now: number
  house(name: string): Promise<House>
  patient(name: string, shelf?: Shelf): Promise<PatientAgent>
  keysOf(name: string): PatientKeys
  readonly send: Send
  /** Every message sent, with its answer or refusal. */
  readonly wire: {
    readonly to: string
    readonly type: string
    readonly body: string
    answer: string | undefined
  }[]
  /** Waits for what the houses do in the background. */
  idle(): Promise<void>
  /** Institutions that never answer. */
  readonly silent: Set<InstitutionId>
  /** Institutions that cannot be reached. */
  readonly down: Set<InstitutionId>
  /** Milliseconds that patients wait for an institution that never answers; for the others they wait as long as it takes. */
  patience: number
}

export interface TownOptions {
  readonly chainOf?: (id: InstitutionId, name: string) => ChainReader & ChainWriter
  readonly slotMinutes?: number
  readonly onDurable?: (house: string, path: string) => void
}

export function town(options: TownOptions = {}): Town {
  const houses = new Map<InstitutionId, House>()
  const wire: Town['wire'] = []
  const down = new Set<InstitutionId>()
  const silent = new Set<InstitutionId>()
  const self = { now: START as number, patience: PATIENCE, waits: PATIENCE }
  const clock = (): UnixSeconds => at(self.now)
  const chain = memoryChain(clock)
  const send: Send = async (to, type, body) => {
    self.waits = silent.has(to) ? self.patience : PATIENCE
    const text = JSON.stringify(body)
    const entry = { to, type, body: text, answer: undefined as string | undefined }
    wire.push(entry)
    if (silent.has(to)) await new Promise(() => undefined)
    const house = houses.get(to)
    if (house === undefined || down.has(to)) throw new IsletError('PEER_UNREACHABLE', 'no answer')
    const carried: Json = JSON.parse(text)
    const answer = JSON.stringify(await house.open.handle(type, carried))
    entry.answer = answer
    const back: Json = JSON.parse(answer)
    // Whatever is answered has the shape that the published contract shows.
    const shape = MESSAGE_TYPES.find((known) => known === type)
    if (shape !== undefined) parseDocument(MESSAGE_REPLIES[shape], back, `answer to '${type}'`)
    return back
  }
  const house = async (name: string): Promise<House> => {
    const id = institutionId(toHex(seedOf(`institution ${name}`)))
    const known = houses.get(id)
    if (known !== undefined) return known
    const keys = institutionKeys(
      { ledger: seedOf(`ledger ${name}`), message: seedOf(`message ${name}`), hpke: seedOf(`hpke ${name}`) },
      nodeEd25519,
    )
    chain.admit({
      id,
      active: true,
      messageKey: keys.public.messageKey,
      hpkeKeyHash: hpkeKeyHash(keys.public.hpkeKey, nodeCrypto.hasher),
    })
    const shelf = memoryShelf()
    const store = memoryStore(nodeCrypto.hasher)
    const disk = memoryLogDisk((path) => options.onDurable?.(name, path))
    const own = options.chainOf?.(id, name) ?? chain.as(id)
    const open = async (): Promise<Institution> => {
      const log = await openLog({
        disk,
        crypto: nodeCrypto,
        origin: `islet.log/${id}`,
        signer: keys.message,
        verifier: nodeEd25519,
      })
      return openInstitution({
        own: id,
        signer: keys.message,
        ed: nodeEd25519,
        crypto: nodeCrypto,
        chain: own,
        shelf,
        store,
        log,
        clock,
        send,
        slotMinutes: options.slotMinutes ?? 60,
        hpkePrivateKey: keys.hpke.privateKey,
      })
    }
    const made: House = {
      id,
      name,
      keys,
      shelf,
      store,
      disk,
      chain: own,
      open: await open(),
      restart: async () => {
        made.open = await open()
      },
    }
    houses.set(id, made)
    return made
  }
  const keysOf = (name: string): PatientKeys =>
    patientKeys(seedOf(`patient ${name}`), nodeCrypto.hasher, nodeEd25519)
  return {
    chain,
    get now() {
      return self.now
    },
    set now(value) {
      self.now = value
    },
    get patience() {
      return self.patience
    },
    set patience(value) {
      self.patience = value
    },
    house,
    keysOf,
    patient: async (name, shelf = memoryShelf()) => {
      const [first] = houses.values()
      return openPatientAgent({
        keys: keysOf(name),
        ed: nodeEd25519,
        crypto: nodeCrypto,
        chain: first?.chain ?? chain.as(institutionId(toHex(seedOf('nobody')))),
        shelf,
        clock,
        send,
        // Asked for right after a message was sent.
        get patience() {
          return self.waits
        },
      })
    },
    send,
    wire,
    idle: async () => {
      for (const one of houses.values()) await one.open.idle()
    },
    down,
    silent,
  }
}

/** One reading every five minutes. */
export function trace(
  from: number,
  until: number,
  value = (i: number) => 100 + (i % 60),
): readonly Glucose[] {
  return Array.from({ length: Math.floor((until - from) / 300) }, (_, i) => ({
    type: 'glucose' as const,
    at: at(from + i * 300),
    local: quantity<LocalSeconds>(from + i * 300),
    value: value(i),
    unit: 'mg/dL' as const,
    method: 'cgm' as const,
  }))
}

/** What a house asks for, with sensible words where none are given. */
export function askOf(house: House, ask: Partial<Ask> & Pick<Ask, 'from' | 'until'>): Ask {
  return {
    readerName: house.name,
    subject: { type: 'person', handle: 'dr-lee', name: 'Dr Lee' },
    hpkePublicKey: house.keys.hpke.publicKey,
    kinds: ['glucose'],
    actions: ['read'],
    purposes: ['TREAT'],
    expiresAt: at(ask.until + 4 * DAY),
    ...ask,
  }
}
