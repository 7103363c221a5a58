/**
 * One institution hosted by this node: its keys, its directory, its part in consents, its inbox.
 *
 * Law: institutions of one process share nothing but messages and the ledger, so that each can move to a host of its own.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Envelope, type MessageHandlers, messageSigner, type Parties } from '../../api/index.ts'
import { type Institution, MESSAGE_TYPES, openInstitution } from '../../consent/index.ts'
import { ledgerChain } from '../../consent/ledger-chain.door.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import type { InstitutionKeys } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { type Deployment, type Ledger, secp256k1Signer } from '../../ledger/index.ts'
import { openDiskStore } from '../../vault/disk.door.ts'
import type { AccessLog, ObjectStore } from '../../vault/index.ts'
import { openAccessLog } from '../../vault/log.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  fromBase64Url,
  hash32,
  type InstitutionId,
  type InstitutionRole,
  type Json,
  quantity,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import type { Gate } from '../transport/admission.ts'
import { createEndpoint, type Endpoint } from '../transport/endpoint.ts'
import { openInboxJournal } from '../transport/inbox-journal.ts'
import { openReplayCache } from '../transport/replay-cache.ts'
import { institutionSend, type Road, sha256, wallClock } from './wire.ts'

export interface HostedParts {
  readonly id: InstitutionId
  /** Folder name and handle. */
  readonly key: string
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  readonly directory: string
  readonly keys: InstitutionKeys
  readonly ledger: Ledger
  readonly deployment: Deployment
  readonly road: Road
  /** Origin under which its inbox is addressed. */
  readonly origin: () => string
  /** Members as the ledger knows them, by message key. */
  readonly members: Parties
  readonly slotMinutes: number
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
  close(): Promise<void>
}

/** Opens an institution from its own directory, to the state it had. */
export async function openHosted(parts: HostedParts): Promise<Hosted> {
  const { id, directory, keys, road } = parts
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const chain = ledgerChain({
    ledger: parts.ledger,
    deployment: parts.deployment,
    by: secp256k1Signer(keys.ledgerKey),
  })
  const [shelf, store, log, replays, journal] = await Promise.all([
    diskShelf(join(directory, 'shelf')),
    openDiskStore({ folder: join(directory, 'objects'), hasher: nodeCrypto.hasher }),
    openAccessLog(join(directory, 'log'), {
      origin: `islet.log/${id}`,
      signer: keys.message,
      verifier: nodeEd25519,
    }),
    openReplayCache(join(directory, 'replays'), wallClock),
    openInboxJournal(join(directory, 'inbox'), wallClock),
  ])
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
    send: institutionSend(id, keys.message, road),
    slotMinutes: parts.slotMinutes,
    hpkePrivateKey: keys.hpke.privateKey,
  })
  const gate: Gate = {
    origin: parts.origin,
    parties: {
      find: async (keyId) => {
        const member = await parts.members.find(keyId)
        if (member !== undefined) return member
        const enrolled = institution.enrolled(hash32(toHex(fromBase64Url(keyId))))
        return enrolled ? { roles: ['patient'], state: 'active' } : undefined
      },
    },
    replays,
    verifier: nodeEd25519,
    sha256,
    now: wallClock,
  }
  const endpoint = createEndpoint({
    institution: id,
    gate,
    signer: messageSigner(keys.message),
    journal,
    handlers: handlersOf(institution),
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
    close: async () => {
      await institution.idle()
      await Promise.all([replays.close(), journal.close(), store.close(), log.close()])
    },
  }
}

/** Every message that consent answers, as handlers of the inbox. */
function handlersOf(institution: Institution): MessageHandlers {
  const entries = MESSAGE_TYPES.map((type) => [
    type,
    (body: Envelope['body']): Promise<Json> => institution.handle(type, JSON.parse(JSON.stringify(body))),
  ])
  return Object.fromEntries(entries)
}
