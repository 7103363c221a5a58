/**
 * The outbox: every transaction signed here and not yet seen in a block, kept on disk before it is sent.
 *
 * Law: what was sent can be sent again, byte for byte, after any crash; an idempotency key once used leads to its
 * transaction for good. Frame: records.ts; the file is rewritten without the settled bodies at each opening.
 */

import { join } from 'node:path'
import { encodeRecord, RECORDS_START, readRecords } from '../journal/index.ts'
import {
  type Address,
  address,
  fromHex,
  fromUtf8,
  type Hash32,
  type Hex,
  hash32,
  IsletError,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import type { AppendFile, Disk } from './disk.ts'
import { nodeSha256 } from './head-mark.ts'

/** A signed transaction on its way. */
export interface Outgoing {
  readonly hash: Hash32
  readonly sender: Address
  readonly nonce: number
  readonly raw: Hex
  readonly keys: readonly Hash32[]
}

type Line =
  | {
      readonly is: 'sent'
      readonly hash: Hash32
      readonly sender: Address
      readonly nonce: number
      readonly raw: Hex
      readonly keys: readonly Hash32[]
    }
  | { readonly is: 'settled'; readonly hash: Hash32; readonly keys: readonly Hash32[] }
  | { readonly is: 'dropped'; readonly hash: Hash32 }

export class Outbox {
  readonly #file: AppendFile
  readonly #waiting = new Map<Hash32, Outgoing>()
  readonly #byKey = new Map<Hash32, Hash32>()
  #last = RECORDS_START
  #writing: Promise<void> = Promise.resolve()

  private constructor(file: AppendFile) {
    this.#file = file
  }

  /** Opens the outbox of a directory. Throws `RECORDS_CORRUPT` and the codes of the disk. */
  static async open(disk: Disk, directory: string): Promise<Outbox> {
    await disk.makeDirectory(directory)
    const path = join(directory, 'outbox')
    const content = await disk.read(path)
    const settled = new Map<Hash32, readonly Hash32[]>()
    const waiting = new Map<Hash32, Outgoing>()
    if (content !== undefined) {
      for (const { payload, offset } of readRecords(content, nodeSha256)) {
        const line = parseLine(payload, offset)
        if (line.is === 'sent') {
          const { hash, sender, nonce, raw, keys } = line
          waiting.set(hash, { hash, sender, nonce, raw, keys })
        } else if (line.is === 'dropped') waiting.delete(line.hash)
        else {
          settled.set(line.hash, line.keys)
          waiting.delete(line.hash)
        }
      }
    }
    const parts: Uint8Array[] = []
    let last = RECORDS_START
    const put = (line: Line): void => {
      const { bytes, hash } = encodeRecord(last, utf8(JSON.stringify(line)), nodeSha256)
      parts.push(bytes)
      last = hash
    }
    for (const [hash, keys] of settled) if (keys.length > 0) put({ is: 'settled', hash, keys })
    for (const outgoing of waiting.values()) put({ is: 'sent', ...outgoing })
    await disk.replace(path, Buffer.concat(parts))
    const outbox = new Outbox(await disk.openAppend(path))
    outbox.#last = last
    for (const [hash, keys] of settled) for (const key of keys) outbox.#byKey.set(key, hash)
    for (const outgoing of waiting.values()) outbox.#remember(outgoing)
    return outbox
  }

  /** What is on its way, by sender and nonce. */
  waiting(): readonly Outgoing[] {
    return [...this.#waiting.values()].sort((a, b) =>
      a.sender === b.sender ? a.nonce - b.nonce : a.sender < b.sender ? -1 : 1,
    )
  }

  /** The transaction that a key led to. */
  find(key: Hash32): Hash32 | undefined {
    return this.#byKey.get(key)
  }

  /** Keeps transactions before they are sent, all or none; returns when they are on disk. */
  async keep(...outgoing: readonly Outgoing[]): Promise<void> {
    await this.#append(
      outgoing.map((one) => ({ is: 'sent', ...one })),
      true,
    )
    for (const one of outgoing) this.#remember(one)
  }

  /** Notes that transactions stand in a final block. */
  async settle(...hashes: readonly Hash32[]): Promise<void> {
    const lines: Line[] = []
    for (const hash of hashes) {
      const outgoing = this.#waiting.get(hash)
      if (outgoing === undefined) continue
      this.#waiting.delete(hash)
      lines.push({ is: 'settled', hash, keys: outgoing.keys })
    }
    await this.#append(lines, false)
  }

  /** Forgets a transaction that can never be included; its keys are free again. */
  async drop(hash: Hash32): Promise<void> {
    const outgoing = this.#waiting.get(hash)
    if (outgoing === undefined) return
    this.#waiting.delete(hash)
    for (const key of outgoing.keys) this.#byKey.delete(key)
    await this.#append([{ is: 'dropped', hash }], true)
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#file.close()
  }

  #remember(outgoing: Outgoing): void {
    this.#waiting.set(outgoing.hash, outgoing)
    for (const key of outgoing.keys) this.#byKey.set(key, outgoing.hash)
  }

  #append(lines: readonly Line[], sync: boolean): Promise<void> {
    if (lines.length === 0) return Promise.resolve()
    const write = this.#writing.catch(() => undefined).then(() => this.#write(lines, sync))
    this.#writing = write
    return write
  }

  async #write(lines: readonly Line[], sync: boolean): Promise<void> {
    const before = this.#file.size
    let last = this.#last
    const records = lines.map((line) => {
      const { bytes, hash } = encodeRecord(last, utf8(JSON.stringify(line)), nodeSha256)
      last = hash
      return bytes
    })
    try {
      await this.#file.append(Buffer.concat(records))
      if (sync) await this.#file.sync()
    } catch (error) {
      await this.#file.truncate(before)
      throw error
    }
    this.#last = last
  }
}

function parseLine(payload: Uint8Array, offset: number): Line {
  const refuse = (): never => {
    throw new IsletError('OUTBOX_MALFORMED', `the record at byte ${offset} holds no transaction`, { offset })
  }
  let json: unknown
  try {
    json = JSON.parse(fromUtf8(payload))
  } catch {
    return refuse()
  }
  if (typeof json !== 'object' || json === null) return refuse()
  const field = (name: string): unknown => (json as Readonly<Record<string, unknown>>)[name]
  const hash = hash32(String(field('hash')))
  const listed = field('keys')
  const keys = Array.isArray(listed) ? listed.map((key) => hash32(String(key))) : []
  switch (field('is')) {
    case 'sent':
      return {
        is: 'sent',
        hash,
        sender: address(String(field('sender'))),
        nonce: Number(field('nonce')),
        raw: toHex(fromHex(String(field('raw')))),
        keys,
      }
    case 'settled':
      return { is: 'settled', hash, keys }
    case 'dropped':
      return { is: 'dropped', hash }
    default:
      return refuse()
  }
}
