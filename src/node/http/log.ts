/**
 * Structured logs: one line per request with route, status and time; never a body, a query, a path's names or a value.
 *
 * Law: what a caller wrote is not logged, also not inside an error's message: of unexpected errors only the class and the
 * frames of the stack are kept.
 */
import { type DestinationStream, type Logger, pino } from 'pino'
import { isIsletError } from '../../vocabulary/index.ts'

export interface ErrorLine {
  readonly name: string
  readonly code?: string
  readonly frames?: readonly string[]
}

/** An error as it may be logged. */
export function errorLine(error: unknown): ErrorLine {
  if (isIsletError(error)) return { name: 'IsletError', code: error.code }
  if (!(error instanceof Error)) return { name: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const frames = framesOf(error)
  const safe = code !== undefined && /^[A-Z][A-Z0-9_]{0,40}$/.test(code) ? { code } : {}
  return { name: error.constructor.name, ...safe, frames }
}

/** Where it came from: the stack without the message that stands before it, which may hold anything. */
function framesOf(error: Error): readonly string[] {
  const stack = error.stack ?? ''
  const start = stack.indexOf(error.message)
  if (start < 0) return []
  return stack
    .slice(start + error.message.length)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim().replace(/\(?(?:file:\/\/)?\/.*\/(src|dist|node_modules)\//, '($1/'))
}

/** The node's log; whatever a library hands over as request, answer or error is cut down to what may be kept. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { req: () => undefined, res: () => undefined, err: errorLine, error: errorLine },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
