/**
 * The files of a dump against its manifest: all there, none more, every byte as it was written.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { institutionPaths, MANIFEST, type Manifest } from './dump-format.ts'
import type { DumpReader } from './dump-reader.ts'
import type { Findings } from './finding.ts'

/** Compares files and manifest; false when something in the dump is no plain file, so that nothing more is read. */
export async function checkFiles(
  dump: DumpReader,
  manifest: Manifest,
  findings: Findings,
  progress: (bytes: number) => void,
): Promise<boolean> {
  const missing = new Set(Object.keys(manifest.files))
  const objectFolders =
    manifest.objects === 'included'
      ? manifest.institutions.map(({ key }) => institutionPaths(key).objects)
      : []
  let plain = true
  for await (const file of dump.files()) {
    if (file.path === MANIFEST) continue
    if (!file.plain) {
      findings.add('FILE_ALTERED', file.path, 'it is a link or a device, not a file')
      plain = false
      continue
    }
    const named = Object.hasOwn(manifest.files, file.path) ? manifest.files[file.path] : undefined
    if (named === undefined) {
      // Objects are named by their hashes and listed in a file of their own.
      if (!objectFolders.some((folder) => file.path.startsWith(`${folder}/`)))
        findings.add('FILE_UNLISTED', file.path)
      continue
    }
    missing.delete(file.path)
    const same = file.bytes === named.bytes && (await sha256(dump.at(file.path))) === named.sha256
    if (!same) findings.add('FILE_ALTERED', file.path)
    progress(file.bytes)
  }
  for (const path of missing) findings.add('FILE_MISSING', path)
  return plain
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
