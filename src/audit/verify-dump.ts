/**
 * Verifies a dump: no node, no network, no key of a person.
 *
 * Laws: nothing in the dump is believed because it is there; what one part says is held against another (journal against
 * signed heads, events against the contracts' rules, logs and slots against anchors, readers' records against
 * custodians'); a dump alone proves consistency with itself only, and without a head that somebody else holds the
 * verdict says `anchored: false` (PROTOCOL 18).
 */

import type { VerifyDocument } from '../api/documents.door.ts'
import type { JournalBlock, JournalGenesis } from '../journal/index.ts'
import type { SignedHead } from '../ledger/index.ts'
import {
  canonicalJson,
  type Hash32,
  type InstitutionId,
  type Json,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { Ledger } from './check-access.ts'
import type { CommitTrust } from './check-commits.ts'
import { checkConsensus } from './check-consensus.ts'
import { checkFacts } from './check-facts.ts'
import { checkFiles } from './check-files.ts'
import { checkHeads } from './check-heads.ts'
import { checkJournal, type JournalChecked, type JournalReading } from './check-journal.ts'
import { LedgerCheck } from './check-ledger.ts'
import { checkLog, type LogChecked } from './check-log.ts'
import { checkReads } from './check-reads.ts'
import { checkResults } from './check-results.ts'
import { checkSlots } from './check-slots.ts'
import { JOURNAL, MANIFEST, type Manifest } from './dump-format.ts'
import { type DumpReader, openDump } from './dump-reader.ts'
import { CONTRACT_CODE, engineOf } from './export-dump.ts'
import { type Finding, Findings } from './finding.ts'
import type { LedgerHistory } from './history.ts'
import { readManifest } from './manifest.ts'
import { FINALITY_CRYPTO } from './node-finality.ts'
import { type Replayer, replay } from './replay.ts'

export interface VerifyOptions {
  /** Signed heads that others hold. */
  readonly anchors?: readonly SignedHead[]
  /** A block of a consortium that the verifier believes. */
  readonly trust?: CommitTrust
  readonly progress?: (stage: VerifyStage, done: number, of: number) => void
  /** Executes the ledger: the engine of this version when left out. */
  readonly replayer?: Replayer
  /** The verifier's own clock, seconds since 1970. */
  readonly now?: () => UnixSeconds
  readonly signal?: AbortSignal
}

export type VerifyStage = 'files' | 'replay' | 'institutions'

export interface VerifyReport {
  readonly ok: boolean
  /** Whether a head that somebody else holds was compared. */
  readonly anchored: boolean
  readonly checked: VerifyDocument['checked']
  /** Figures beside those of the document. */
  readonly also: {
    readonly slots: number
    readonly reads: number
    readonly results: number
    readonly erasedLeaves: number
    /** Accesses that rest on the patient's own signature instead of a consent. */
    readonly ownAccesses: number
    readonly institutions: number
    /** Blocks of a consortium whose votes were checked. */
    readonly commits: number
    /** Members, seats and consents of a consortium that were proved in its state. */
    readonly facts: number
  }
  readonly findings: readonly Finding[]
  /** What is no fault, but should be known. */
  readonly notes: readonly Note[]
  readonly head: Manifest['head'] | undefined
  /** Where the contracts stand that were checked. */
  readonly deployment: Manifest['deployment'] | undefined
}

/** Something that a reader of the result should know. */
export interface Note {
  readonly code: 'LOG_TAIL_UNSIGNED'
  readonly what: string
  readonly where: string
}

interface Totals {
  blocks: number
  transactions: number
  consents: number
  accesses: number
  objects: number
  leaves: number
  slots: number
  reads: number
  results: number
  erasedLeaves: number
  ownAccesses: number
  institutions: number
  commits: number
  facts: number
}

/** Verifies a dump. Throws `DUMP_NOT_FOUND`, `NOT_A_DIRECTORY`, `NOT_A_DUMP`, `ENGINE_MISSING`, `ENGINE_FAILED`. */
export async function verifyDump(folder: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const dump = await openDump(folder)
  const findings = new Findings()
  const totals: Totals = {
    blocks: 0,
    transactions: 0,
    consents: 0,
    accesses: 0,
    objects: 0,
    leaves: 0,
    slots: 0,
    reads: 0,
    results: 0,
    erasedLeaves: 0,
    ownAccesses: 0,
    institutions: 0,
    commits: 0,
    facts: 0,
  }
  const reading = readManifest((await dump.text(MANIFEST)) ?? '')
  if (reading.code === 'ALTERED') findings.add('MANIFEST_ALTERED', MANIFEST)
  const { manifest } = reading
  const anchored =
    manifest === undefined ? false : await verifyManifested(dump, manifest, options, findings, totals)
  const { slots, reads, results, erasedLeaves, ownAccesses, institutions, commits, facts, ...checked } =
    totals
  return {
    ok: findings.list.length === 0,
    anchored,
    checked: { ...checked, rounds: 0 },
    also: { slots, reads, results, erasedLeaves, ownAccesses, institutions, commits, facts },
    findings: findings.list,
    notes: notesOn(manifest),
    head: manifest?.head,
    deployment: manifest?.deployment,
  }
}

async function verifyManifested(
  dump: DumpReader,
  manifest: Manifest,
  options: VerifyOptions,
  findings: Findings,
  totals: Totals,
): Promise<boolean> {
  const { progress = () => undefined, signal, replayer = replay } = options
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0)
  let read = 0
  const plain = await checkFiles(dump, manifest, findings, (more) => {
    signal?.throwIfAborted()
    read += more
    progress('files', read, bytes)
  })
  if (!plain) return false
  if (canonicalJson(manifest.contracts as Json) !== canonicalJson(CONTRACT_CODE as Json)) {
    findings.add('CONTRACT_BUILD_UNKNOWN', MANIFEST)
  }
  const journal = checkJournal(await dump.read(JOURNAL), FINALITY_CRYPTO.hasher.sha256, findings)
  if (journal === undefined) return false
  const { genesis, blocks } = journal.reading
  const ledger = new LedgerCheck(manifest.deployment, genesis, findings)
  const { hashes, differsAt } = await replayer(
    journal.sound,
    genesis,
    (block) => {
      signal?.throwIfAborted()
      ledger.block(block)
      progress('replay', block.record.height, blocks.length)
    },
    (created) => ledger.founded(created),
  )
  if (differsAt !== undefined) findings.add('REPLAY_DIFFERS', JOURNAL, `at or before height ${differsAt}`)
  else ledger.finish()
  const named = isConsortium(genesis) ? namedBy(blocks, manifest) : hashes
  const sealers = isConsortium(genesis) ? ledger.history.ledgerKeys : new Set([genesis.operator])
  const heads = await checkHeads(dump, options.anchors ?? [], journal, { hashes: named, sealers }, findings)
  checkManifest(manifest, journal, named, findings)
  totals.blocks = ledger.blocks
  totals.transactions = ledger.transactions
  totals.consents = ledger.history.consents
  // Logs and slots are judged by the ledger: where it does not hold, they would be blamed for its faults.
  if (differsAt === undefined && journal.whole) {
    await verifyInstitutions(dump, manifest, journal.reading, ledger.history, options, findings, totals)
  }
  if (!isConsortium(genesis)) return heads.anchors > 0
  const toCheck = { lines: dump.lines, manifest, journal: blocks, trust: options.trust }
  const { blocks: signed, vouched, facts } = await checkConsensus(toCheck, FINALITY_CRYPTO, findings)
  totals.commits = signed
  if (facts !== undefined) totals.facts = facts.members.length + facts.seats + facts.consents.size
  if (facts !== undefined && differsAt === undefined && journal.whole) {
    checkFacts(facts, ledger.history, blocks.length, findings)
  }
  return heads.anchors > 0 || vouched
}

