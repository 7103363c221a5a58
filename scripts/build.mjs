// Bundles src/ into dist/ with esbuild. Safe when two commands start at once: built aside, then renamed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

/** Entry points: the command, and the programs that it starts as processes or threads of their own. */
function entries() {
  const benches = existsSync(join(root, 'benches')) ? readdirSync(join(root, 'benches')) : []
  return {
    islet: 'src/node/main.ts',
    'projection-worker': 'src/node/service/projection-worker.ts',
    'training-worker': 'src/learning/training-worker.ts',
    ...Object.fromEntries(
      benches
        .filter((file) => file.endsWith('.ts'))
        .map((file) => [`benches/${file.slice(0, -3)}`, `benches/${file}`]),
    ),
  }
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (
      /\.(ts|tsx|json|css|html|svg|png|webmanifest)$/.test(entry.name) &&
      !/\.test\.ts$/.test(entry.name)
    )
      yield path
  }
}

function stamp() {
  const hash = createHash('sha256')
  for (const path of [
    ...sources(join(root, 'src')),
    ...(existsSync(join(root, 'benches')) ? sources(join(root, 'benches')) : []),
    join(root, 'package-lock.json'),
    fileURLToPath(import.meta.url),
  ]) {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${relative(root, path)}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

export async function bundle(log = (line) => process.stderr.write(`${line}\n`)) {
  const { build } = await import('esbuild')
  const started = Date.now()
  log('building islet from its sources …')
  const mark = stamp()
  const aside = `${dist}.${process.pid}`
  await build({
    absWorkingDir: root,
    entryPoints: entries(),
    outdir: aside,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    loader: { '.html': 'text', '.css': 'text', '.svg': 'text' },
    sourcemap: 'linked',
    logLevel: 'error',
  })
  // Started ten times at once by --apart: in one file with its packages it starts in a quarter of the time.
  await build({
    absWorkingDir: root,
    entryPoints: { institution: 'src/node/apart/institution-process.ts' },
    outdir: aside,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['tiny-secp256k1', '@foundry-rs/anvil', '@electric-sql/pglite', 'esbuild'],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    legalComments: 'eof',
    logLevel: 'error',
  })
  const page = join(root, 'src/node/page')
  await build({
    absWorkingDir: root,
    entryPoints: { page: join(page, 'page.ts') },
    outdir: join(aside, 'page'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'error',
  })
  for (const file of readdirSync(page).filter((name) => /\.(html|css|svg)$/.test(name))) {
    copyFileSync(join(page, file), join(aside, 'page', file))
  }
  const web = join(root, 'src/web')
  await build({
    ...JSON.parse(readFileSync(join(web, 'bundle.json'), 'utf8')),
    absWorkingDir: root,
    entryPoints: { main: join(web, 'main.tsx'), worker: join(web, 'worker.ts') },
    outdir: join(aside, 'web'),
  })
  const icons = readdirSync(web).filter((name) => name.endsWith('.png'))
  for (const file of ['index.html', 'app.css', 'app.webmanifest', ...icons])
    copyFileSync(join(web, file), join(aside, 'web', file))
  writeFileSync(join(aside, 'stamp'), mark)
  const old = `${dist}.old.${process.pid}`
  if (existsSync(dist)) renameSync(dist, old)
  try {
    renameSync(aside, dist)
  } catch {
    rmSync(aside, { recursive: true, force: true }) // another process was first
  }
  rmSync(old, { recursive: true, force: true })
  log(`built islet in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/**
 * Rebuilds when the sources beside us are newer than the bundle; a release without sources uses its bundle.
 * The bundler runs in a process of its own, so that the command does not carry its memory.
 */
export function bundleIfStale() {
  if (!existsSync(join(root, 'src'))) return
  const mark = join(dist, 'stamp')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp()) return
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(3)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle()
