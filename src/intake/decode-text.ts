/**
 * Bytes of an export → text: byte order marks once, twice or mis-decoded, UTF-8, UTF-16, else Windows-1252.
 *
 * Law: never a crash, never a guess about binary files; those are refused with a code that says what they are.
 * Source: WHATWG Encoding Standard (BOM sniff, windows-1252); observed double marks in Dexcom Clarity exports.
 */
import { IsletError, type Place } from '../vocabulary/index.ts'

const MAGIC: readonly (readonly [bytes: readonly number[], what: string, remedy: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive', 'unpack it and give the files inside'],
  [[0x50, 0x4b, 0x05, 0x06], 'an empty zip archive', 'unpack it and give the files inside'],
  [[0x1f, 0x8b], 'a gzip file', 'decompress it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a zstd file', 'decompress it first'],
  [[0x42, 0x5a, 0x68], 'a bzip2 file', 'decompress it first'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7z archive', 'unpack it and give the files inside'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF', 'export the raw data as CSV or JSON instead of the report'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook', 'save it as CSV'],
]

/** Text of a document without byte order marks. Throws `FILE_EMPTY`, `FILE_COMPRESSED`, `FILE_BINARY`. */
export function decodeText(bytes: Uint8Array, place: Place): string {
  for (const [magic, what, remedy] of MAGIC) {
    if (magic.every((byte, index) => bytes[index] === byte)) {
      throw new IsletError('FILE_COMPRESSED', `this is ${what}, not a text export`, {}, { at: place, remedy })
    }
  }
  const text = withoutMarks(decode(bytes))
  if (text.trim() === '') {
    throw new IsletError(
      'FILE_EMPTY',
      'the file holds nothing',
      { bytes: bytes.length },
      { at: place, remedy: 'export it again' },
    )
  }
  if (isBinary(text)) {
    throw new IsletError(
      'FILE_BINARY',
      'the file holds binary data, not text',
      { bytes: bytes.length },
      { at: place, remedy: 'export the data as CSV or JSON' },
    )
  }
  return text
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const wide = unmarkedUtf16(bytes)
  if (wide !== undefined) return new TextDecoder(wide).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // A file cut inside a character is still UTF-8; anything else that is not UTF-8 is an old Windows code page.
    for (let cut = 1; cut <= 3 && cut < bytes.length; cut++) {
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytes.length - cut))
      } catch {
        // try the next shorter cut
      }
    }
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** UTF-16 without a mark shows as ASCII with every second byte zero. */
function unmarkedUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const sample = Math.min(bytes.length & ~1, 256)
  if (sample < 8) return undefined
  let evenZeros = 0
  let oddZeros = 0
  for (let i = 0; i < sample; i += 2) {
    if (bytes[i] === 0) evenZeros++
    if (bytes[i + 1] === 0) oddZeros++
  }
  if (oddZeros > sample * 0.4 && evenZeros === 0) return 'utf-16le'
  if (evenZeros > sample * 0.4 && oddZeros === 0) return 'utf-16be'
  return undefined
}

/** Removes marks at the start, also a second one that was read as Windows-1252 inside a quoted first header. */
function withoutMarks(text: string): string {
  return text
    .replace(/^(?:\uFEFF|\u00EF\u00BB\u00BF)+/, '')
    .replace(/^("+)(?:\uFEFF|\u00EF\u00BB\u00BF)+/, '$1')
}

/** Text has no NUL and few control characters in its first 4,096 characters. */
function isBinary(text: string): boolean {
  const sample = text.slice(0, 4096)
  let control = 0
  for (let i = 0; i < sample.length; i++) {
    const code = sample.charCodeAt(i)
    if (code < 32 && code !== 9 && code !== 10 && code !== 13 && code !== 12) control++
  }
  return control > sample.length * 0.05 && control > 4
}
