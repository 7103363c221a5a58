/** The files of a consortium's dump as it was captured: journal, blocks, proofs of the state, manifest. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Manifest } from '../../src/audit/browser.door.ts'
import { FINALITY_CRYPTO } from '../../src/audit/index.ts'
import { encodeManifest } from '../../src/audit/manifest.ts'
import { hashAt, headerAt, JOURNAL, SEATS, vectors } from '../../src/audit/testing/captured-consortium.ts'
import { anchorOf, CONSORTIUM_PLACES } from '../../src/finality/index.ts'
import { encodeRecord, type JournalBlock, RECORDS_START } from '../../src/journal/index.ts'
import { encodeBlock, encodeGenesis } from '../../src/ledger/index.ts'

export type DumpFiles = Readonly<Record<string, Uint8Array>>

/** Lines of a document each. */
export function linesOf(documents: readonly object[]): Uint8Array {
  return Buffer.from(documents.map((one) => `${JSON.stringify(one)}\n`).join(''))
}

const GENESIS = {
  ...{
    chainId: vectors.chainId,
    genesisTimestamp: JOURNAL[0]?.timestamp ?? 0,
    blockGasLimit: 1,
    fork: 'cancun',
  },
  ...{ genesisHash: hashAt(1), operator: CONSORTIUM_PLACES.membership },
  founding: { creator: CONSORTIUM_PLACES.membership, creations: [] },
}

/** A journal of these blocks. */
export function journalOf(blocks: readonly JournalBlock[]): Uint8Array {
  let last = encodeRecord(RECORDS_START, encodeGenesis(GENESIS))
  const parts = [last.bytes]
  for (const block of blocks) {
    last = encodeRecord(last.hash, encodeBlock(block))
    parts.push(last.bytes)
  }
  return Buffer.concat(parts)
}

/** As they were captured. */
export const SOUND = {
  'ledger/journal': journalOf(JOURNAL),
  'ledger/commits.jsonl': linesOf(vectors.commits),
  'ledger/states.jsonl': linesOf(vectors.states),
} satisfies DumpFiles

/** The last block, which vouches for all before it at any time. */
export const LAST_BLOCK = anchorOf(
  { header: headerAt(vectors.commits.length), seats: SEATS },
  FINALITY_CRYPTO.hasher,
)

/** The manifest of files. */
export function manifestOf(files: DumpFiles): Manifest {
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  const digest = '0'.repeat(64)
  const { membership, consents } = CONSORTIUM_PLACES
  return {
    ...{ schema: 'islet.dump/1', engine: 'consortium', chainId: vectors.chainId },
    ...{ genesisHash: hashAt(1), operator: membership, objects: 'names', institutions: [] },
    head: { height: JOURNAL.length, hash: hashAt(JOURNAL.length) },
    deployment: { membership, consents, anchors: consents },
    contracts: {
      ...{ compiler: '', sourceHash: digest },
      code: { membership: digest, consents: digest, anchors: digest },
    },
    files: Object.fromEntries(
      Object.entries(files).map(([path, bytes]) => [path, { bytes: bytes.length, sha256: sha256(bytes) }]),
    ),
  }
}

/** Writes a dump of these files, or of them under the manifest of others. */
export async function writeDump(folder: string, files: DumpFiles, named = files): Promise<void> {
  const manifest = Buffer.from(encodeManifest(manifestOf(named)))
  for (const [path, bytes] of Object.entries({ ...files, 'manifest.json': manifest })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes)
  }
}
