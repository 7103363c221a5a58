/**
 * Asking at a terminal: lines with and without echo, Ctrl-C always understood.
 */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { IsletError } from '../../vocabulary/index.ts'
import type { Asker } from './secrets.ts'

/** An asker over this process's terminal; undefined where stdin or stderr is none. */
export function terminalAsker(signal: AbortSignal): Asker | undefined {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined
  const ask = (prompt: string, echo: boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      let muted = false
      const output = new Writable({
        write: (chunk, _, done) => {
          if (!muted) process.stderr.write(chunk)
          done()
        },
      })
      const lines = createInterface({ input: process.stdin, output, terminal: true })
      const stop = (): void => lines.close()
      let answered = false
      lines.once('close', () => {
        signal.removeEventListener('abort', stop)
        if (!answered) reject(new IsletError('INTERRUPTED', 'interrupted'))
      })
      // In raw mode Ctrl-C is a key: it means to this process what it always means.
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      signal.addEventListener('abort', stop, { once: true })
      lines.question(prompt, (answer) => {
        answered = true
        lines.close()
        if (!echo) process.stderr.write('\n')
        resolve(answer)
      })
      muted = !echo
    })
  return {
    secret: (prompt) => ask(prompt, false),
    line: (prompt) => ask(prompt, true),
    tell: (text) => process.stderr.write(text),
  }
}
