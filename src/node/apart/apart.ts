/**
 * The same consortium with every institution in a process and a data directory of its own, over HTTPS.
 *
 * Laws: the ledger is the operator's, or the members' own consortium, as the directory says (shared-ledger.ts); this process
 * holds no institution's key, only the channel by which it commands those that it started; what it starts, it ends, and
 * when it dies they end by themselves.
 */
import { join } from 'node:path'
import type { SignedAddress } from '../../api/index.ts'
import { ledgerChain } from '../../consent/ledger-chain.door.ts'
import type { InstitutionKeys, Unlock } from '../../identity/index.ts'
import { nodeKey } from '../../identity/key-file.door.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { type AddressBook, addressBook, httpsCarrier } from '../../transport/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { fromBase64Url, IsletError } from '../../vocabulary/index.ts'
import type { Party, Seat } from '../institution/party.ts'
import { CHARTER, type CharterEntry, OPERATOR, SECOND, THRESHOLD } from '../world/charter.ts'
import { SLOT_MINUTES } from '../world/consortium.ts'
import { type ConsortiumFile, readConsortium, writeConsortium } from '../world/consortium-file.ts'
import { type Admission, admit, firstId, isAdmitted } from '../world/enrolment.ts'
import { membersOf } from '../world/members.ts'
import { tickAll } from '../world/tick-all.ts'
import type { World } from '../world/world.ts'
import { type Child, startChild } from './child.ts'
import { readyOverHttps } from './ready.ts'
import { remoteParty, remoteStudies } from './remote-party.ts'
import { endValidators, membersOfApart, openAgreed, openOperated } from './shared-ledger.ts'
import type { StudyVerbs } from './study-verbs.ts'

export interface ApartOptions {
  readonly directory: string
  readonly slotMinutes?: number
  readonly report?: (error: unknown) => void
  /** Told what stands: `PROCESSES_STARTED`, `LEDGER_OPEN`, `MEMBER_ADMITTED`, `INBOXES_OPEN`. */
  readonly notice?: (code: string) => void
  /** The caller holds the lock of the directory already. */
  readonly locked?: boolean
  /** Aborted while it opens: what was started is ended at once; what they wrote, they open again after any end. */
  readonly signal?: AbortSignal
  /** The program of an institution; the bundled one when left out. */
  readonly program?: string
  /** Port of the first institution's address, the others' follow; any free ones when left out. */
  readonly port?: number
  /** Founds a consortium in which so many of the members run a validator, where nothing stands yet. */
  readonly seats?: number
}

export interface Apart extends World {
  /** An institution as a member of the consortium. */
  seat(key: string): Seat
  /** The newest block that an institution sees. */
  ledgerHeight(key: string): Promise<number>
  /** An institution in its studies. */
  studiesAt(key: string): StudyVerbs
  /** Where an institution is reached now: the origin of its inbox and its app. */
  address(key: string): Promise<string>
  /** Resolves when the process of an institution that runs now has ended. */
  gone(key: string): Promise<void>
  /** Process id of an institution. */
  pid(key: string): number
  /** kill -9 of an institution's process. */
  kill(key: string): Promise<void>
  /** Starts an institution whose process ended; everybody learns its new address. */
  restart(key: string): Promise<void>
}

/** An institution and the process that it runs in now. */
export interface Post {
  readonly entry: CharterEntry
  readonly directory: string
  child: Child
  keys: InstitutionKeys['public']
}

/** Starts every institution, founds the consortium where there is none. Throws `DATA_IN_USE` and what a process answers. */
export async function openApart(options: ApartOptions): Promise<Apart> {
  const { directory } = options
  const lock = options.locked === true ? undefined : await lockDataDirectory(directory)
  const closers: (() => Promise<void>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close().catch(() => undefined)
    await lock?.release()
  }
  const started = new Set<Child>()
  // In order, so that a validator under way to start is ended too.
  const endAll = (): void => {
    for (const child of started) void child.stop()
  }
  options.signal?.addEventListener('abort', endAll, { once: true })
  try {
    return await openAll(options, started, closers, closeAll)
  } catch (error) {
    await closeAll()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', endAll)
  }
}

