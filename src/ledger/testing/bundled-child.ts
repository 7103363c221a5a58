/** A program of a test that is killed in a process of its own, as plain JavaScript: bundled from the sources as they are. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))

/** Bundles it inside the repository, where its packages are found; returns the path under a name of this process. */
export async function bundledChild(entry: URL, name: string): Promise<string> {
  const outfile = join(REPOSITORY, 'node_modules', '.cache', 'islet', `${name}-${process.pid}.mjs`)
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    loader: { '.html': 'text', '.css': 'text', '.svg': 'text' },
  })
  return outfile
}
