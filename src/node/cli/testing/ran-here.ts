/**
 * The command line run inside the test's own process: for what ends by itself, with what it printed at hand.
 *
 * Law: whatever a verb prints with `--json` is one document that fits its published schema; a test that runs it this way
 * has checked that too.
 */
import { Value } from 'typebox/value'
import type { Terminal } from '../outcome.ts'
import { runCommand } from '../program.ts'
import { SCHEMAS } from '../schema.ts'

export interface Ran {
  /** Exit code. */
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line; `signal` is its Ctrl-C. Throws when a document does not fit its schema. */
export async function ranHere(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  let out = ''
  let err = ''
  const terminal: Terminal = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    interactive: false,
    columns: 80,
    colour: false,
  }
  const code = await runCommand(args, terminal, signal, '0.0.0')
  if (args.includes('--json') && !args.includes('--help')) requireDocument(out, `islet ${args.join(' ')}`)
  return { code, out, err }
}

/** The name of the one document on stdout. Throws when there is another thing, or it does not fit its schema. */
export function requireDocument(out: string, what: string): string {
  const document: unknown = JSON.parse(out)
  const name = typeof document === 'object' && document !== null ? Reflect.get(document, 'schema') : undefined
  // A schema that was asked for is a document of JSON Schema itself.
  if (name === undefined && what.includes(' schema ')) return 'schema'
  const schema = typeof name === 'string' ? SCHEMAS[name] : undefined
  if (schema === undefined) throw new Error(`${what}: there is no schema '${String(name)}'`)
  const [fault] = Value.Errors(schema, document)
  if (fault !== undefined) throw new Error(`${what}: ${name} ${fault.instancePath} ${fault.message}`)
  return String(name)
}
