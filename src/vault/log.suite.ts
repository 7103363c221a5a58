/** What the tests of the access log share: a disk in memory that can fail and crash, keys, records. */
import { ed25519 } from '@noble/curves/ed25519.js'

import {
  type Bytes,
  concat,
  consentId,
  type Json,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { NoteSigner, NoteVerifier } from './checkpoint-note.ts'
import type { LogDisk, TailFile } from './log-disk.ts'
import type { AccessRecord } from './log-entry.ts'
import type { AccessLogParts } from './log-state.ts'
import { nodeCrypto } from './node-cipher.door.ts'

export const ORIGIN = 'islet.log/0a'
/** Ed25519 as the room above hands it in. */
export const noteSigner = (fill: number): NoteSigner => {
  const seed = new Uint8Array(32).fill(fill)
  return { publicKey: ed25519.getPublicKey(seed), sign: (message) => ed25519.sign(message, seed) }
}
export const noteVerifier: NoteVerifier = {
  verify: (publicKey, message, signature) => {
    try {
      return ed25519.verify(signature, message, publicKey)
    } catch {
      return false
    }
  },
}
export const logSigner = noteSigner(9)
export const LOG_KEY: Bytes = new Uint8Array(32).fill(3)

/** Record n: everything in it follows from n. */
export function record(n: number, sealed: Json = { reader: `clinic ${n}`, purpose: 'TREAT' }): AccessRecord {
  const consent = consentId(toHex(nodeCrypto.hasher.sha256(utf8(`consent ${n % 3}`))))
  const at = quantity<UnixSeconds>(1_800_000_000 + n)
  return { clear: { action: 'read', consent, block: 100 + n, at, count: n % 300 }, sealed }
}

export function partsOn(disk: LogDisk): AccessLogParts {
  return { disk, crypto: nodeCrypto, origin: ORIGIN, signer: logSigner, verifier: noteVerifier }
}

/** What a disk may be told to do wrong. */
export interface Faults {
  /** Bytes that still fit; a write beyond leaves its first part there and fails with ENOSPC. */
  room?: number | undefined
  failSync?: boolean | undefined
  /** System error code with which whole files and new tails fail. */
  failReplace?: string | undefined
}

/** A disk in memory that tells durable bytes from those a power cut may lose. */
export class MemoryDisk implements LogDisk {
  readonly files = new Map<string, Bytes>()
  readonly durable = new Map<string, Bytes>()
  readonly faults: Faults = {}
  syncs = 0

  read = async (path: string): Promise<Bytes | undefined> => this.files.get(path)?.slice()

  list = async (folder: string): Promise<readonly string[]> =>
    [...this.files.keys()].flatMap((path) =>
      path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [],
    )

  replace = async (path: string, bytes: Uint8Array): Promise<void> => {
    if (this.faults.failReplace !== undefined) throw failure(this.faults.failReplace)
    this.files.set(path, new Uint8Array(bytes))
    this.durable.set(path, new Uint8Array(bytes))
  }

  remove = async (path: string): Promise<void> => {
    for (const kept of [this.files, this.durable]) {
      for (const name of kept.keys()) if (name === path || name.startsWith(`${path}/`)) kept.delete(name)
    }
  }

  openTail = async (path: string): Promise<TailFile> => {
    if (!this.files.has(path)) await this.replace(path, new Uint8Array(0))
    const content = (): Bytes => this.files.get(path) ?? new Uint8Array(0)
    return {
      write: async (bytes) => {
        const fits = Math.min(bytes.length, this.faults.room ?? bytes.length)
        if (this.faults.room !== undefined) this.faults.room -= fits
        this.files.set(path, concat(content(), bytes.subarray(0, fits)))
        if (fits < bytes.length) throw failure('ENOSPC')
      },
      sync: async () => {
        this.syncs += 1
        await new Promise((resolve) => setImmediate(resolve))
        if (this.faults.failSync === true) throw failure('EIO')
        this.durable.set(path, content().slice())
      },
      truncate: async (length) => {
        this.files.set(path, content().slice(0, length))
        this.durable.set(path, content().slice())
      },
      close: async () => undefined,
    }
  }

  /** The disk after a power cut: what was durable, and of the rest a part, its last byte perhaps wrong. */
  afterCrash(keepShare: number, garble: boolean): MemoryDisk {
    const after = new MemoryDisk()
    for (const [path, bytes] of this.files) {
      const sure = this.durable.get(path) ?? new Uint8Array(0)
      const loose = bytes.slice(sure.length)
      const kept = loose.slice(0, Math.floor(loose.length * keepShare))
      if (garble && kept.length > 0) kept[kept.length - 1] = (kept[kept.length - 1] ?? 0) ^ 0x55
      const whole = concat(sure, kept)
      after.files.set(path, whole)
      after.durable.set(path, whole.slice())
    }
    return after
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}
