/**
 * A forger with all the time in the world: changes a dump and makes every hash of its manifest fit again, so that what a
 * verification finds is the lie itself and not the manifest.
 */

import { createHash, randomBytes } from 'node:crypto'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeRecord, type JournalBlock, readJournal } from '../../journal/index.ts'
import { encodeBlock, encodeGenesis } from '../../ledger/index.ts'
import { type Bytes, toHex } from '../../vocabulary/index.ts'
import { JOURNAL, MANIFEST, type Manifest } from '../dump-format.ts'
import { openDump } from '../dump-reader.ts'
import { encodeManifest, readManifest } from '../manifest.ts'

export class Forger {
  readonly dump: string

  constructor(dump: string) {
    this.dump = dump
  }

  /** A copy to be spoiled. */
  static async of(dump: string): Promise<Forger> {
    const copy = `${dump}-${randomBytes(4).toString('hex')}`
    await cp(dump, copy, { recursive: true })
    return new Forger(copy)
  }

  async bytes(path: string): Promise<Bytes> {
    return new Uint8Array(await readFile(join(this.dump, path)))
  }

  async write(path: string, content: Uint8Array | string): Promise<void> {
    await writeFile(join(this.dump, path), content)
  }

  /** Turns one bit of a file. */
  async flip(path: string, offset: number): Promise<void> {
    const bytes = await this.bytes(path)
    bytes[offset] = (bytes[offset] ?? 0) ^ 1
    await this.write(path, bytes)
  }

  /** Rewrites the lines of a .jsonl file. */
  async lines<T>(path: string, change: (lines: T[]) => readonly T[]): Promise<void> {
    const text = Buffer.from(await this.bytes(path)).toString('utf8')
    const lines = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]))
    await this.write(
      path,
      change(lines)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    )
  }

  async manifest(): Promise<Manifest> {
    const { manifest } = readManifest(await readFile(join(this.dump, MANIFEST), 'utf8'))
    if (manifest === undefined) throw new Error('no manifest')
    return manifest
  }

  /** Makes a manifest that fits whatever the files now say. */
  async reseal(change: (manifest: Manifest) => Manifest = (manifest) => manifest): Promise<void> {
    const manifest = await this.manifest()
    const files: Manifest['files'] = {}
    for await (const { path, bytes } of (await openDump(this.dump)).files()) {
      if (path === MANIFEST || /^institutions\/[^/]+\/objects\//.test(path)) continue
      files[path] = {
        bytes,
        sha256: createHash('sha256')
          .update(await this.bytes(path))
          .digest('hex'),
      }
    }
    await this.write(MANIFEST, encodeManifest(change({ ...manifest, files })))
  }

  /** Rewrites the blocks of the journal, with checksums and hash chain made anew. */
  async journal(change: (blocks: JournalBlock[]) => readonly JournalBlock[]): Promise<void> {
    const opened = readJournal(await this.bytes(JOURNAL))
    if (opened === undefined) throw new Error('no journal')
    const blocks = [...opened.entries].map(({ block }) => block)
    let { bytes, hash } = encodeRecord(new Uint8Array(32), encodeGenesis(opened.genesis))
    const parts: Uint8Array[] = [bytes]
    for (const block of change(blocks)) {
      ;({ bytes, hash } = encodeRecord(hash, encodeBlock(block)))
      parts.push(bytes)
    }
    await this.write(JOURNAL, Buffer.concat(parts))
  }

  /** Names of the objects of an institution. */
  async objects(key: string): Promise<readonly string[]> {
    return (await readdir(join(this.dump, `institutions/${key}/objects`))).toSorted()
  }
}

/** Entries of a bundle of the access log. */
export function entriesIn(bundle: Bytes): readonly Bytes[] {
  const entries: Bytes[] = []
  for (let at = 0; at < bundle.length; ) {
    const length = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0)
    entries.push(bundle.slice(at + 2, at + 2 + length))
    at += 2 + length
  }
  return entries
}

export function bundleOf(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]),
  )
}

/** Another value of the same form. */
export function otherHash(hash: string): `0x${string}` {
  return toHex(createHash('sha256').update(hash).digest())
}
