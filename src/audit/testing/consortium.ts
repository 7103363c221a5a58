/**
 * A small consortium for tests, real throughout: embedded ledger, three institutions on disk in a node's layout, patients
 * who seal, grant, correct, revoke and leave. The clock is the test's.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Ask,
  type Institution,
  memoryShelf,
  openInstitution,
  openPatientAgent,
  type PatientAgent,
  type Send,
} from '../../consent/index.ts'
import { ledgerChain } from '../../consent/ledger-chain.door.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import { hpkeKeyHash, type InstitutionKeys, institutionKeys, patientKeys } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { type EmbeddedLedger, openEmbedded } from '../../ledger/embedded.door.ts'
import {
  CHANGE_KINDS,
  contractCall,
  type Deployment,
  deployContracts,
  secp256k1Signer,
} from '../../ledger/index.ts'
import type { Glucose } from '../../series/index.ts'
import { openDiskStore } from '../../vault/disk.door.ts'
import { nodeErasureList } from '../../vault/erasure.door.ts'
import type { AccessClear } from '../../vault/index.ts'
import { openAccessLog } from '../../vault/log.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Bytes,
  hash32,
  INSTITUTION_ROLES,
  type InstitutionId,
  IsletError,
  institutionId,
  type Json,
  type LocalSeconds,
  maskOf,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../../vocabulary/index.ts'

export const DAY = 86_400
/** 2026-09-01T00:00:00Z */
export const START = 1_788_220_800
export const KEYS = ['north', 'south', 'east'] as const
export type HouseKey = (typeof KEYS)[number]

/** What must never be found in a dump. */
export const NAMES = {
  clinician: 'Dr Amelia Featherstonehaugh',
  clinicianHandle: 'afeatherstonehaugh',
  patient: 'mailbox of Anna Karlsdottir',
} as const

export interface House {
  readonly key: HouseKey
  readonly id: InstitutionId
  readonly keys: InstitutionKeys
  readonly directory: string
  readonly institution: Institution
  readonly chain: ReturnType<typeof ledgerChain>
}

export interface Consortium {
  readonly directory: string
  readonly ledger: EmbeddedLedger
  readonly deployment: Deployment
  readonly houses: Readonly<Record<HouseKey, House>>
  now: number
  patient(name: string): Promise<PatientAgent>
  identityOf(name: string): { readonly identityKey: string; readonly stream: string }
  /** North asks a patient of a custodian for some days, and the patient grants it. */
  share(
    patient: PatientAgent,
    custodian: House,
    reader: House,
    ask: Pick<Ask, 'from' | 'until' | 'expiresAt'>,
  ): ReturnType<PatientAgent['grant']>
  suspend(house: House): Promise<void>
  /** An hour of readings of a patient who is enrolled. */
  append(patient: PatientAgent): Promise<void>
  tick(): Promise<void>
  /** Closes it; the directory stays until `remove`. */
  close(): Promise<void>
  remove(): Promise<void>
}

export function seedOf(words: string): Bytes {
  return nodeCrypto.hasher.sha256(utf8(`audit ${words}`))
}

/** Keys of a house: the same ones every time, for a test that forges in its name. */
export function keysOf(key: HouseKey): InstitutionKeys {
  return institutionKeys(
    { ledger: seedOf(`ledger ${key}`), message: seedOf(`message ${key}`), hpke: seedOf(`hpke ${key}`) },
    nodeEd25519,
  )
}

