/**
 * The `islet` process: checks Node's version, runs the command line, turns Ctrl-C into an orderly end.
 */
import { setFlagsFromString } from 'node:v8'
import packageJson from '../../package.json' with { type: 'json' }
import { EXIT, processTerminal } from './cli/outcome.ts'
import { runCommand } from './cli/program.ts'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`islet needs Node 20.19 or later; this is ${process.version} (NODE_TOO_OLD)\n`)
  process.exit(EXIT.machine)
}

// A process that mostly trains allocates little: V8 takes it for an idle one and, now and then for good, collects the
// whole heap at every third more. Three times what lives is less than it allows a busy one.
setFlagsFromString('--heap-growing-percent=200')

const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (interruption.signal.aborted) process.exit(EXIT.interrupted)
    // Which signal it was tells a service manager's stop from a person's Ctrl-C.
    interruption.abort(name)
  })
}
// A reader that closes early (`islet read … | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.machine)
})

process.exitCode = await runCommand(
  process.argv.slice(2),
  processTerminal(),
  interruption.signal,
  packageJson.version,
)
