/**
 * Halves of outer keys in one file of records of 64 bytes: SHA-256 of the stored object ‖ half; a free record is zeros.
 *
 * Laws: what was acknowledged survives a power cut; a destroyed half is overwritten where it stood, so that the file holds no
 * trace of it (what a disk or a backup keeps beneath is theirs); halves are read when they are needed and not kept in memory.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { type Bytes, type Cid, concat, equalBytes, IsletError, toHex } from '../vocabulary/index.ts'
import { digestOf } from './content-id.ts'
import { coded, errnoOf } from './disk-errors.ts'
import type { KeyHalves } from './outer-key.ts'

const DIGEST_BYTES = 32
const RECORD_BYTES = 64
/** Records that are read at once while the file is opened. */
const PAGE = 4_096

/** Opens the file, made where it is absent. Throws the disk's codes. */
export async function openKeyHalves(path: string): Promise<KeyHalves> {
  const file = await coded(() =>
    open(path, 'r+').catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return open(path, 'wx+', 0o600)
      throw error
    }),
  )
  const { places, free, end } = await coded(() => placesIn(file)).catch(async (error: unknown) => {
    await file.close()
    throw error
  })
  let next = end
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(() => coded(work))
    turn = done.catch(() => undefined)
    return done
  }
  return {
    get: (stored) => inTurn(() => halfIn(file, places, stored)),
    enter: (entries) =>
      inTurn(async () => {
        const taken = entries.map(([stored, half]) => ({ stored, half, place: free.pop() ?? next++ }))
        for (const { stored, half, place } of taken) {
          await file.write(concat(digestOf(stored), half), 0, RECORD_BYTES, place * RECORD_BYTES)
        }
        await file.datasync()
        for (const { stored, place } of taken) places.set(nameOf(stored), place)
      }),
    destroy: (stored) =>
      inTurn(async () => {
        const place = places.get(nameOf(stored))
        if (place === undefined) return
        await file.write(new Uint8Array(RECORD_BYTES), 0, RECORD_BYTES, place * RECORD_BYTES)
        await file.datasync()
        places.delete(nameOf(stored))
        free.push(place)
      }),
    close: async () => {
      await turn
      await file.close()
    },
  }
}

/** The halves beside whoever keeps them: nothing is written, and nothing is held open. Throws the disk's codes. */
export async function readKeyHalves(path: string): Promise<KeyHalves> {
  const look = async <T>(work: (file: FileHandle) => Promise<T>): Promise<T> => {
    const file = await coded(() => open(path, 'r'))
    return coded(() => work(file)).finally(() => file.close())
  }
  const { places } = await look(placesIn)
  const refused = async (): Promise<never> => {
    throw new IsletError('KEY_HALVES_READ_ONLY', 'the halves of outer keys were opened to be read', {})
  }
  return {
    get: (stored) => look((file) => halfIn(file, places, stored)),
    enter: refused,
    destroy: refused,
    close: async () => undefined,
  }
}

/** A half as it stands now: its place may be another's since it was read. */
async function halfIn(
  file: FileHandle,
  places: ReadonlyMap<string, number>,
  stored: Cid,
): Promise<Bytes | undefined> {
  const place = places.get(nameOf(stored))
  if (place === undefined) return undefined
  const record: Bytes = new Uint8Array(RECORD_BYTES)
  await file.read(record, 0, RECORD_BYTES, place * RECORD_BYTES)
  return equalBytes(record.subarray(0, DIGEST_BYTES), digestOf(stored))
    ? record.slice(DIGEST_BYTES)
    : undefined
}

/** Where each half stands, by the digest of its object; a record that a crash cut short was never acknowledged. */
async function placesIn(
  file: FileHandle,
): Promise<{ readonly places: Map<string, number>; readonly free: number[]; readonly end: number }> {
  const places = new Map<string, number>()
  const free: number[] = []
  const page = new Uint8Array(PAGE * RECORD_BYTES)
  for (let first = 0; ; ) {
    const { bytesRead } = await file.read(page, 0, page.length, first * RECORD_BYTES)
    const whole = Math.floor(bytesRead / RECORD_BYTES)
    for (let i = 0; i < whole; i++) {
      const digest = page.subarray(i * RECORD_BYTES, i * RECORD_BYTES + DIGEST_BYTES)
      if (digest.every((byte) => byte === 0)) free.push(first + i)
      else places.set(toHex(digest), first + i)
    }
    first += whole
    if (whole < PAGE) return { places, free, end: first }
  }
}

function nameOf(stored: Cid): string {
  return toHex(digestOf(stored))
}
