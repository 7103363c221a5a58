/**
 * The files of the web app: from the bundle where there is one, else bundled from the sources beside us.
 *
 * Law: what is served is this list and nothing else of the disk.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildOptions } from 'esbuild'
import { type Bytes, IsletError } from '../../vocabulary/index.ts'

export interface AppAssets {
  readonly html: string
  readonly style: string
  readonly manifest: string
  /** What keeps the files on a device, with their names and version before it. */
  readonly worker: string
  /** The icon in the sizes that phones ask for, by file name. */
  readonly icons: ReadonlyMap<string, Bytes>
  /** Scripts by file name; `main.js` is the first. */
  readonly scripts: ReadonlyMap<string, string>
}

/** Loads the app. Throws `PAGE_MISSING` when neither bundle nor sources hold it. */
export async function loadApp(): Promise<AppAssets> {
  const built = folder('./web/')
  const source = [folder('../../web/'), folder('../src/web/')].find((path) => existsSync(`${path}main.tsx`))
  const from = existsSync(`${built}main.js`) ? built : source
  if (from === undefined) {
    throw new IsletError(
      'PAGE_MISSING',
      'the web app is not part of this build',
      {},
      { remedy: 'npm run build' },
    )
  }
  const [html, style, manifest, icons, all] = await Promise.all([
    readFile(`${from}index.html`, 'utf8'),
    readFile(`${from}app.css`, 'utf8'),
    readFile(`${from}app.webmanifest`, 'utf8'),
    iconsIn(from),
    from === built ? scriptsIn(built) : bundle(from),
  ])
  const scripts = new Map(all)
  const text = scripts.get(WORKER) ?? ''
  scripts.delete(WORKER)
  return { html, style, manifest, icons, worker: workerOver(text, [html, style, manifest], scripts), scripts }
}

const WORKER = 'worker.js'
const PAGES = ['/app', '/app.css', '/app.webmanifest', '/icon.svg', '/app-icon/icon-192.png']

/** The worker with what it keeps: another file or another content is another version. */
function workerOver(text: string, pages: readonly string[], scripts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const part of [...pages, ...[...scripts].flat(), text]) hash.update(`${part.length} ${part}`)
  const files = [...PAGES, ...[...scripts.keys()].map((name) => `/app/${name}`)]
  const version = hash.digest('hex').slice(0, 16)
  return `const ISLET_FILES=${JSON.stringify(files)},ISLET_VERSION=${JSON.stringify(version)};\n${text}`
}

async function iconsIn(path: string): Promise<ReadonlyMap<string, Bytes>> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.png'))
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, new Uint8Array(await readFile(`${path}${name}`))] as const),
    ),
  )
}

async function scriptsIn(path: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.js'))
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(`${path}${name}`, 'utf8')] as const)),
  )
}

function folder(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

/** Bundled as `scripts/build.mjs` does it: the options stand beside the sources. */
async function bundle(from: string): Promise<ReadonlyMap<string, string>> {
  const { build } = await import('esbuild')
  const options: BuildOptions = JSON.parse(await readFile(`${from}bundle.json`, 'utf8'))
  const result = await build({
    ...options,
    // The package’s own folder: paths in the options begin there.
    absWorkingDir: fileURLToPath(new URL('../..', `file://${from}`)),
    entryPoints: { main: `${from}main.tsx`, worker: `${from}worker.ts` },
    outdir: folder('./web/'),
    write: false,
  })
  return new Map((result.outputFiles ?? []).map(({ path, text }) => [basename(path), text]))
}
