import { describe, expect, it } from 'vitest'
import { type Bytes, utf8 } from '../vocabulary/index.ts'
import { noteFromBytes, signCheckpoint } from './checkpoint-note.ts'
import { cosign } from './checkpoint-witness.ts'
import {
  LOG_KEY,
  logSigner,
  MemoryDisk,
  noteSigner,
  noteVerifier,
  ORIGIN,
  partsOn,
  record,
} from './log.suite.ts'
import { sealEntry } from './log-entry.ts'
import { decodeBundle, encodeBundle } from './log-tiles.ts'
import { type LogVerifyOptions, verifyLog } from './log-verify.ts'
import { openLog } from './log-writer.ts'
import { testHasher as hasher, naiveRoot } from './merkle.suite.ts'
import { nodeCrypto } from './node-cipher.door.ts'

const options: LogVerifyOptions = {
  origin: ORIGIN,
  keys: [logSigner.publicKey],
  verifier: noteVerifier,
  crypto: nodeCrypto,
}
const SIZE = 300
const OTHER_KEY = new Uint8Array(32).fill(5)
/** Entries 0–299 of two people, sealed once: every scene below starts from them. */
const sealed = Promise.all(
  Array.from({ length: SIZE }, (_, n) => sealEntry(record(n), n % 4 === 0 ? OTHER_KEY : LOG_KEY, nodeCrypto)),
)

