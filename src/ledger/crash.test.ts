import { expect, test } from 'vitest'
import { crashTrial, type Victim } from './testing/crash-trial.ts'

// Five of the hundred of crash.long.test.ts.
const seed = Number(process.env['ISLET_SEED'] ?? Date.now() % 1_000_000)
const trials: readonly { readonly victim: Victim; readonly trial: number }[] = [
  { victim: 'sequencer', trial: 0 },
  { victim: 'executor', trial: 1 },
  { victim: 'sequencer', trial: 2 },
  { victim: 'executor', trial: 3 },
  { victim: 'sequencer', trial: 4 },
]

test.each(trials)(
  `kill -9 of the $victim under load loses nothing acknowledged (trial $trial, ISLET_SEED=${seed})`,
  async ({ victim, trial }) => {
    const afterMs = (seed * (trial + 1) * 7919) % 400
    expect(await crashTrial(victim, afterMs, seed + trial)).toBeGreaterThanOrEqual(0)
  },
)
