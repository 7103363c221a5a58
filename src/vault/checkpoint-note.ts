/**
 * Checkpoints: a log's size and root as a signed note that anyone can keep and compare.
 *
 * Laws: a note counts only under a key the reader already trusts for that name; signatures by unknown keys are
 * ignored, a false one by a known key refuses the whole note.
 * Source: C2SP signed-note and tlog-checkpoint; Ed25519 signatures of type 0x01.
 */
import {
  type Bytes,
  concat,
  equalBytes,
  fromUtf8,
  IsletError,
  isIsletError,
  toBase64Url,
  utf8,
} from '../vocabulary/index.ts'
import { HASH_BYTES, type TreeHasher } from './merkle-hash.ts'

/** Signs bytes with one Ed25519 key, synchronously. */
export interface NoteSigner {
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

/** Checks an Ed25519 signature; false on anything malformed. */
export interface NoteVerifier {
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** A key as a reader of notes knows it. */
export interface NoteKey {
  /** Without spaces and plus signs; for a log its origin. */
  readonly name: string
  readonly publicKey: Uint8Array
}

/** One signature line: who, the 4-byte key id, and what the key made of the text. */
export interface NoteSignature {
  readonly name: string
  readonly keyId: Bytes
  readonly signature: Bytes
}

/** A parsed note; its text ends with a newline. */
export interface Note {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** What a log claims: the root of its first `size` entries. */
export interface TreeHead {
  /** Name of the log, one line. */
  readonly origin: string
  readonly size: number
  readonly root: Bytes
}

/** Signature types of C2SP signed-note: a log's own and a witness's. */
export const NOTE_TYPES = { ed25519: 0x01, cosignature: 0x04 } as const
/** Notes longer than this are refused unread: room for far more than the 16 signatures a reader must accept. */
const LONGEST_NOTE = 64 * 1024
const NAME = /^[^\s+]{1,200}$/u
const SIGNATURE_LINE = /^— ([^\s+]{1,200}) ([A-Za-z0-9+/]+={0,2})$/u

/** The 4-byte id of a key: SHA-256(name ‖ newline ‖ type ‖ key), cut. */
export function noteKeyId(key: NoteKey, type: number, hasher: TreeHasher): Bytes {
  return hasher.sha256(concat(utf8(`${key.name}\n`), Uint8Array.of(type), key.publicKey)).slice(0, 4)
}

/** A line of signature, newline included. Throws `NOTE_NAME_WRONG`. */
export function signatureLine(name: string, keyId: Uint8Array, signature: Uint8Array): string {
  if (!NAME.test(name)) {
    throw new IsletError('NOTE_NAME_WRONG', 'the name of a key has no spaces and no plus sign')
  }
  return `— ${name} ${toBase64(concat(keyId, signature))}\n`
}

/** The text of a checkpoint: origin, size, root. Throws `NOTE_NAME_WRONG`. */
function checkpointText(head: TreeHead): string {
  if (!NAME.test(head.origin)) {
    throw new IsletError('NOTE_NAME_WRONG', 'the origin of a log has no spaces and no plus sign')
  }
  return `${head.origin}\n${head.size}\n${toBase64(head.root)}\n`
}

/** Signs a tree head as a checkpoint note under the log's origin. */
export function signCheckpoint(head: TreeHead, signer: NoteSigner, hasher: TreeHasher): string {
  const text = checkpointText(head)
  const key = { name: head.origin, publicKey: signer.publicKey }
  const line = signatureLine(head.origin, noteKeyId(key, NOTE_TYPES.ed25519, hasher), signer.sign(utf8(text)))
  return `${text}\n${line}`
}

/** Takes a note apart, unchecked. Throws `NOTE_MALFORMED`. */
export function parseNote(note: string): Note {
  const split = note.lastIndexOf('\n\n')
  if (note.length > LONGEST_NOTE || split < 0 || !note.endsWith('\n') || /[\x00-\x09\x0b-\x1f]/.test(note)) {
    throw malformed('a note is text, an empty line and signature lines')
  }
  const signatures = note
    .slice(split + 2, -1)
    .split('\n')
    .map((line) => {
      const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? []
      const bytes = encoded === undefined ? undefined : fromBase64(encoded)
      if (name === undefined || bytes === undefined || bytes.length < 5)
        throw malformed('a signature line is wrong')
      return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) }
    })
  return { text: note.slice(0, split + 1), signatures }
}

/** Reads a tree head out of a note's text, unchecked. Throws `NOTE_MALFORMED`. */
export function parseTreeHead(text: string): TreeHead {
  const [origin, size, root, ...rest] = text.split('\n')
  const hash = root === undefined ? undefined : fromBase64(root)
  const extensionsSound = rest.at(-1) === '' && rest.slice(0, -1).every((line) => line !== '')
  if (
    !origin ||
    hash?.length !== HASH_BYTES ||
    !extensionsSound ||
    !/^(0|[1-9][0-9]{0,15})$/.test(size ?? '')
  ) {
    throw malformed('a checkpoint names its origin, size and root')
  }
  const count = Number(size)
  if (!Number.isSafeInteger(count)) throw malformed('the size is too large')
  return { origin, size: count, root: hash }
}

export type CheckpointReading =
  | { readonly ok: true; readonly head: TreeHead; readonly note: Note }
  | {
      readonly ok: false
      /** Malformed; of another log; no known key; a known key's signature is false. */
      readonly code: 'NOTE_MALFORMED' | 'NOTE_ORIGIN_WRONG' | 'NOTE_KEY_UNKNOWN' | 'NOTE_SIGNATURE_WRONG'
    }

/** Reads a checkpoint of the log named `origin`, signed by one of its keys (several after a rotation). */
export function readCheckpoint(
  note: string,
  log: { readonly origin: string; readonly keys: readonly Uint8Array[] },
  verifier: NoteVerifier,
  hasher: TreeHasher,
): CheckpointReading {
  let parsed: Note
  let head: TreeHead
  try {
    parsed = parseNote(note)
    head = parseTreeHead(parsed.text)
  } catch (error) {
    if (isIsletError(error, 'NOTE_MALFORMED')) return { ok: false, code: 'NOTE_MALFORMED' }
    throw error
  }
  if (head.origin !== log.origin) return { ok: false, code: 'NOTE_ORIGIN_WRONG' }
  let signed = false
  for (const publicKey of log.keys) {
    const id = noteKeyId({ name: log.origin, publicKey }, NOTE_TYPES.ed25519, hasher)
    for (const line of parsed.signatures) {
      if (line.name !== log.origin || !equalBytes(line.keyId, id)) continue
      if (!verifier.verify(publicKey, utf8(parsed.text), line.signature)) {
        return { ok: false, code: 'NOTE_SIGNATURE_WRONG' }
      }
      signed = true
    }
  }
  return signed ? { ok: true, head, note: parsed } : { ok: false, code: 'NOTE_KEY_UNKNOWN' }
}

/** Bytes of a file → note text; undefined when they are no UTF-8. */
export function noteFromBytes(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes)
  } catch (error) {
    if (isIsletError(error, 'NOT_UTF8')) return undefined
    throw error
  }
}

/** Standard base64 with padding (RFC 4648 section 4), as notes have it. */
export function toBase64(bytes: Uint8Array): string {
  const text = toBase64Url(bytes).replace(/-/g, '+').replace(/_/g, '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** Undefined when the spelling is not the canonical one. */
export function fromBase64(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return toBase64(bytes) === text ? bytes : undefined
}

function malformed(message: string): IsletError {
  return new IsletError('NOTE_MALFORMED', message)
}