async function openAll(
  options: ApartOptions,
  started: Set<Child>,
  closers: (() => Promise<void>)[],
  closeAll: () => Promise<void>,
): Promise<Apart> {
  const { directory, slotMinutes = SLOT_MINUTES } = options
  const report = options.report ?? (() => undefined)
  const reached = (code: string): void => options.notice?.(code)
  const consortiumPath = join(directory, 'consortium.json')
  const known = await readConsortium(consortiumPath)
  if (known !== undefined && known.apart !== true) {
    throw new IsletError(
      'DATA_OF_ONE_PROCESS',
      'the institutions of this data directory live in one process',
      {},
      { at: { file: consortiumPath }, remedy: 'start it without --apart, or choose another directory' },
    )
  }
  const unlock: Unlock = {
    nodeKey: await nodeKey(join(directory, 'node.key'), (length) => nodeCrypto.cipher.random(length)),
  }

  const posts = new Map<string, Post>()
  const post = (key: string): Post => found(posts.get(key), key)
  closers.push(async () => {
    const others = [...posts.values()].filter(({ entry }) => entry.key !== OPERATOR)
    await Promise.all(others.map(({ child }) => child.stop()))
    await posts.get(OPERATOR)?.child.stop()
  })
  const launch = async (entry: CharterEntry): Promise<Post> => {
    const own = join(directory, 'institutions', entry.key)
    const program = options.program === undefined ? {} : { program: options.program }
    const child = await startChild({ directory: own, ...program })
    started.add(child)
    const { key, name, roles } = entry
    try {
      options.signal?.throwIfAborted()
      const ledgerDirectory = join(key === OPERATOR ? directory : own, 'ledger')
      const keys = await child.call('open', {
        key,
        name,
        roles,
        directory: own,
        ledgerDirectory,
        slotMinutes,
      })
      return { entry, directory: own, child, keys }
    } catch (error) {
      await child.kill()
      throw error
    }
  }
  const launched = await Promise.allSettled(CHARTER.map(launch))
  // In the order of the charter at every start, whoever was first.
  for (const one of launched) if (one.status === 'fulfilled') posts.set(one.value.entry.key, one.value)
  for (const one of launched) if (one.status === 'rejected') throw one.reason
  reached('PROCESSES_STARTED')
  options.signal?.throwIfAborted()

  const inConsortium = options.seats !== undefined || (await membersOfApart(directory)) !== undefined
  // Also when an institution ended before its validator did.
  closers.unshift(() => endValidators({ posts }))
  const shared = inConsortium
    ? await openAgreed({ directory, posts }, options.seats ?? 0)
    : await openOperated({ directory, posts })
  closers.push(() => shared.close())
  const { deployment, chainId, reader: ledger } = shared
  reached('LEDGER_OPEN')

  const seatOf = (key: string): Seat => {
    const { child, keys } = post(key)
    return {
      id: firstId(keys.messageKey),
      invite: (candidate) => child.call('invite', candidate),
      answer: (invitation) => child.call('answer', invitation),
      vote: (invitation, request) => child.call('vote', invitation, request),
      judge: (vote) => child.call('judge', vote),
    }
  }
  const admissions: Admission[] = []
  const institutions = (entries: readonly CharterEntry[]): ConsortiumFile['institutions'] =>
    entries.map(({ key, name }) => ({ key, name, id: firstId(post(key).keys.messageKey) }))
  const write = (entries: readonly CharterEntry[]): Promise<void> =>
    writeConsortium(consortiumPath, {
      schema: 'islet.consortium/1',
      apart: true,
      deployment,
      institutions: institutions(entries),
    })
  const inside = CHARTER.filter(({ founder }) => founder)
  if (known === undefined) await write(inside)
  for (const entry of CHARTER.filter(({ founder }) => !founder)) {
    const seat = seatOf(entry.key)
    if (!(await isAdmitted(ledger, deployment, seat.id))) {
      const voters = inside.map(({ key }) => seatOf(key))
      admissions.push(await admit({ seat, roles: entry.roles }, voters, THRESHOLD))
      reached('MEMBER_ADMITTED')
    }
    inside.push(entry)
    await write(inside)
  }

  const members = membersOf(ledger, deployment)
  const carrier = httpsCarrier()
  closers.push(() => carrier.close())
  const book: AddressBook = addressBook((id) => members.messageKey(id), nodeEd25519)
  const { keys: seconds, entry: secondEntry } = post(SECOND)
  const second = {
    institution: firstId(seconds.messageKey),
    name: secondEntry.name,
    hpkeKey: seconds.hpkeKey,
  }
  const portOf = ({ key }: CharterEntry): number =>
    options.port === undefined || options.port === 0
      ? 0
      : options.port + CHARTER.findIndex((entry) => entry.key === key)
  const named = CHARTER.map(({ key, name }) => ({ id: firstId(post(key).keys.messageKey), key, name }))
  const serve = async ({ child, entry }: Post): Promise<SignedAddress> => {
    const address = await child.call('serve', { port: portOf(entry), second, members: named })
    await book.learn(address)
    await readyOverHttps(found(await book.peer(address.body.institution), 'address'), carrier.carry)
    return address
  }
  await Promise.all([...posts.values()].map(serve))
  await Promise.all([...posts.values()].map(({ child }) => child.call('learn', book.records())))
  reached('INBOXES_OPEN')

  const parties: Party[] = [...posts.values()].map((one) =>
    remoteParty({
      id: firstId(one.keys.messageKey),
      key: one.entry.key,
      name: one.entry.name,
      roles: one.entry.roles,
      directory: one.directory,
      hpkePublicKey: fromBase64Url(one.keys.hpkeKey),
      child: () => one.child,
    }),
  )
  let closing: Promise<void> | undefined
  return {
    directory,
    chainId,
    engine: shared.place.engine,
    deployment,
    chain: ledgerChain({ ledger, deployment }),
    road: { carry: carrier.carry, peer: book.peer },
    unlock,
    admissions,
    parties,
    party: (key) =>
      found(
        parties.find((one) => one.key === key),
        key,
      ),
    tick: (early = false) => tickAll(parties, early, report),
    seat: seatOf,
    ledgerHeight: (key) => post(key).child.call('ledgerHeight'),
    studiesAt: (key) => remoteStudies(() => post(key).child),
    address: async (key) => found(await book.peer(firstId(post(key).keys.messageKey)), key).origin,
    gone: (key) => post(key).child.gone,
    pid: (key) => post(key).child.pid,
    kill: (key) => post(key).child.kill(),
    restart: async (key) => {
      const one = post(key)
      await one.child.kill()
      const again = await launch(one.entry)
      one.child = again.child
      await shared.again(key, one.child)
      // It tells the others itself where it is now.
      await serve(one)
    },
    close: () => {
      closing ??= closeAll()
      return closing
    },
  }
}

function found<T>(value: T | undefined, key: string): T {
  if (value === undefined)
    throw new IsletError('INSTITUTION_UNKNOWN', 'there is no such institution here', { key })
  return value
}
