/**
 * The consortium of this node: one ledger, ten institutions, each in its own directory, all in one process.
 *
 * Laws: everything reopens to the state it had; what is written about the consortium (addresses, ids) is checked against
 * the ledger when it is opened; a second process on the same directory is refused; a crash between any two steps of the
 * founding is mended by opening again: keys come first, calls to the ledger carry keys of their own, and who stands on
 * the ledger is not voted in twice.
 */
import { join } from 'node:path'
import { ledgerChain } from '../../consent/ledger-chain.door.ts'
import type { InstitutionKeys, Unlock } from '../../identity/index.ts'
import { nodeKey } from '../../identity/key-file.door.ts'
import type { EmbeddedLedger } from '../../ledger/embedded.door.ts'
import {
  attachContracts,
  type Deployment,
  deployContracts,
  type Ledger,
  secp256k1Signer,
} from '../../ledger/index.ts'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { inProcessNetwork } from '../../transport/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { fromHex, IsletError, institutionId, toBase64Url } from '../../vocabulary/index.ts'
import { type Hosted, openHosted } from '../institution/hosted.ts'
import { hostedParty } from '../institution/hosted-party.ts'
import { openInstitutionKeys } from '../institution/key-ring.ts'
import type { Road } from '../institution/wire.ts'
import { CHARTER, OPERATOR, THRESHOLD } from './charter.ts'
import { type ConsortiumFile, deploymentOf, readConsortium, writeConsortium } from './consortium-file.ts'
import { type Admission, admit, firstId, founderOf, isAdmitted, seatOf } from './enrolment.ts'
import { type Members, membersOf } from './members.ts'
import { tickAll } from './tick-all.ts'
import type { World } from './world.ts'
import { openWorldLedger } from './world-ledger.ts'

/** Steps of an opening, in order; told to `notice` as they are done. */
export type Milestone =
  | 'KEYS_READY'
  | 'LEDGER_OPEN'
  | 'CONTRACTS_DEPLOYED'
  | 'CONSORTIUM_WRITTEN'
  | 'MEMBER_ADMITTED'
  | 'INSTITUTION_OPEN'

export interface ConsortiumOptions {
  readonly directory: string
  readonly slotMinutes?: number
  readonly report?: (error: unknown) => void
  /** Milestones, and the notices of the ledger, as codes. */
  readonly notice?: (code: string) => void
  /** Blocks replayed of those to replay. */
  readonly progress?: (done: number, of: number) => void
  /** Origin under which the inboxes are addressed, where this node serves them to others too. */
  readonly origin?: () => string
  /** The caller holds the lock of the directory already. */
  readonly locked?: boolean
}

export interface Consortium extends World {
  readonly ledger: Ledger
  /** The executor of this process, where the ledger is embedded. */
  readonly embedded: EmbeddedLedger | undefined
  readonly hosted: ReadonlyMap<string, Hosted>
  readonly members: Members
  house(key: string): Hosted
}

const ORIGIN = 'https://islet.invalid'
export const SLOT_MINUTES = 60

/** Opens the consortium of a data directory, founding it where there is none. Throws `DATA_IN_USE` and the ledger's codes. */
export async function openConsortium(options: ConsortiumOptions): Promise<Consortium> {
  const { directory } = options
  const lock = options.locked === true ? undefined : await lockDataDirectory(directory)
  const opened: { close(): Promise<void> }[] = []
  /** What was opened last is closed first; one that fails keeps no other open. */
  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const thing of opened.splice(0).reverse()) {
      await thing.close().catch((error: unknown) => failures.push(error))
    }
    await lock?.release()
    if (failures.length > 0) throw failures[0]
  }
  try {
    return await openAll(options, opened, closeAll)
  } catch (error) {
    await closeAll().catch(() => undefined)
    throw error
  }
}

