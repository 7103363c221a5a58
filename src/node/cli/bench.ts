/** `islet bench [NAME]`: measures this machine; every time stands beside what it is compared with. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BenchDocument } from '../../api/documents.door.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import { packageRoot } from './package-root.ts'
import type { Action } from './verb.ts'

type Row = BenchDocument['rows'][number]
interface BenchModule {
  readonly bench: (options: {
    readonly quick: boolean
    /** Validators, for the bench that starts some. */
    readonly local?: number
  }) => Promise<readonly Row[]>
}

function isBench(module: unknown): module is BenchModule {
  return (
    typeof module === 'object' && module !== null && 'bench' in module && typeof module.bench === 'function'
  )
}

/** Processor, cores, memory and Node of this machine, for the head of a table. */
export function describeMachine(): string {
  const [first] = cpus()
  const gib = Math.round(totalmem() / 2 ** 30)
  return `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${gib} GiB, Node ${process.version}`
}

function commit(root: string): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim()
  } catch {
    return 'unknown'
  }
}

export const bench: Action = async (context, [name], { local }) => {
  const root = packageRoot()
  const folder = join(root, 'dist', 'benches')
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.js'))
        .map((file) => file.slice(0, -3))
        .sort()
    : []
  const chosen = name === undefined ? names : names.filter((each) => each === name)
  if (chosen.length === 0) throw usage(`there is no bench '${name ?? ''}'`, `one of: ${names.join(', ')}`)
  const rows: Row[] = []
  context.signal.addEventListener('abort', () =>
    context.terminal.err('interrupted: what is being measured ends first; Ctrl-C again ends at once\n'),
  )
  for (const each of chosen) {
    context.terminal.err(`measuring ${each} …\n`)
    const module: unknown = await import(pathToFileURL(join(folder, `${each}.js`)).href)
    if (!isBench(module)) throw usage(`bench '${each}' exports no bench()`, 'export async function bench()')
    const measured = await module.bench({ quick: false, ...(typeof local === 'number' ? { local } : {}) })
    rows.push(...measured)
    if (!context.json) {
      for (const row of measured) {
        const ratio = row.ratio === null ? '' : `  = ${row.ratio.toPrecision(3)} × ${row.against ?? ''}`
        context.terminal.out(
          `${row.name}: ${row.value.toPrecision(4)} ${row.unit}${ratio}  (${row.runs} runs)\n`,
        )
      }
    }
    if (context.signal.aborted) return EXIT.interrupted
  }
  const document: BenchDocument = {
    schema: 'islet.bench/1',
    machine: describeMachine(),
    commit: commit(root),
    rows,
  }
  if (context.json) printDocument(document, context.terminal)
  else context.terminal.out(`${document.machine}; commit ${document.commit}\n`)
  return EXIT.done
}
