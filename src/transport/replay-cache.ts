/**
 * The nonces seen, on disk: a signed request counts once, also when the node was killed in between (PROTOCOL 21).
 *
 * Law: `remember` answers true only after the mark is durable. A mark is forgotten only when its signature is too old anyway.
 * Format: records of 20 bytes: expiry (u32, seconds) ‖ the first 16 bytes of SHA-256(mark). A torn tail is cut off.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ReplayCache } from '../api/index.ts'
import { type Bytes, concat, toBase64Url, uint32 } from '../vocabulary/index.ts'
import { openDurableFile } from './durable-file.ts'

const RECORD = 20
/** The file is rewritten when it holds this many records and at least half of them are over. */
const COMPACT_AT = 20_000

export interface DurableReplayCache extends ReplayCache {
  readonly close: () => Promise<void>
}

/** Opens the cache; `now` in seconds since 1970. */
export async function openReplayCache(path: string, now: () => number): Promise<DurableReplayCache> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const held = await readFile(path).catch(() => new Uint8Array(0))
  const sound = held.length - (held.length % RECORD)
  const seen = new Map<string, number>()
  const view = new DataView(held.buffer, held.byteOffset, held.byteLength)
  for (let at = 0; at < sound; at += RECORD) {
    const until = view.getUint32(at)
    if (until > now()) seen.set(toBase64Url(held.subarray(at + 4, at + RECORD)), until)
  }
  const file = await openDurableFile(path, sound)
  let records = sound / RECORD
  let compacting: Promise<void> | undefined

  async function compact(): Promise<void> {
    const at = now()
    for (const [mark, until] of seen) if (until <= at) seen.delete(mark)
    if (records < COMPACT_AT || seen.size > records / 2) return
    const live = [...seen].map(([mark, until]) => concat(uint32(until), Buffer.from(mark, 'base64url')))
    records = live.length
    await file.replace(concat(...live))
  }

  return {
    remember: async (mark, until) => {
      await compacting
      const digest: Bytes = Uint8Array.from(createHash('sha256').update(mark).digest().subarray(0, 16))
      const name = toBase64Url(digest)
      if (seen.has(name)) return false
      seen.set(name, Math.ceil(until))
      try {
        await file.append(concat(uint32(Math.ceil(until)), digest))
      } catch (error) {
        seen.delete(name)
        throw error
      }
      records += 1
      if (records >= COMPACT_AT && compacting === undefined) {
        compacting = compact().finally(() => {
          compacting = undefined
        })
      }
      return true
    },
    close: async () => {
      await compacting
      await file.close()
    },
  }
}