export async function openConsortium(): Promise<Consortium> {
  const directory = await mkdtemp(join(tmpdir(), 'islet-audit-'))
  const self = { now: START }
  const clock = (): UnixSeconds => quantity<UnixSeconds>(self.now)
  const operator = secp256k1Signer(keysOf('north').ledgerKey)
  const ledger = await openEmbedded({ directory: join(directory, 'ledger'), operator, clock })
  const idOf = (key: HouseKey): InstitutionId => institutionId(toHex(seedOf(`institution ${key}`)))
  const deployment = await deployContracts(ledger, {
    by: operator,
    threshold: 2,
    founders: KEYS.map((key) => ({
      id: idOf(key),
      ledgerKey: keysOf(key).ledgerAddress,
      messageKey: keysOf(key).public.messageKey,
      hpkeKeyHash: hpkeKeyHash(keysOf(key).public.hpkeKey, nodeCrypto.hasher),
      roles: maskOf(INSTITUTION_ROLES, ['hospital']),
    })),
  })
  await writeFile(
    join(directory, 'consortium.json'),
    JSON.stringify({
      schema: 'islet.consortium/1',
      deployment,
      institutions: KEYS.map((key) => ({ key, id: idOf(key), name: `${key} hospital` })),
    }),
  )
  const opened = new Map<InstitutionId, House>()
  const closers: (() => Promise<void>)[] = []
  const send: Send = async (to, type, body) => {
    const house = opened.get(to)
    if (house === undefined) throw new IsletError('PEER_UNREACHABLE', 'no answer')
    const carried: Json = JSON.parse(JSON.stringify(body))
    const answer: Json = JSON.parse(JSON.stringify(await house.institution.handle(type, carried)))
    return answer
  }
  const open = async (key: HouseKey): Promise<House> => {
    const folder = join(directory, 'institutions', key)
    await mkdir(folder, { recursive: true })
    const id = idOf(key)
    const keys = keysOf(key)
    const chain = ledgerChain({ ledger, deployment, by: secp256k1Signer(keys.ledgerKey) })
    const store = await openDiskStore({ folder: join(folder, 'objects'), hasher: nodeCrypto.hasher })
    const log = await openLogOf(folder, id, keys)
    const institution = await openInstitution({
      own: id,
      signer: keys.message,
      ed: nodeEd25519,
      crypto: nodeCrypto,
      chain,
      shelf: await diskShelf(join(folder, 'shelf')),
      store,
      log,
      clock,
      send,
      slotMinutes: 1440,
      hpkePrivateKey: keys.hpke.privateKey,
      erasures: nodeErasureList(join(folder, 'erasures')),
    })
    closers.push(async () => {
      await institution.idle()
      await Promise.all([store.close(), log.close()])
    })
    const house = { key, id, keys, directory: folder, institution, chain }
    opened.set(id, house)
    return house
  }
  const houses = { north: await open('north'), south: await open('south'), east: await open('east') }

  const keysOfPatient = (name: string) =>
    patientKeys(seedOf(`patient ${name}`), nodeCrypto.hasher, nodeEd25519)
  return {
    directory,
    ledger,
    deployment,
    houses,
    get now() {
      return self.now
    },
    set now(value) {
      self.now = value
    },
    patient: async (name) =>
      openPatientAgent({
        keys: keysOfPatient(name),
        ed: nodeEd25519,
        crypto: nodeCrypto,
        chain: houses.north.chain,
        shelf: memoryShelf(),
        clock,
        send,
      }),
    identityOf: (name) => {
      const keys = keysOfPatient(name)
      return { identityKey: keys.identityKey, stream: toHex(keys.streamCommitment) }
    },
    share: async (patient, custodian, reader, ask) => {
      const mailbox = await patient.openMailbox(NAMES.patient)
      const asked = await reader.institution.reader.ask(
        { custodian: custodian.id, mailbox },
        {
          readerName: `${reader.key} hospital`,
          subject: { type: 'person', handle: NAMES.clinicianHandle, name: NAMES.clinician },
          hpkePublicKey: reader.keys.hpke.publicKey,
          kinds: ['glucose'],
          actions: ['read'],
          purposes: ['TREAT'],
          ...ask,
        },
        reader.chain,
      )
      const { requests } = await patient.collect()
      const pending = requests.find(({ request }) => request.body.salt === asked.salt)
      if (pending === undefined) throw new Error('the request did not arrive')
      return patient.grant(pending.request, {}, { requestId: pending.id })
    },
    suspend: async (house) => {
      const zero = hash32(`0x${'00'.repeat(32)}`)
      const change = {
        kind: CHANGE_KINDS.indexOf('SUSPEND'),
        member: {
          id: house.id,
          ledgerKey: '0x0000000000000000000000000000000000000000' as const,
          messageKey: zero,
          hpkeKeyHash: zero,
          roles: 0,
        },
        threshold: 0,
        nonce: 1n,
        deadline: BigInt(self.now + DAY),
      }
      for (const voter of [houses.north, houses.south]) {
        const receipt = await ledger.submit(contractCall(deployment, 'membership', 'vote', [change]), {
          by: secp256k1Signer(voter.keys.ledgerKey),
          keys: [hash32(toHex(seedOf(`vote ${house.key} ${voter.key}`)))],
        })
        if (receipt.status !== 'success') throw new Error('a vote was refused')
      }
    },
    append: async (patient) => {
      await patient.add(trace(self.now - 3600, self.now), { fill: true })
    },
    tick: async () => {
      for (const house of Object.values(houses)) {
        const member = await house.chain.member(house.id)
        if (member?.active === true) await house.institution.tick(true)
      }
    },
    close: async () => {
      for (const close of closers) await close()
      await ledger.close()
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** The access log of a house, opened on its directory. */
export function openLogOf(folder: string, id: InstitutionId, keys: InstitutionKeys) {
  return openAccessLog(join(folder, 'log'), {
    origin: `islet.log/${id}`,
    signer: keys.message,
    verifier: nodeEd25519,
  })
}

/** Appends entries as a custodian who lies would, and signs over them. */
export async function logAsLiar(house: House, entries: readonly AccessClear[]): Promise<number> {
  const log = await openLogOf(house.directory, house.id, house.keys)
  const first = log.size
  for (const clear of entries) await log.append({ clear, sealed: {} }, seedOf('some log key'))
  await log.checkpoint()
  await log.close()
  return first
}

/** One reading every five minutes. */
export function trace(from: number, until: number): readonly Glucose[] {
  return Array.from({ length: Math.floor((until - from) / 300) }, (_, i) => ({
    type: 'glucose' as const,
    at: quantity<UnixSeconds>(from + i * 300),
    local: quantity<LocalSeconds>(from + i * 300),
    value: 100 + (i % 60),
    unit: 'mg/dL' as const,
    method: 'cgm' as const,
  }))
}