/** A consortium's blocks by height: each is named by the next one, and the last by the manifest, against which heads are held. */
function namedBy(blocks: readonly JournalBlock[], { head }: Manifest): readonly (Hash32 | undefined)[] {
  const names = [undefined, ...blocks.slice(1).map(({ parentHash }) => parentHash)]
  return head.height === blocks.length ? [...names, head.hash] : names
}

function isConsortium({ founding }: JournalGenesis): boolean {
  return founding !== undefined
}

/** Entries that no checkpoint vouched for when the dump was written. Said by the manifest alone: nothing in the dump can show it. */
function notesOn(manifest: Manifest | undefined): readonly Note[] {
  return (manifest?.institutions ?? [])
    .filter(({ unsigned }) => unsigned > 0)
    .map(({ key, unsigned }) => ({
      code: 'LOG_TAIL_UNSIGNED',
      what: `${unsigned} ${unsigned === 1 ? 'entry' : 'entries'} behind the newest signed checkpoint not in this dump`,
      where: `log of ${key}`,
    }))
}

/** What the manifest says of the ledger is compared with the ledger itself. */
function checkManifest(
  manifest: Manifest,
  { reading: { genesis, blocks }, whole }: JournalChecked,
  hashes: readonly (Hash32 | undefined)[],
  findings: Findings,
): void {
  const { chainId, genesisHash, operator, head } = manifest
  const hash = hashes[head.height]
  const same =
    chainId === genesis.chainId &&
    genesisHash === genesis.genesisHash &&
    operator === genesis.operator &&
    manifest.engine === engineOf(genesis) &&
    (!isConsortium(genesis) || operator === manifest.deployment.membership) &&
    (head.height === blocks.length || !whole) &&
    (hash === undefined || head.hash === hash)
  if (!same) findings.add('MANIFEST_WRONG', MANIFEST)
}

