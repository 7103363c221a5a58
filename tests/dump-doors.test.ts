/** The same files of a consortium's dump, judged on Node as `islet verify` does and in the app: one verdict. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkConsensus, checkJournal, Findings } from '../src/audit/browser.door.ts'
import { openDump } from '../src/audit/dump-reader.ts'
import { FINALITY_CRYPTO } from '../src/audit/index.ts'
import { JOURNAL, TRUST, vectors, withProof } from '../src/audit/testing/captured-consortium.ts'
import type { JournalBlock } from '../src/journal/index.ts'
import { fromBase64Url, hash32, quantity, toBase64Url, type UnixSeconds } from '../src/vocabulary/index.ts'
import { checkSigned } from '../src/web/operator/check-signed.ts'
import { type DumpFiles, journalOf, linesOf, manifestOf, SOUND, writeDump } from './testing/captured-dump.ts'

/** What both find, each on the files as it gets them. */
async function both(files: DumpFiles, trust = TRUST) {
  const folder = await mkdtemp(join(tmpdir(), 'islet-doors-'))
  try {
    await writeDump(folder, files)
    const manifest = manifestOf(files)
    const dump = await openDump(folder)
    const findings = new Findings()
    const digest = (message: Uint8Array): Uint8Array => createHash('sha256').update(message).digest()
    const journal = checkJournal(await dump.read('ledger/journal'), digest, findings)
    const onNode =
      journal === undefined
        ? undefined
        : await checkConsensus(
            { lines: dump.lines, manifest, journal: journal.reading.blocks, trust },
            FINALITY_CRYPTO,
            findings,
          )
    const inApp = await checkSigned(async (path) => files[path]?.slice(), manifest, trust)
    return {
      node: { vouched: onNode?.vouched ?? false, findings: findings.list },
      app: { vouched: inApp.vouched, findings: inApp.findings },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1)
const vote = vectors.commits[4]!
const [store, ...states] = vectors.states
const changedBlock = (change: (block: JournalBlock) => JournalBlock): Uint8Array =>
  journalOf(JOURNAL.map((one) => (one.height === 3 ? change(one) : one)))

test.each<{ what: string; files?: DumpFiles; trust?: typeof TRUST; codes: readonly string[] }>([
  { what: 'a sound dump', codes: [] },
  {
    what: 'a byte of the journal changed',
    files: { 'ledger/journal': flipped(SOUND['ledger/journal'], 900) },
    codes: ['JOURNAL_CORRUPT', 'COMMIT_DIFFERS'],
  },
  {
    what: 'a transaction left out of the journal',
    files: { 'ledger/journal': changedBlock((one) => ({ ...one, transactions: [] })) },
    codes: ['COMMIT_DIFFERS'],
  },
  {
    what: 'a block dated otherwise',
    files: {
      'ledger/journal': changedBlock((one) => ({
        ...one,
        timestamp: quantity<UnixSeconds>(one.timestamp + 1),
      })),
    },
    codes: ['COMMIT_DIFFERS'],
  },
  {
    what: 'a changed vote',
    files: {
      'ledger/commits.jsonl': linesOf(
        vectors.commits.map((one) =>
          one === vote
            ? {
                ...one,
                block: toBase64Url(flipped(fromBase64Url(one.block), fromBase64Url(one.block).length - 9)),
              }
            : one,
        ),
      ),
    },
    codes: ['COMMIT_REFUSED'],
  },
  {
    what: 'a changed word of the state',
    files: {
      'ledger/states.jsonl': linesOf([
        store!,
        ...states.map((one, at) =>
          at === 20 ? withProof(one, (proof) => flipped(proof, proof.length - 3)) : one,
        ),
      ]),
    },
    codes: ['STATE_REFUSED'],
  },
  {
    what: 'a word of the state left out',
    files: { 'ledger/states.jsonl': linesOf([store!, ...states.slice(1)]) },
    codes: ['STATES_MISSING'],
  },
  {
    what: 'bytes that are no text',
    files: { 'ledger/states.jsonl': Uint8Array.of(0xff, 0xfe, 10) },
    codes: ['DOCUMENT_MALFORMED'],
  },
  {
    what: 'another block than the believed one',
    trust: { ...TRUST, anchor: { ...TRUST.anchor, hash: hash32(`0x${'cd'.repeat(32)}`) } },
    codes: ['COMMIT_REFUSED'],
  },
  {
    what: 'an anchor older than the trust period',
    trust: { ...TRUST, now: quantity<UnixSeconds>(vectors.anchorSeconds + TRUST.trustPeriod) },
    codes: ['COMMIT_REFUSED'],
  },
])('$what: $codes', async ({ files, trust, codes }) => {
  const { node, app } = await both({ ...SOUND, ...files }, trust)
  expect(app).toEqual(node)
  expect(node.findings.map(({ code }) => code)).toEqual(codes)
  expect(node.vouched).toBe(codes.length === 0)
})
