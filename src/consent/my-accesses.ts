/**
 * Who looked: the patient fetches every entry about them and checks it against the custodian's signed checkpoint.
 *
 * Law: an entry counts only with a path to a checkpoint under the custodian's key; the checkpoint must continue the one
 * seen last, so that nothing seen once can vanish unnoticed (I4, I5). Another log or a broken path is refused aloud.
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
import type { ChainReader } from './chain.ts'
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
  let newest: SeenLog | undefined
  for (let after: number | null = 0; after !== null; ) {
    const body = { ...orderBase(ports, custodian), after, seen: seen?.size ?? 0 }
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
    if (seen !== null) {
      const claim = {
        first: seen.size,
        second: size,
        firstRoot: fromHex(seen.root),
        secondRoot: root,
        path: hashes(page.consistency),
      }
      if (seen.size > size || !verifyConsistency(claim, hasher)) throw broken('consistency')
    }
    for (const { index, entry: text, path } of page.entries) {
      const entry = fromBase64Url(text)
      const claim = { leaf: leafHash(entry, hasher), index, size, path: hashes(path), root }
      if (!verifyInclusion(claim, hasher)) throw broken('path')
      const opened = await openEntry(entry, logKey, crypto)
      if (opened.code !== 'OPENED') throw broken('entry')
      accesses.push({ index, clear: readEntry(entry).clear, details: opened.sealed })
    }
    newest = { size, root: hash32(toHex(root)), at: ports.clock() }
    after = page.next
  }
  if (newest === undefined) throw broken('answer')
  return { accesses, seen: newest }
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