async function verifyInstitutions(
  dump: DumpReader,
  manifest: Manifest,
  { genesis, blocks }: JournalReading,
  history: LedgerHistory,
  options: VerifyOptions,
  findings: Findings,
  totals: Totals,
): Promise<void> {
  const { progress = () => undefined, now = wallClock, signal } = options
  const ledger: Ledger = {
    history,
    height: blocks.length,
    now: now(),
    timestamp: (height) =>
      height === 0 ? quantity<UnixSeconds>(genesis.genesisTimestamp) : blocks[height - 1]?.timestamp,
  }
  totals.institutions = manifest.institutions.length
  checkInstitutions(manifest, history.institutions, findings)
  const logs = new Map<InstitutionId, LogChecked>()
  const listed = Object.entries(manifest.files).filter(([path]) => path.startsWith('institutions/'))
  const bytes = listed.reduce((sum, [, file]) => sum + file.bytes, 0)
  let done = 0
  const step = (more: number): void => {
    signal?.throwIfAborted()
    done += more
    progress('institutions', Math.min(done, bytes), bytes)
  }
  for (const who of manifest.institutions) {
    const log = await checkLog(dump, who, ledger, findings, step)
    logs.set(who.id, log)
    totals.accesses += log.entries
    totals.ownAccesses += log.own
  }
  for (const who of manifest.institutions) {
    totals.reads += await checkReads(dump, who, logs, ledger, findings)
    const results = await checkResults(dump, who, ledger, findings)
    totals.results += results.length
    const slots = await checkSlots(dump, who, { history, objects: manifest.objects, results }, findings, step)
    totals.slots += slots.slots
    totals.leaves += slots.leaves
    totals.objects += slots.objects
    totals.erasedLeaves += slots.erased
  }
}

/** Each institution of the dump is one that the ledger admitted, and stands in it once. */
function checkInstitutions(manifest: Manifest, admitted: readonly InstitutionId[], findings: Findings): void {
  const keys = new Set(manifest.institutions.map(({ key }) => key))
  const ids = new Set(manifest.institutions.map(({ id }) => id))
  const once = keys.size === manifest.institutions.length && ids.size === manifest.institutions.length
  if (!once || !manifest.institutions.every(({ id }) => admitted.includes(id))) {
    findings.add('MANIFEST_WRONG', MANIFEST, 'its institutions are not those of the ledger')
  }
}

function wallClock(): UnixSeconds {
  return quantity<UnixSeconds>(Math.floor(Date.now() / 1000))
}
