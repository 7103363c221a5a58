/** What both forms of `islet start` have in common: the story told live, words about the ledger, the end. */
import { playLive } from '../service/live-story.ts'
import { EXIT, type ExitCode } from './outcome.ts'
import { storyLines } from './story-lines.ts'
import type { VerbContext } from './verb.ts'

/** Who keeps the ledger, and what keeps it honest. */
export const LEDGER_WORDS = {
  embedded: [
    'This is a single-operator ledger: one process orders the blocks. What keeps it honest are the signed',
    'heads that each institution holds.',
  ],
  consortium: [
    'This is a consortium’s ledger, whose validators here all run on this one machine: who has the machine has',
    'them all. On hosts of their own no third of their power could stop or rewrite it.',
  ],
} as const

/** Plays the story, with a line for each step, and says how it ended. */
export async function tellLive(
  { terminal, signal, debug }: Pick<VerbContext, 'terminal' | 'signal' | 'debug'>,
  node: Parameters<typeof playLive>[0],
  { cast, person }: Pick<Parameters<typeof playLive>[1], 'cast' | 'person'>,
): Promise<void> {
  const played = await playLive(node, {
    cast,
    person,
    watcher: storyLines(terminal.err, { colour: terminal.interactive, checks: false }),
    signal,
    ...(debug ? { failed: (error: unknown) => terminal.err(`${String(error)}\n`) } : {}),
  })
  if (signal.aborted) return
  const checks = played.steps.flatMap((step) => step.checks)
  const failed = checks.filter((check) => !check.ok).length
  terminal.err(
    failed === 0
      ? `All ${checks.length} checks held (${played.seconds.toFixed(1)} s).\n`
      : `${failed} of ${checks.length} checks FAILED.\n`,
  )
}

/** Waits for whoever stops it. */
export async function untilStopped({ terminal, signal }: VerbContext): Promise<ExitCode> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  terminal.err('stopping\n')
  return ending(signal)
}

/** A person's Ctrl-C is an interruption; a service manager's stop is a regular end. */
export function ending(signal: AbortSignal): ExitCode {
  return signal.reason === 'SIGTERM' ? EXIT.done : EXIT.interrupted
}
