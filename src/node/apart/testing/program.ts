/**
 * The program of an institution process, bundled for a test: from the sources as they are now, in a folder of its own.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { packageRoot } from '../../cli/package-root.ts'

export interface TestProgram {
  readonly path: string
  readonly remove: () => Promise<void>
}

export async function testProgram(): Promise<TestProgram> {
  const root = packageRoot()
  const cache = join(root, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'islet-institution-'))
  await build({
    absWorkingDir: root,
    entryPoints: { institution: 'src/node/apart/institution-process.ts' },
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['tiny-secp256k1', '@foundry-rs/anvil', '@electric-sql/pglite', 'esbuild'],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    logLevel: 'error',
  })
  return {
    path: join(folder, 'institution.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