async function published(entries: readonly Uint8Array[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const log = await openLog(partsOn(disk))
  await log.appendEntries(entries)
  await log.checkpoint()
  return disk
}
const codes = async (disk: MemoryDisk, more: Partial<LogVerifyOptions> = {}): Promise<string[]> =>
  (await verifyLog(disk.read, { ...options, ...more })).findings.map(({ code, where }) => `${code} ${where}`)
const bundle = (disk: MemoryDisk, path: string): Bytes[] => [
  ...decodeBundle(disk.files.get(path) ?? utf8('')),
]

describe('verifying an access log', () => {
  it('finds nothing in a sound one and says what opened, what stays sealed and that nothing anchored it', async () => {
    const disk = await published(await sealed)
    const verdict = await verifyLog(disk.read, { ...options, logKeys: [LOG_KEY] })
    expect(verdict).toMatchObject({ findings: [], anchored: false, size: SIZE, opened: 225, sealed: 75 })
    expect(verdict.root).toEqual(naiveRoot(await sealed))
  })

  it('accepts erased people: without their log key their entries are sealed for good, and no fault', async () => {
    const disk = await published(await sealed)
    expect(await verifyLog(disk.read, { ...options, logKeys: [] })).toMatchObject({
      findings: [],
      opened: 0,
      sealed: SIZE,
    })
  })

  it('tells every entry in clear and in order to whoever compares it with the ledger', async () => {
    const disk = await published(await sealed)
    const seen: number[] = []
    await verifyLog(disk.read, {
      ...options,
      onEntry: (clear, index) => void (clear.block === 100 + index && seen.push(index)),
    })
    expect(seen).toEqual(Array.from({ length: SIZE }, (_, i) => i))
  })

  it('is anchored by heads that others hold, of any size', async () => {
    const disk = await published(await sealed)
    const heads = [0, 1, 255, 256, SIZE].map((size) => ({ size, root: naiveRoot([]), from: `block ${size}` }))
    const right = await Promise.all(
      heads.map(async (head) => ({ ...head, root: naiveRoot((await sealed).slice(0, head.size)) })),
    )
    expect(await verifyLog(disk.read, { ...options, heads: right })).toMatchObject({
      findings: [],
      anchored: true,
    })
  })

  it('counts the witnesses that signed the checkpoint', async () => {
    const disk = await published((await sealed).slice(0, 3))
    const note = noteFromBytes(disk.files.get('checkpoint') ?? utf8('')) ?? ''
    const witness = { name: 'islet.witness/b', signer: noteSigner(7) }
    const line = cosign(note.slice(0, note.indexOf('\n\n') + 1), witness, record(0).clear.at, hasher)
    disk.files.set('checkpoint', utf8(note + line))
    const witnesses = [{ name: witness.name, publicKey: witness.signer.publicKey }]
    expect(await verifyLog(disk.read, { ...options, witnesses })).toMatchObject({
      findings: [],
      witnessed: [witness.name],
    })
    disk.files.set('checkpoint', utf8(note + line.replace(/.{8}=?=?\n$/, (end) => `AAAA${end.slice(4)}`)))
    expect(await codes(disk, { witnesses })).toEqual([`LOG_COSIGNATURE_WRONG ${witness.name}`])
  })
})

describe('a planted fault is found and named:', () => {
  it('a removed entry', async () => {
    const disk = await published(await sealed)
    disk.files.set('tile/entries/000', encodeBundle(bundle(disk, 'tile/entries/000').toSpliced(17, 1)))
    expect(await codes(disk)).toEqual(['LOG_LEAF_WRONG entry 17', 'LOG_TRUNCATED tile/entries/000'])
    const last = await published(await sealed)
    last.files.set('tile/entries/001.p/44', encodeBundle(bundle(last, 'tile/entries/001.p/44').slice(0, -1)))
    expect(await codes(last)).toEqual(['LOG_TRUNCATED tile/entries/001.p/44'])
  })

  it('two entries that changed places', async () => {
    const disk = await published(await sealed)
    const entries = bundle(disk, 'tile/entries/000')
    const [a, b] = [entries[10] ?? utf8(''), entries[11] ?? utf8('')]
    disk.files.set('tile/entries/000', encodeBundle(entries.toSpliced(10, 2, b, a)))
    expect(await codes(disk)).toEqual([
      'LOG_LEAF_WRONG entry 10',
      `LOG_ROOT_WRONG size ${SIZE}`,
      'LOG_TILE_WRONG tile/1/000.p/1',
    ])
  })

  it('an edited clear part', async () => {
    const disk = await published(await sealed)
    const path = 'tile/entries/001.p/44'
    const entries = bundle(disk, path)
    const edited = (entries[4] ?? utf8('')).map((byte, at) => (at === 53 ? byte ^ 1 : byte))
    disk.files.set(path, encodeBundle(entries.toSpliced(4, 1, edited)))
    expect(await codes(disk)).toEqual(['LOG_LEAF_WRONG entry 260', `LOG_ROOT_WRONG size ${SIZE}`])
  })

  it('a truncated log whose checkpoint stayed', async () => {
    const disk = await published(await sealed)
    disk.files.delete('tile/entries/001.p/44')
    expect(await codes(disk)).toEqual(['LOG_TRUNCATED tile/entries/001.p/44'])
  })

  it('a truncated log that was signed anew, by a head that somebody else holds', async () => {
    const disk = await published((await sealed).slice(0, 200))
    const kept = [{ size: SIZE, root: naiveRoot(await sealed), from: 'anchor at block 9' }]
    expect(await codes(disk)).toEqual([])
    expect(await codes(disk, { heads: kept })).toEqual(['LOG_TRUNCATED anchor at block 9'])
  })

  it('a forked log: rewritten, rehashed and signed by its own key, by a checkpoint that somebody else kept', async () => {
    const honest = await published((await sealed).slice(0, 280))
    const note = noteFromBytes(honest.files.get('checkpoint') ?? utf8('')) ?? ''
    const forked = await published((await sealed).toSpliced(30, 1))
    const checkpoints = [{ note, from: 'witness b' }]
    expect(await codes(forked)).toEqual([])
    expect(await codes(forked, { checkpoints })).toEqual(['LOG_FORKED witness b'])
    expect(await codes(await published(await sealed), { checkpoints })).toEqual([])
  })

  it('a wrong signature, another log, no checkpoint, no note', async () => {
    const disk = await published((await sealed).slice(0, 5))
    const root = naiveRoot((await sealed).slice(0, 5))
    const stranger = signCheckpoint({ origin: ORIGIN, size: 5, root }, noteSigner(8), hasher)
    disk.files.set('checkpoint', utf8(stranger))
    expect(await codes(disk)).toEqual(['LOG_SIGNATURE_WRONG checkpoint'])
    disk.files.set(
      'checkpoint',
      utf8(signCheckpoint({ origin: 'islet.log/ff', size: 5, root }, logSigner, hasher)),
    )
    expect(await codes(disk)).toEqual(['LOG_ORIGIN_WRONG checkpoint'])
    disk.files.set('checkpoint', Uint8Array.of(0xff, 0xfe))
    expect(await codes(disk)).toEqual(['LOG_CHECKPOINT_MALFORMED checkpoint'])
    disk.files.delete('checkpoint')
    expect(await codes(disk)).toEqual(['LOG_CHECKPOINT_MISSING checkpoint'])
  })

  it('a checkpoint over another root', async () => {
    const disk = await published((await sealed).slice(0, 5))
    const root = naiveRoot((await sealed).slice(0, 4))
    disk.files.set('checkpoint', utf8(signCheckpoint({ origin: ORIGIN, size: 5, root }, logSigner, hasher)))
    expect(await codes(disk)).toEqual(['LOG_ROOT_WRONG size 5'])
  })

  it('a tile of hashes that is not that of the entries, or gone', async () => {
    const disk = await published(await sealed)
    const tile = disk.files.get('tile/1/000.p/1') ?? utf8('')
    disk.files.set(
      'tile/1/000.p/1',
      tile.map((byte) => byte ^ 1),
    )
    disk.files.delete('tile/0/000')
    expect(await codes(disk)).toEqual(['LOG_TILE_WRONG tile/0/000', 'LOG_TILE_WRONG tile/1/000.p/1'])
  })

  it('an entry that is no entry, and one whose sealed part is not what it commits to', async () => {
    const disk = await published([...(await sealed).slice(0, 3), utf8('junk')])
    expect(await codes(disk)).toEqual(['LOG_ENTRY_MALFORMED entry 3'])
    const cut = await published((await sealed).slice(0, 3))
    const path = 'tile/entries/000.p/3'
    cut.files.set(path, (cut.files.get(path) ?? utf8('')).slice(0, -5))
    expect(await codes(cut)).toEqual([`LOG_ENTRY_MALFORMED ${path}`, `LOG_TRUNCATED ${path}`])
  })
})
