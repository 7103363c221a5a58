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
  /** Lines that were pasted beyond the one that was asked for: answers to what is asked next. */
  const ahead: string[] = []
  const ask = (prompt: string, echo: boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const waiting = ahead.shift()
      if (waiting !== undefined) {
        process.stderr.write(`${prompt}${echo ? waiting : ''}\n`)
        resolve(waiting)
        return
      }
      let muted = false
      const output = new Writable({
        write: (chunk, _, done) => {
          if (!muted) process.stderr.write(chunk)
          done()
        },
      })
      const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 })
      const stop = (): void => lines.close()
      let answer: string | undefined
      lines.once('close', () => {
        signal.removeEventListener('abort', stop)
        // Muted, the line end that was typed was not shown; broken off, there was none.
        if (answer === undefined || !echo) process.stderr.write('\n')
        if (answer === undefined) reject(new IsletError('INTERRUPTED', 'interrupted'))
        else resolve(answer)
      })
      // In raw mode Ctrl-C is a key: it means to this process what it always means.
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      signal.addEventListener('abort', stop, { once: true })
      lines.on('line', (line) => {
        if (answer === undefined) {
          answer = line
          muted = true
          // What was pasted with it arrives in the same turn.
          setImmediate(stop)
        } else ahead.push(line)
      })
      lines.setPrompt(prompt)
      lines.prompt()
      muted = !echo
    })
  return {
    secret: (prompt) => ask(prompt, false),
    line: (prompt) => ask(prompt, true),
    tell: (text) => process.stderr.write(text),
  }
}
