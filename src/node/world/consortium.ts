/**
 * The consortium of this node: one ledger, ten institutions, each in its own directory, all in one process.
 *
 * Laws: everything reopens to the state it had; what is written about the consortium (addresses, ids) is checked against
 * the ledger when it is opened; a second process on the same directory is refused.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { hpkeKeyHash, type InstitutionKeys, type Unlock } from '../../identity/index.ts'
import { nodeKey } from '../../identity/key-file.door.ts'
import { type EmbeddedLedger, openEmbedded } from '../../ledger/embedded.door.ts'
import { attachContracts, type Deployment, deployContracts, secp256k1Signer } from '../../ledger/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  address,
  fromHex,
  type Hash32,
  INSTITUTION_ROLES,
  type InstitutionId,
  IsletError,
  institutionId,
  maskOf,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { type Hosted, openHosted } from '../institution/hosted.ts'
import { openInstitutionKeys } from '../institution/key-ring.ts'
import { type Road, wallClock } from '../institution/wire.ts'
import { inProcessNetwork } from '../transport/in-process.ts'
import { CHARTER, type CharterEntry, THRESHOLD } from './charter.ts'
import { type Admission, admit } from './enrolment.ts'
import { type Members, membersOf } from './members.ts'

const ConsortiumFile = Type.Object({
  schema: Type.Literal('islet.consortium/1'),
  deployment: Type.Object({ membership: Type.String(), consents: Type.String(), anchors: Type.String() }),
  institutions: Type.Array(Type.Object({ key: Type.String(), id: Type.String(), name: Type.String() })),
})
type ConsortiumFile = Static<typeof ConsortiumFile>

export interface ConsortiumOptions {
  readonly directory: string
  readonly slotMinutes?: number
  readonly report?: (error: unknown) => void
  readonly notice?: (text: string) => void
}

export interface Consortium {
  readonly directory: string
  readonly ledger: EmbeddedLedger
  readonly deployment: Deployment
  readonly hosted: ReadonlyMap<string, Hosted>
  readonly members: Members
  readonly road: Road
  readonly unlock: Unlock
  /** How those who are no founders came in, when it happened in this run. */
  readonly admissions: readonly Admission[]
  house(key: string): Hosted
  /** Closes slots, anchors logs, settles revokes, at every institution. */
  tick(early?: boolean): Promise<void>
  close(): Promise<void>
}

const ORIGIN = 'https://islet.invalid'
const SLOT_MINUTES = 60

/** Opens the consortium of a data directory, founding it where there is none. Throws `DATA_IN_USE` and the ledger's codes. */
export async function openConsortium(options: ConsortiumOptions): Promise<Consortium> {
  const { directory } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unlock: Unlock = {
    nodeKey: await nodeKey(join(directory, 'node.key'), (length) => nodeCrypto.cipher.random(length)),
  }
  const folder = (key: string): string => join(directory, 'institutions', key)
  const keys = new Map<string, InstitutionKeys>()
  for (const { key } of CHARTER) {
    await mkdir(folder(key), { recursive: true, mode: 0o700 })
    keys.set(key, await openInstitutionKeys(folder(key), unlock))
  }
  const keysOf = (key: string): InstitutionKeys => found(keys.get(key), key)
  const operator = secp256k1Signer(keysOf('north').ledgerKey)
  const ledger = await openEmbedded({
    directory: join(directory, 'ledger'),
    operator,
    ...(options.notice === undefined ? {} : { notice: ({ code }) => options.notice?.(code) }),
  })
  const opened: Hosted[] = []
  try {
    const path = join(directory, 'consortium.json')
    const known = await readConsortium(path)
    const founded = known ?? (await foundConsortium(ledger, keysOf))
    const deployment = await attachContracts(ledger, deploymentOf(founded))
    const members = membersOf(ledger, deployment)
    const admissions: Admission[] = []
    const institutions = [...founded.institutions]
    for (const entry of CHARTER.filter(({ key }) => !institutions.some((one) => one.key === key))) {
      const admission = await admitOne(ledger, deployment, entry, keysOf, institutions, members)
      admissions.push(admission)
      institutions.push({ key: entry.key, id: admission.id, name: entry.name })
    }
    await writeConsortium(path, { ...founded, institutions })

    const network = inProcessNetwork()
    const road: Road = {
      carry: network.carry,
      peer: async (institution) => {
        const key = await members.messageKey(institution)
        if (key === undefined) return undefined
        return { institution, origin: ORIGIN, certificate: '', keyId: toBase64Url(fromHex(key)) }
      },
    }
    for (const entry of CHARTER) {
      const line = found(
        institutions.find(({ key }) => key === entry.key),
        entry.key,
      )
      const one = await openHosted({
        id: institutionId(line.id),
        key: entry.key,
        name: entry.name,
        roles: entry.roles,
        directory: folder(entry.key),
        keys: keysOf(entry.key),
        ledger,
        deployment,
        road,
        origin: () => ORIGIN,
        members,
        slotMinutes: options.slotMinutes ?? SLOT_MINUTES,
        report: options.report ?? (() => undefined),
      })
      network.join(one.endpoint)
      opened.push(one)
    }
    const hosted = new Map(opened.map((one) => [one.key, one]))
    return {
      directory,
      ledger,
      deployment,
      hosted,
      members,
      road,
      unlock,
      admissions,
      house: (key) => found(hosted.get(key), key),
      tick: async (early = false) => {
        for (const one of opened) await one.institution.tick(early)
      },
      close: async () => {
        for (const one of opened) await one.close()
        await ledger.close()
      },
    }
  } catch (error) {
    for (const one of opened) await one.close().catch(() => undefined)
    await ledger.close()
    throw error
  }
}

