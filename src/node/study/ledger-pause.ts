/**
 * Waiting for a ledger that takes nothing: its disk is full, its head stands still, nobody reaches it.
 *
 * Laws: only what says that the ledger is not there is waited for, every other error goes through; work is tried again
 * whole, at growing distances, so it must be such that doing it again does nothing twice; who waits can be told to stop.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { IsletError, isIsletError } from '../../vocabulary/index.ts'

export interface PauseWatcher {
  /** The ledger takes nothing, and why; it is tried again. */
  halted?(because: string): void
  /** It takes something again. */
  resumed?(): void
}

export interface PauseOptions {
  readonly watcher?: PauseWatcher
  readonly signal?: AbortSignal
  /** Seconds that a ledger which takes nothing is waited for; none when left out. */
  readonly patience?: number
}

/** Does work, waiting for the ledger where it takes nothing. */
export type LedgerPause = <T>(work: () => Promise<T>) => Promise<T>

const SECOND = 1_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8_000

/** Why the ledger takes nothing, where an error says so. */
export function haltOf(error: unknown): string | undefined {
  if (!isIsletError(error)) return undefined
  if (error.code === 'LEDGER_HALTED') return String(error.facts['because'] ?? error.code)
  return error.code === 'LEDGER_BUSY' || error.code === 'UNREACHABLE' ? error.code : undefined
}

/**
 * Runs work until the ledger takes it. Throws the ledger's error once patience is at an end, `INTERRUPTED` when told to
 * stop, and what else the work throws.
 */
export function ledgerPause({ watcher = {}, signal, patience = 0 }: PauseOptions): LedgerPause {
  return async (work) => {
    let pause = FIRST_PAUSE_MS
    let waited = 0
    let told: string | undefined
    for (;;) {
      try {
        const done = await work()
        if (told !== undefined) watcher.resumed?.()
        return done
      } catch (error) {
        const because = haltOf(error)
        if (because === undefined || waited >= patience * SECOND) throw error
        if (because !== told) watcher.halted?.(because)
        told = because
      }
      await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => {
        throw interrupted()
      })
      waited += pause
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
    }
  }
}

/** What a run ends with that was told to stop. */
export function interrupted(): IsletError {
  return new IsletError(
    'INTERRUPTED',
    'the run was interrupted; what stands on the ledger stays',
    {},
    { remedy: 'The same command goes on where it stood.' },
  )
}