async function openAll(
  options: ConsortiumOptions,
  opened: { close(): Promise<void> }[],
  closeAll: () => Promise<void>,
): Promise<Consortium> {
  const { directory } = options
  const reached = (milestone: Milestone): void => options.notice?.(milestone)
  const { report = () => undefined, origin = () => ORIGIN } = options
  const path = join(directory, 'consortium.json')
  let file = await readConsortium(path)
  if (file?.apart === true) throw ofApart(path)
  const unlock: Unlock = {
    nodeKey: await nodeKey(join(directory, 'node.key'), (length) => nodeCrypto.cipher.random(length)),
  }
  const folder = (key: string): string => join(directory, 'institutions', key)
  const keys = new Map<string, InstitutionKeys>()
  for (const { key } of CHARTER) keys.set(key, await openInstitutionKeys(folder(key), unlock))
  const keysOf = (key: string): InstitutionKeys => found(keys.get(key), key)
  reached('KEYS_READY')

  const operator = secp256k1Signer(keysOf(OPERATOR).ledgerKey)
  const under = await openWorldLedger({
    directory,
    operator,
    report,
    ...(options.notice === undefined ? {} : { notice: ({ code }) => options.notice?.(code) }),
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  })
  const { ledger } = under
  opened.push(under)
  reached('LEDGER_OPEN')

  if (file === undefined) {
    file = await foundConsortium(ledger, under.deployment, keysOf)
    reached('CONTRACTS_DEPLOYED')
    await writeConsortium(path, file)
    reached('CONSORTIUM_WRITTEN')
  }
  const deployment = await attachContracts(ledger, deploymentOf(file))
  const seat = (key: string, name: string, id = firstId(keysOf(key).public.messageKey)) =>
    seatOf({ id, name, keys: keysOf(key), ledger, deployment })
  const admissions: Admission[] = []
  for (const { key, name, roles } of CHARTER) {
    const known: ConsortiumFile['institutions'] = file.institutions
    if (known.some((one) => one.key === key)) continue
    const candidate = seat(key, name)
    if (!(await isAdmitted(ledger, deployment, candidate.id))) {
      const voters = known.map((one) => seat(one.key, one.name, institutionId(one.id)))
      admissions.push(await admit({ seat: candidate, roles }, voters, THRESHOLD))
      reached('MEMBER_ADMITTED')
    }
    file = { ...file, institutions: [...known, { key, name, id: candidate.id }] }
    await writeConsortium(path, file)
    reached('CONSORTIUM_WRITTEN')
  }

  const idOf = (key: string) =>
    institutionId(
      found(
        file?.institutions.find((one) => one.key === key),
        key,
      ).id,
    )
  const members = membersOf(ledger, deployment)
  const network = inProcessNetwork()
  const road: Road = {
    carry: network.carry,
    peer: async (institution) => {
      const key = await members.messageKey(institution)
      if (key === undefined) return undefined
      return { institution, origin: origin(), certificate: '', keyId: toBase64Url(fromHex(key)) }
    },
  }
  const hosted = new Map<string, Hosted>()
  for (const entry of CHARTER) {
    const one = await openHosted({
      ...entry,
      id: idOf(entry.key),
      directory: folder(entry.key),
      keys: keysOf(entry.key),
      unlock,
      ledger,
      deployment,
      road,
      origin,
      members,
      slotMinutes: options.slotMinutes ?? SLOT_MINUTES,
      sealing: under.sealing({
        id: idOf(entry.key),
        signer: secp256k1Signer(keysOf(entry.key).ledgerKey),
        operator: idOf(OPERATOR),
      }),
      report,
    })
    hosted.set(one.key, one)
    opened.push(one)
    network.join(one.endpoint)
    reached('INSTITUTION_OPEN')
  }
  const parties = [...hosted.values()].map(hostedParty)
  let closing: Promise<void> | undefined
  return {
    directory,
    ledger,
    chainId: ledger.chainId,
    engine: under.engine,
    embedded: under.embedded,
    deployment,
    chain: ledgerChain({ ledger, deployment }),
    hosted,
    members,
    road,
    unlock,
    admissions,
    parties,
    party: (key) =>
      found(
        parties.find((one) => one.key === key),
        key,
      ),
    house: (key) => found(hosted.get(key), key),
    tick: (early = false) => tickAll(parties, early, report),
    close: () => {
      closing ??= (async () => {
        // Nothing new comes in; what was begun ends while the others can still answer.
        await Promise.allSettled([...hosted.values()].map((one) => one.institution.idle()))
        for (const one of hosted.values()) network.leave(one.id)
        await closeAll()
      })()
      return closing
    },
  }
}

/** The founders of the charter, with the contracts that stand or are deployed now. */
async function foundConsortium(
  ledger: Ledger,
  standing: Deployment | undefined,
  keysOf: (key: string) => InstitutionKeys,
): Promise<ConsortiumFile> {
  const founders = CHARTER.filter(({ founder }) => founder)
  const deployment =
    standing ??
    (await deployContracts(ledger, {
      by: secp256k1Signer(keysOf(OPERATOR).ledgerKey),
      threshold: THRESHOLD,
      founders: founders.map(({ key, roles }) => founderOf(keysOf(key).public, roles)),
    }))
  return {
    schema: 'islet.consortium/1',
    deployment,
    institutions: founders.map(({ key, name }) => ({
      key,
      name,
      id: firstId(keysOf(key).public.messageKey),
    })),
  }
}

function ofApart(path: string): IsletError {
  return new IsletError(
    'DATA_OF_SEVERAL_PROCESSES',
    'the institutions of this data directory run in processes of their own',
    {},
    { at: { file: path }, remedy: 'start it with --apart, or choose another directory' },
  )
}

function found<T>(value: T | undefined, key: string): T {
  if (value === undefined)
    throw new IsletError(
      'INSTITUTION_UNKNOWN',
      'there is no such institution here',
      { key },
      { remedy: `one of: ${CHARTER.map((one) => one.key).join(', ')}` },
    )
  return value
}