/** Deploys the contracts with the founders of the charter. */
async function foundConsortium(
  ledger: EmbeddedLedger,
  keysOf: (key: string) => InstitutionKeys,
): Promise<ConsortiumFile> {
  const founders = CHARTER.filter(({ founder }) => founder)
  const institutions = founders.map(({ key, name }) => ({ key, name, id: foundersId(keysOf(key)) }))
  const deployment = await deployContracts(ledger, {
    by: secp256k1Signer(keysOf('north').ledgerKey),
    threshold: THRESHOLD,
    founders: founders.map(({ key, roles }) => {
      const own = keysOf(key)
      return {
        id: foundersId(own),
        ledgerKey: own.ledgerAddress,
        messageKey: own.public.messageKey,
        hpkeKeyHash: hpkeKeyHash(own.public.hpkeKey, nodeCrypto.hasher),
        roles: maskOf(INSTITUTION_ROLES, roles),
      }
    }),
  })
  return { schema: 'islet.consortium/1', deployment, institutions }
}

/** A founder's id: the hash of its first message key; it stays when keys rotate. */
function foundersId(keys: InstitutionKeys): InstitutionId {
  return institutionId(toHex(nodeCrypto.hasher.sha256(fromHex(keys.public.messageKey))))
}

async function admitOne(
  ledger: EmbeddedLedger,
  deployment: Deployment,
  entry: CharterEntry,
  keysOf: (key: string) => InstitutionKeys,
  institutions: ConsortiumFile['institutions'],
  members: Members,
): Promise<Admission> {
  const voters = institutions.map(({ key, id }) => ({ id: institutionId(id), keys: keysOf(key) }))
  const keyOf = new Map<InstitutionId, Hash32>()
  for (const { id } of voters) {
    const key = await members.messageKey(id)
    if (key !== undefined) keyOf.set(id, key)
  }
  const now = quantity<UnixSeconds>(Math.floor(wallClock()))
  return admit(ledger, deployment, { ...entry, keys: keysOf(entry.key) }, voters, keyOf, now)
}

async function readConsortium(path: string): Promise<ConsortiumFile | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return undefined
  }
  const value: unknown = JSON.parse(text)
  if (!Value.Check(ConsortiumFile, value)) {
    throw new IsletError(
      'CONSORTIUM_FILE_DAMAGED',
      'the file that names the institutions is damaged',
      {},
      {
        at: { file: path },
        remedy: 'restore it from a backup',
      },
    )
  }
  return value
}

async function writeConsortium(path: string, file: ConsortiumFile): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
}

function deploymentOf({ deployment }: ConsortiumFile): Deployment {
  return {
    membership: address(deployment.membership),
    consents: address(deployment.consents),
    anchors: address(deployment.anchors),
  }
}

function found<T>(value: T | undefined, key: string): T {
  if (value === undefined)
    throw new IsletError('INSTITUTION_UNKNOWN', 'there is no such institution here', { key })
  return value
}
