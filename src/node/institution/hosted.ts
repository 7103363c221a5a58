/**
 * One institution hosted by this node: its keys, its directory, its part in consents, its inbox.
 *
 * Laws: institutions of one process share nothing but messages and the ledger, so that each can move to a host of its
 * own; the list of the erased lies in a folder of its own, which backups leave out (PROTOCOL 16).
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Envelope,
  type MessageHandlers,
  messageSigner,
  type Parties,
  type Party,
} from '../../api/index.ts'
import { type Institution, MESSAGE_TYPES, openInstitution } from '../../consent/index.ts'
import { ledgerChain } from '../../consent/ledger-chain.door.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import type { InstitutionKeys, Unlock } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import {
  type Deployment,
  type Ledger,
  parseSignedHead,
  type SignedHead,
  secp256k1Signer,
} from '../../ledger/index.ts'
import {
  createEndpoint,
  type Endpoint,
  type Gate,
  openInboxJournal,
  openReplayCache,
} from '../../transport/index.ts'
import { nodeErasureList } from '../../vault/erasure.door.ts'
import type { AccessLog, ObjectStore } from '../../vault/index.ts'
import { openAccessLog } from '../../vault/log.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Address,
  fromBase64Url,
  hash32,
  type InstitutionId,
  type InstitutionRole,
  IsletError,
  type Json,
  quantity,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { type HeadBook, type Kept, openHeadBook } from './head-book.ts'
import { openObjects } from './object-place.ts'
import { openReplicas } from './replicas.ts'
import { keepSettings } from './settings.ts'
import { openStaff, type Staff } from './staff.ts'
import { institutionSend, type Road, sha256, wallClock } from './wire.ts'

/** Who seals the blocks of this ledger: one operator, or on a consortium each member for itself. */
export interface HeadSealing {
  /** Whom newer heads are fetched from; the institution itself, where it has its own. */
  readonly operator: { readonly id: InstitutionId; readonly address: Address }
  /** Whether a signature of this address makes a head count. */
  readonly isSealer: (address: Address) => Promise<boolean>
  /** The newest head under the institution's own signature, at who seals. */
  readonly ownHead?: () => Promise<SignedHead>
}

export interface HostedParts {
  readonly id: InstitutionId
  /** Folder name and handle. */
  readonly key: string
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  readonly directory: string
  readonly keys: InstitutionKeys
  /** What opens the institution's key files. */
  readonly unlock: Unlock
  readonly ledger: Ledger
  readonly deployment: Deployment
  readonly road: Road
  /** Origin under which its inbox is addressed. */
  readonly origin: () => string
  /** Members as the ledger knows them, by message key. */
  readonly members: Parties
  readonly slotMinutes: number
  readonly sealing: HeadSealing
  /** Messages served beside those of consents and heads. */
  readonly handlers?: MessageHandlers
  /** Told what goes wrong where nobody waits, `LEDGER_REWRITTEN` among it. */
  readonly report: (error: unknown) => void
}

export interface Hosted {
  readonly id: InstitutionId
  readonly key: string
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  readonly directory: string
  readonly keys: InstitutionKeys
  readonly institution: Institution
  readonly chain: ReturnType<typeof ledgerChain>
  readonly store: ObjectStore
  readonly log: AccessLog
  readonly endpoint: Endpoint
  readonly gate: Gate
  readonly heads: HeadBook
  /** Who works here and may act in its name. */
  readonly staff: Staff
  /** Who of this institution's own people holds a key: patients, their carers, its staff. */
  personOf(keyId: string): Promise<Party | undefined>
  /** Answers these messages too from now on: those of studies, once they are opened. */
  serve(handlers: MessageHandlers): void
  /** Tells institutions that consents name which objects of the swarm to hold, where they lie in one. */
  tellCopies(): Promise<void>
  /** Exchanges heads with the operator and with one other member, or with the named one alone. Throws when it cannot be reached. */
  exchangeHeads(other?: InstitutionId): Promise<void>
  close(): Promise<void>
}

