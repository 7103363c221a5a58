/**
 * What of a dump a browser can check: its manifest, its journal's hashes, and on a consortium what validators signed and what
 * contracts hold. Replaying the ledger takes an engine, and stays with `islet verify`.
 */
export type { CommitTrust } from './check-commits.ts'
export { checkConsensus } from './check-consensus.ts'
export { checkJournal } from './check-journal.ts'
export { HEADS, institutionPaths, JOURNAL, MANIFEST, type Manifest } from './dump-format.ts'
export { Findings } from './finding.ts'
export { readManifest } from './manifest.ts'
