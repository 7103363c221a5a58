import { expect, test } from 'vitest'
import { crashSite } from './testing/crash-trial.ts'

const seed = Number(process.env['ISLET_SEED'] ?? Date.now() % 1_000_000)
const trials = Number(process.env['ISLET_TRIALS'] ?? 100)

test(`${trials} kills -9 of node and executor under load lose nothing acknowledged (ISLET_SEED=${seed})`, async () => {
  const site = await crashSite()
  let acknowledged = 0
  try {
    for (let trial = 0; trial < trials; trial++) {
      const afterMs = (seed * (trial + 1) * 7919) % 2_500
      const victim = trial % 2 === 0 ? 'node' : 'executor'
      acknowledged += await site.trial(victim, afterMs).catch((error: unknown) => {
        throw new Error(`trial ${trial}: ${victim} killed after ${afterMs} ms`, { cause: error })
      })
    }
  } finally {
    await site.remove()
  }
  console.log(`crash trials: ${trials}, acknowledged: ${acknowledged}, lost: 0`)
  expect(acknowledged).toBeGreaterThan(trials)
})
