/** The process that log-crash.test.ts kills: appends entries in small groups, prints the last acknowledged index. */
import { utf8 } from '../vocabulary/index.ts'
import { openAccessLog } from './log.door.ts'
import { logSigner, noteVerifier, ORIGIN } from './log.suite.ts'

async function main(directory: string): Promise<void> {
  const log = await openAccessLog(directory, { origin: ORIGIN, signer: logSigner, verifier: noteVerifier })
  for (let next = log.size; ; ) {
    const count = 1 + (next % 13)
    const group = Array.from({ length: count }, (_, i) => log.appendEntries([utf8(`entry ${next + i}`)]))
    if (next % 50 < 10) group.push(log.checkpoint().then(() => []))
    await Promise.all(group)
    next += count
    process.stdout.write(`${next - 1}\n`)
  }
}

const [directory] = process.argv.slice(2)
if (directory !== undefined) await main(directory)
