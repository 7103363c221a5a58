/**
 * The files of the landing page: from the bundle where there is one, else from the sources beside us.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { IsletError } from '../../vocabulary/index.ts'
import { type AppAssets, loadApp } from './app-assets.ts'

export interface PageAssets {
  readonly html: string
  readonly style: string
  readonly script: string
  readonly icon: string
  readonly docsStyle: string
  /** The web app; read when it is first asked for. */
  readonly app: () => Promise<AppAssets>
}

/** Loads the page. Throws `PAGE_MISSING` when neither bundle nor sources hold it. */
export async function loadPage(): Promise<PageAssets> {
  const built = folder('./page/')
  const source = [folder('./'), folder('../src/node/page/')].find((path) => existsSync(`${path}page.ts`))
  const from = existsSync(`${built}page.js`) ? built : source
  if (from === undefined) {
    throw new IsletError(
      'PAGE_MISSING',
      'the landing page is not part of this build',
      {},
      { remedy: 'npm run build' },
    )
  }
  const read = (name: string): Promise<string> => readFile(`${from}${name}`, 'utf8')
  const [html, base, style, docsStyle, icon, script] = await Promise.all([
    read('index.html'),
    read('base.css'),
    read('page.css'),
    read('docs.css'),
    read('icon.svg'),
    from === built ? read('page.js') : bundle(`${from}page.ts`),
  ])
  return {
    html,
    style: base + style,
    docsStyle: base + docsStyle,
    icon,
    script,
    app: once(loadApp),
  }
}

/** The first outcome, for whoever asks; a failure is tried anew. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

function folder(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

async function bundle(entry: string): Promise<string> {
  const { build } = await import('esbuild')
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  })
  return result.outputFiles[0]?.text ?? ''
}
