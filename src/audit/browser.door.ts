/** What of a dump a browser can read: its manifest. Replaying the ledger takes an engine, and stays with `islet verify`. */
export { HEADS, institutionPaths, MANIFEST, type Manifest } from './dump-format.ts'
export { readManifest } from './manifest.ts'
