/**
 * The person's own copy on this device: the last days as they were opened, and who was asking, for when the node is away.
 *
 * Laws: sealed under a key that comes from the person's root, so that without it the copy is noise; at most thirty days;
 * gone when they sign out or are erased.
 */
import { parseRequest, type Shelf } from '../../../consent/browser.door.ts'
import { webCrypto } from '../../../vault/web-cipher.door.ts'
import { type Bytes, concat, fromUtf8, utf8 } from '../../../vocabulary/index.ts'
import { indexedShelf, takeAwayShelf } from '../../shared/indexed-shelf.ts'
import { type Health, type HealthCopy, healthOfCopy } from '../health.ts'
import type { Pending } from '../sharing.tsx'
import type { Person } from '../sign-in.ts'

type Owner = Pick<Person, 'keys'>
const LABEL = 'islet/v1/own-copy\0'
const NONCE_BYTES = 12
const DAYS = 30

function nameOf({ keys }: Owner): string {
  return `islet copy ${keys.identityKey}`
}

/** Where the copy lies; nowhere once it was forgotten. */
async function shelfOf(owner: Owner): Promise<Shelf | undefined> {
  return gone.has(owner.keys) ? undefined : indexedShelf(nameOf(owner))
}

function keyOf({ keys }: Owner): Bytes {
  return webCrypto.hasher.hmacSha256(keys.root, utf8(LABEL))
}

async function keep(owner: Owner, name: string, value: unknown): Promise<void> {
  const nonce = webCrypto.cipher.random(NONCE_BYTES)
  const job = { key: keyOf(owner), nonce, associated: utf8(name), plaintext: utf8(JSON.stringify(value)) }
  const [sealed] = await webCrypto.cipher.encrypt([job])
  const shelf = await shelfOf(owner)
  // What was under way while they signed out is kept no more.
  if (sealed !== undefined && !gone.has(owner.keys)) await shelf?.put(name, concat(nonce, sealed))
}

/** Whoever signed out, by the keys that they held. */
const gone = new WeakSet<Owner['keys']>()

async function opened(owner: Owner, name: string): Promise<unknown> {
  const bytes = await (await shelfOf(owner))?.get(name)
  if (bytes === undefined) return undefined
  const [nonce, sealed] = [bytes.slice(0, NONCE_BYTES), bytes.slice(NONCE_BYTES)]
  const [plain] = await webCrypto.cipher.decrypt([
    { key: keyOf(owner), nonce, associated: utf8(name), sealed },
  ])
  return plain === undefined ? undefined : JSON.parse(fromUtf8(plain))
}

/** Keeps what was opened, its last thirty days. */
export async function keepHealth(owner: Owner, health: Health): Promise<void> {
  const from = (health.glucose.at(-1)?.at ?? 0) - DAYS * 86_400
  const glucose = health.glucose.filter(({ at }) => at > from)
  const days = Math.min(DAYS, health.days)
  const copy: HealthCopy = { at: health.at, days, chunks: health.chunks, glucose }
  await keep(owner, 'health', copy)
}

/** What was kept last, or undefined. */
export async function copiedHealth(owner: Owner): Promise<Health | undefined> {
  const kept = await opened(owner, 'health')
  return isHealthCopy(kept) ? healthOfCopy(kept) : undefined
}

/** Keeps who is asking. */
export function keepRequests(owner: Owner, requests: readonly Pending[]): Promise<void> {
  return keep(owner, 'requests', requests)
}

/** Who was asking when the node answered last; none of those that were answered since. */
export async function copiedRequests(owner: Pick<Person, 'keys' | 'agent'>): Promise<readonly Pending[]> {
  const kept = await opened(owner, 'requests')
  const answered = new Set(owner.agent.memory.now.grants.map(({ answers }) => answers))
  return (Array.isArray(kept) ? kept : []).flatMap((one: unknown): readonly Pending[] => {
    if (typeof one !== 'object' || one === null) return []
    const id: unknown = Reflect.get(one, 'id')
    if (typeof id !== 'string' || answered.has(id)) return []
    return [{ id, request: parseRequest(Reflect.get(one, 'request')) }]
  })
}

/** Forgets the copy, and what would still be kept of this signing in. */
export async function forgetCopy(owner: Owner): Promise<void> {
  const opening = shelfOf(owner)
  gone.add(owner.keys)
  const shelf = await opening
  for (const name of (await shelf?.list('')) ?? []) await shelf?.delete(name)
}

/** Takes away also that there was one. */
export async function takeAwayCopy(owner: Owner): Promise<void> {
  gone.add(owner.keys)
  await takeAwayShelf(nameOf(owner))
}

/** What opens under the person's own key was written by `keepHealth`: its form says which version of the app did. */
function isHealthCopy(value: unknown): value is HealthCopy {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['glucose', 'chunks', 'days', 'at'].every((name) => name in value)
  )
}
