/**
 * The files inside a zip archive, so that a data set can be given as it was published.
 *
 * Law: an archive never unpacks to more than the limit, whatever its directory claims; nothing is written to the disk and
 * no name in it is used as a path. Stored and deflated entries only; encrypted ones are refused.
 * Source: PKWARE APPNOTE 6.3 (end of central directory, central directory, local header).
 */
import { inflateRawSync } from 'node:zlib'
import { IsletError } from '../vocabulary/index.ts'

export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const LONGEST_COMMENT = 65_535
const MOST_ENTRIES = 10_000

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)
}

/** Entries that are files, in the order of the directory. Throws `ZIP_BROKEN`, `ZIP_ENCRYPTED`, `FILE_TOO_LARGE`. */
export function zipEntries(bytes: Uint8Array, limit: number): readonly ZipEntry[] {
  try {
    return entriesOf(bytes, limit)
  } catch (error) {
    if (error instanceof IsletError) throw error
    throw broken('its directory does not hold together', error)
  }
}

function entriesOf(bytes: Uint8Array, limit: number): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOf(view)
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  if (count > MOST_ENTRIES) throw broken(`it names more than ${MOST_ENTRIES} entries`)
  const found: ZipEntry[] = []
  let left = limit
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== CENTRAL) throw broken('its directory is cut short')
    const nameLength = view.getUint16(at + 28, true)
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))
    if (!name.endsWith('/') && !name.startsWith('__MACOSX/')) {
      const content = contentOf(bytes, view, at, left)
      left -= content.length
      found.push({ name, bytes: content })
    }
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return found
}

function endOf(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - 22 - LONGEST_COMMENT)
  for (let at = view.byteLength - 22; at >= lowest; at--) if (view.getUint32(at, true) === END) return at
  throw broken('it has no end record')
}

function contentOf(bytes: Uint8Array, view: DataView, at: number, left: number): Uint8Array {
  if ((view.getUint16(at + 8, true) & 1) === 1) {
    throw new IsletError(
      'ZIP_ENCRYPTED',
      'an entry of the archive is encrypted',
      {},
      { remedy: 'unpack it with its password and give the files inside' },
    )
  }
  const method = view.getUint16(at + 10, true)
  const size = view.getUint32(at + 20, true)
  const local = view.getUint32(at + 42, true)
  if (view.getUint32(local, true) !== LOCAL) throw broken('an entry is not where its directory says')
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  const packed = bytes.subarray(start, start + size)
  if (packed.length !== size) throw broken('an entry is cut short')
  if (method === 0) return packed.length <= left ? packed : tooLarge()
  if (method !== 8) throw broken('an entry is packed in a way other than deflate')
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, left) })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return tooLarge()
    throw error
  }
}

function tooLarge(): never {
  throw new IsletError(
    'FILE_TOO_LARGE',
    'the archive unpacks to more than the limit',
    {},
    { remedy: 'unpack it and give the files inside a few at a time' },
  )
}

function broken(why: string, cause?: unknown): IsletError {
  return new IsletError(
    'ZIP_BROKEN',
    `this zip archive cannot be read: ${why}`,
    {},
    { remedy: 'copy it again, or unpack it and give the files inside', cause },
  )
}
