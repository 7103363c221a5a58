/**
 * Key files on a disk of Node's: written whole or not at all, readable by their owner alone. Node only.
 */
import { open } from 'node:fs/promises'
import { writeWhole } from '../vault/whole-file.door.ts'
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { LONGEST_KEY_FILE } from './key-file.ts'

const CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EROFS: 'READ_ONLY_DIRECTORY',
  EACCES: 'NO_PERMISSION',
  EPERM: 'NO_PERMISSION',
}

/** Writes a key file atomically and durably. Throws `DISK_FULL`, `READ_ONLY_DIRECTORY`, `NO_PERMISSION`, `KEY_FILE_UNWRITABLE`. */
export async function writeKeyFile(path: string, text: string): Promise<void> {
  try {
    await writeWhole(path, text)
  } catch (cause) {
    throw new IsletError(
      CODES[systemCode(cause)] ?? 'KEY_FILE_UNWRITABLE',
      'the key file could not be written',
      {},
      { cause },
    )
  }
}

/** Reads a key file. Throws `KEY_FILE_MISSING`, `KEY_FILE_DAMAGED` when it is longer than any, `NO_PERMISSION`, `KEY_FILE_UNREADABLE`. */
export async function readKeyFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > LONGEST_KEY_FILE) {
        throw new IsletError('KEY_FILE_DAMAGED', 'the key file is longer than any key file', { bytes: size })
      }
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof IsletError) throw cause
    const system = systemCode(cause)
    if (system === 'ENOENT') throw new IsletError('KEY_FILE_MISSING', 'there is no key file', {}, { cause })
    throw new IsletError(
      CODES[system] ?? 'KEY_FILE_UNREADABLE',
      'the key file could not be read',
      {},
      { cause },
    )
  }
}

/** The node's own key for its personas: made once, kept beside its data. Throws as the two above. */
export async function nodeKey(path: string, random: (length: number) => Bytes): Promise<Bytes> {
  try {
    const text = await readKeyFile(path)
    const bytes = new Uint8Array(Buffer.from(text.trim(), 'hex'))
    if (bytes.length !== 32) {
      throw new IsletError(
        'KEY_FILE_DAMAGED',
        'the key of this node is damaged',
        {},
        { at: { file: path }, remedy: 'restore it from a backup; what it locks opens with nothing else' },
      )
    }
    return bytes
  } catch (error) {
    if (!(error instanceof IsletError) || error.code !== 'KEY_FILE_MISSING') throw error
    const fresh = random(32)
    await writeKeyFile(path, `${Buffer.from(fresh).toString('hex')}\n`)
    return fresh
  }
}

function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
}
