/**
 * Who looked: the patient fetches every entry about them and checks it against the custodian's signed checkpoint.
 *
 * Law: an entry counts only with a path to a checkpoint under the custodian's key; the checkpoint must continue the one
 * seen last and the one anchored last, so that nothing seen once, by the patient or by the ledger, can vanish unnoticed
 * (I4, I5). Another log or a broken path is refused aloud.
 */
import type { Ed25519, Signer } from '../identity/index.ts'
import {
  type AccessClear,
  type Crypto,
  leafHash,
  openEntry,
  readCheckpoint,
  readEntry,
  verifyConsistency,
  verifyInclusion,
} from '../vault/index.ts'
import {
  fromBase64Url,
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  type Json,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { AccessesAnswerSchema } from './answers.ts'
import type { AnchoredRoot, ChainReader } from './chain.ts'
import { asJson, parseDocument, sign } from './document.ts'
import { orderBase } from './holder.ts'
import type { Send } from './house.ts'

/** One access to a patient's data, proven. */
export interface Access {
  /** Place in the custodian's log. */
  readonly index: number
  readonly clear: AccessClear
  /** Reader, person, purpose, kinds, which hours. */
  readonly details: Json
}

export interface SeenLog {
  readonly size: number
  readonly root: Hash32
  readonly at: UnixSeconds
}

/** Every access since `after`, verified, and the checkpoint they were verified against. Throws `ACCESS_LOG_BROKEN`. */
export async function fetchAccesses(
  ports: {
    readonly signer: Signer
    readonly ed: Ed25519
    readonly crypto: Crypto
    readonly chain: ChainReader
    readonly clock: () => UnixSeconds
    readonly send: Send
  },
  custodian: InstitutionId,
  logKey: Uint8Array,
  seen: SeenLog | null,
): Promise<{ readonly accesses: readonly Access[]; readonly seen: SeenLog }> {
  const { crypto } = ports
  const { hasher } = crypto
  const member = await ports.chain.member(custodian)
  if (member === undefined) throw broken('custodian')
  const origin = `islet.log/${custodian}`
  const accesses: Access[] = []
  // Read before the custodian is asked: whatever it serves must go on from here.
  const slot = await ports.chain.latestSlot(custodian, 'log')
  const anchor = slot === 0 ? undefined : await ports.chain.anchorAt(custodian, 'log', slot)
  if (slot !== 0 && anchor === undefined) throw broken('anchor')
  let last = seen
  for (let after: number | null = 0; after !== null; ) {
    const body = { ...orderBase(ports, custodian), after, seen: last?.size ?? 0, ...anchoredAt(anchor) }
    const order = sign('islet.my-accesses/1', body, ports.signer)
    const reply = await ports.send(custodian, 'my-accesses', { order: asJson(order) })
    const page = parseDocument(AccessesAnswerSchema, reply, 'answer about accesses')
    const checkpoint = readCheckpoint(
      page.checkpoint,
      { origin, keys: [fromHex(member.messageKey)] },
      ports.ed,
      hasher,
    )
    if (!checkpoint.ok || checkpoint.head.size !== page.size) throw broken('checkpoint')
    const { size, root } = checkpoint.head
    const continues = (from: { readonly size: number; readonly root: Hash32 }, proof: string): boolean => {
      const firstRoot = fromHex(from.root)
      const claim = { first: from.size, second: size, firstRoot, secondRoot: root, path: hashes(proof) }
      return from.size <= size && verifyConsistency(claim, hasher)
    }
    if (last !== null && !continues(last, page.consistency)) throw broken('consistency')
    if (anchor !== undefined && !continues({ size: anchor.count, root: anchor.root }, page.anchored)) {
      throw broken('anchor')
    }
    for (const { index, entry: text, path } of page.entries) {
      const entry = fromBase64Url(text)
      const claim = { leaf: leafHash(entry, hasher), index, size, path: hashes(path), root }
      if (!verifyInclusion(claim, hasher)) throw broken('path')
      const opened = await openEntry(entry, logKey, crypto)
      if (opened.code !== 'OPENED') throw broken('entry')
      accesses.push({ index, clear: readEntry(entry).clear, details: opened.sealed })
    }
    last = { size, root: hash32(toHex(root)), at: ports.clock() }
    if (page.next !== null && page.next <= after) throw broken('pages')
    after = page.next
  }
  if (last === null) throw broken('answer')
  return { accesses, seen: last }
}

function anchoredAt(anchor: AnchoredRoot | undefined): { readonly anchored?: number } {
  return anchor === undefined ? {} : { anchored: anchor.count }
}

function hashes(text: string): readonly Uint8Array[] {
  const bytes = fromBase64Url(text)
  return Array.from({ length: Math.ceil(bytes.length / 32) }, (_, i) => bytes.subarray(32 * i, 32 * i + 32))
}

function broken(part: string): IsletError {
  return new IsletError(
    'ACCESS_LOG_BROKEN',
    'the custodian’s access log does not hold together',
    { part },
    { remedy: 'Keep this answer and ask an auditor.' },
  )
}