/** Opens an institution from its own directory, to the state it had. Throws as `keepSettings` and the stores. */
export async function openHosted(parts: HostedParts): Promise<Hosted> {
  const { id, directory, keys, road, ledger, deployment } = parts
  const { operator, isSealer, ownHead } = parts.sealing
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const { chainId, genesisHash } = ledger
  const slotMinutes = await keepSettings(directory, {
    ...parts,
    ledger: { chainId, genesisHash, operator: operator.address, deployment },
  })
  const chain = ledgerChain({ ledger, deployment, by: secp256k1Signer(keys.ledgerKey) })
  const heads = await openHeadBook({
    directory: join(directory, 'heads'),
    chainId,
    genesisHash,
    isSealer,
  })
  const opened: { close(): Promise<void> }[] = []
  const held = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const thing = await opening
    opened.push(thing)
    return thing
  }
  const closeAll = async (): Promise<void> => {
    await Promise.allSettled(opened.map((thing) => thing.close()))
  }
  try {
    const shelf = await diskShelf(join(directory, 'shelf'))
    const { key, unlock } = parts
    const store = await held(openObjects({ directory, key, unlock, environment: process.env }))
    const log = await held(
      openAccessLog(join(directory, 'log'), {
        origin: `islet.log/${id}`,
        signer: keys.message,
        verifier: nodeEd25519,
      }),
    )
    const replays = await held(openReplayCache(join(directory, 'replays'), wallClock))
    const journal = await held(openInboxJournal(join(directory, 'inbox'), wallClock))
    const send = institutionSend(id, keys.message, road)
    const institution = await openInstitution({
      own: id,
      signer: keys.message,
      ed: nodeEd25519,
      crypto: nodeCrypto,
      chain,
      shelf,
      store,
      log,
      clock: () => quantity<UnixSeconds>(wallClock()),
      send,
      slotMinutes,
      hpkePrivateKey: keys.hpke.privateKey,
      erasures: nodeErasureList(join(directory, 'erasures')),
    })
    const { swarm } = store
    const replicas =
      swarm === undefined ? undefined : await openReplicas({ directory, institution, swarm, send })
    const staff = await openStaff(directory, id)
    const ownKey = messageSigner(keys.message).keyId
    const personOf = async (keyId: string): Promise<Party | undefined> => {
      const person = staff.find(keyId)
      if (person !== undefined) {
        // Nobody acts for an institution that is suspended.
        return { ...person, state: (await parts.members.find(ownKey))?.state ?? 'suspended' }
      }
      const roles = institution.rolesOf(hash32(toHex(fromBase64Url(keyId))))
      return roles.length > 0 ? { roles, state: 'active' } : undefined
    }
    const gate: Gate = {
      origin: parts.origin,
      parties: { find: async (keyId) => (await parts.members.find(keyId)) ?? personOf(keyId) },
      replays,
      verifier: nodeEd25519,
      sha256,
      now: wallClock,
    }

    const judged = (kept: Kept): void => {
      if (kept.code === 'REWRITTEN') {
        parts.report(
          new IsletError(
            'LEDGER_REWRITTEN',
            'two histories of the ledger were shown; the proof is kept in heads/',
            { height: kept.height },
          ),
        )
      }
    }
    const newestHead = async (): Promise<SignedHead | undefined> => (await ownHead?.()) ?? heads.newest()
    const exchangeWith = async (other: InstitutionId): Promise<void> => {
      const reply = await send(other, 'signed-head', { head: headJson(await newestHead()) })
      const head = headIn(reply)
      if (head !== undefined) judged(await heads.keep(head))
    }
    const exchangeHeads = async (named?: InstitutionId): Promise<void> => {
      if (named !== undefined) return exchangeWith(named)
      const own = await ownHead?.()
      if (own !== undefined) judged(await heads.keep(own))
      else await exchangeWith(operator.id)
      // What others saw first is held against the ledger once it has come that far here.
      judged(await heads.compare((height) => ledger.block(height), own?.height))
      const others = (await chain.members()).filter(
        (member) => member.active && member.id !== id && member.id !== operator.id,
      )
      const other = others[Math.floor(Math.random() * others.length)]
      // Another member may be away; what the operator showed it is asked for again at the next turn.
      if (other !== undefined) await exchangeWith(other.id).catch(() => undefined)
    }

    const ofConsents: MessageHandlers = handlersOf(institution)
    const handlers: MessageHandlers = {
      ...ofConsents,
      ...replicas?.handlers,
      erase: async (body, arrival) => {
        const answer = await ofConsents.erase?.(body, arrival)
        // Confirmed only without copies.
        await replicas?.settle()
        return answer ?? {}
      },
      'signed-head': async (body) => {
        const head = isParsed(body) ? headIn(body) : undefined
        if (head !== undefined) judged(await heads.keep(head))
        return { head: headJson(await newestHead()) }
      },
      ...parts.handlers,
    }
    const endpoint = createEndpoint({
      institution: id,
      gate,
      signer: messageSigner(keys.message),
      journal,
      handlers,
      report: parts.report,
    })
    return {
      id,
      key: parts.key,
      name: parts.name,
      roles: parts.roles,
      directory,
      keys,
      institution,
      chain,
      store,
      log,
      endpoint,
      gate,
      heads,
      staff,
      personOf,
      serve: (more) => void Object.assign(handlers, more),
      tellCopies: async () => replicas?.tell().catch(parts.report),
      exchangeHeads,
      close: async () => {
        await institution.close()
        const closed = await Promise.allSettled(opened.map((thing) => thing.close()))
        for (const result of closed) if (result.status === 'rejected') throw result.reason
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function headJson(head: SignedHead | undefined): Json {
  return head === undefined ? null : plainJson(head)
}

/** The head in a message, or undefined; what is no head is refused by its receiver, not believed. */
function headIn(body: Json): SignedHead | undefined {
  if (typeof body !== 'object' || body === null || !('head' in body)) return undefined
  const { head } = body
  return head === null ? undefined : parseSignedHead(head)
}

/** A body came out of the bytes of a request a moment ago; it is not copied again. */
function isParsed(body: unknown): body is Json {
  return body !== undefined
}

function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null))
}

/** Every message that consent answers, as handlers of the inbox. */
function handlersOf(institution: Institution): MessageHandlers {
  const entries = MESSAGE_TYPES.map((type) => [
    type,
    (body: Envelope['body']): Promise<Json> => institution.handle(type, isParsed(body) ? body : null),
  ])
  return Object.fromEntries(entries)
}
