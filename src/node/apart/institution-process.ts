/**
 * The program of one institution under `--apart`: does what its parent tells it, and ends when the parent is gone.
 *
 * Laws: nobody but the parent that started it commands it; a Ctrl-C in the terminal is the parent's to handle; whatever
 * goes wrong is logged as class, code and frames, never as text that could quote a value.
 */
import packageJson from '../../../package.json' with { type: 'json' }
import { createLog, errorLine } from '../http/log.ts'
import { answered, isQuestion } from './calls.ts'
import { institutionHost } from './institution-host.ts'

/** How long closing may take before the process ends anyway, milliseconds. */
const CLOSING_LIMIT_MS = 8_000

const log = createLog('info')
const host = institutionHost({ version: packageJson.version, log })
let ending = false

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  setTimeout(() => process.exit(code === 0 ? 1 : code), CLOSING_LIMIT_MS).unref()
  await host.close()
  process.exit(code)
}

process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void end(0))
process.on('disconnect', () => void end(0))
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    log.error({ event, ...errorLine(error) })
    void end(1)
  })
}
process.on('message', (message) => {
  if (!isQuestion(message)) return
  const report = (error: unknown): void => log.error({ verb: message.verb, ...errorLine(error) })
  void answered({ ...host }, message, report).then((answer) => {
    if (process.connected) process.send?.(answer, undefined, undefined, () => undefined)
  })
})
if (process.send === undefined) {
  process.stderr.write('this program is started by islet --apart, not by hand (BAD_USAGE)\n')
  process.exit(2)
}
