/**
 * A small world for tests: institutions with keys made from their names, a clock that is set by hand, folders of their own.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type MessageHandlers,
  type MessageSigner,
  messageSigner,
  type Party,
  type Sha256,
  signRequest,
  type WireRequest,
} from '../../api/index.ts'
import { type Signer, signer } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import {
  canonicalJson,
  type InstitutionId,
  IsletError,
  institutionId,
  type Json,
  quantity,
  type UnixSeconds,
  utf8,
} from '../../vocabulary/index.ts'
import type { Gate } from '../admission.ts'
import { createEndpoint, type Endpoint } from '../endpoint.ts'
import { type InboxJournal, openInboxJournal } from '../inbox-journal.ts'
import { type DurableReplayCache, openReplayCache } from '../replay-cache.ts'

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest()

/** Somebody with a key. */
export interface Somebody {
  readonly name: string
  readonly id: InstitutionId
  readonly key: Signer
  readonly signer: MessageSigner
}

export function somebody(name: string): Somebody {
  const seed = createHash('sha256').update(`test ${name}`).digest()
  const key = signer(seed, nodeEd25519)
  return {
    name,
    id: institutionId(`0x${createHash('sha256').update(`id ${name}`).digest('hex')}`),
    key,
    signer: messageSigner(key),
  }
}

export interface World {
  /** Seconds since 1970, set by hand. */
  readonly clock: { now: number }
  readonly parties: Map<string, Party>
  readonly north: Somebody
  readonly south: Somebody
  readonly folder: string
  /** How often each type was handled at South. */
  readonly handled: Map<string, number>
  readonly reports: unknown[]
  /** Opens South's inbox on its files, as a start of the node does. */
  readonly openSouth: (origin: () => string) => Promise<SouthInbox>
  readonly close: () => Promise<void>
}

export interface SouthInbox {
  readonly endpoint: Endpoint
  readonly gate: Gate
  readonly replays: DurableReplayCache
  readonly journal: InboxJournal
  readonly close: () => Promise<void>
}

export async function createWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-transport-'))
  const clock = { now: 1_790_000_000 }
  const [north, south] = [somebody('north'), somebody('south')]
  const parties = new Map<string, Party>([
    [north.signer.keyId, { roles: ['member'], state: 'active', institution: north.id }],
    [south.signer.keyId, { roles: ['member'], state: 'active', institution: south.id }],
  ])
  const handled = new Map<string, number>()
  const reports: unknown[] = []
  const count = (type: string): number => {
    const times = (handled.get(type) ?? 0) + 1
    handled.set(type, times)
    return times
  }
  const handlers: MessageHandlers = {
    append: async (body) => ({ times: count('append'), got: body }),
    revoke: async () => ({ times: count('revoke') }),
    read: async () => ({ times: count('read') }),
    'signed-head': async (body) => {
      count('signed-head')
      if (body['fault'] === 'refused') throw new IsletError('CONSENT_REVOKED', 'the consent is revoked')
      if (body['fault'] === 'crash') throw new Error('glucose was 3.1 in the crash')
      if (body['fault'] === 'slow') await new Promise((resolve) => setTimeout(resolve, 1_500))
      return {}
    },
  }
  return {
    clock,
    parties,
    north,
    south,
    folder,
    handled,
    reports,
    openSouth: async (origin) => {
      const now = (): number => clock.now
      const replays = await openReplayCache(join(folder, 'replays'), now)
      const journal = await openInboxJournal(join(folder, 'inbox'), now)
      const gate: Gate = {
        origin,
        parties: { find: async (keyId) => parties.get(keyId) },
        replays,
        verifier: nodeEd25519,
        sha256,
        now,
      }
      const endpoint = createEndpoint({
        institution: south.id,
        gate,
        signer: south.signer,
        journal,
        handlers,
        report: (error) => void reports.push(error),
      })
      return {
        endpoint,
        gate,
        replays,
        journal,
        close: async () => {
          await replays.close()
          await journal.close()
        },
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Signs any JSON as a request, whatever it says. */
export function signAs(
  who: Somebody,
  url: string,
  document: Json,
  world: Pick<World, 'clock'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireRequest> {
  return signRequest(
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers },
      body: utf8(canonicalJson(document)),
    },
    {
      signer: who.signer,
      sha256,
      now: () => quantity<UnixSeconds>(world.clock.now),
      random: (length) => randomBytes(length),
    },
  )
}
