import { expect, it } from 'vitest'
import { nodeMaskSuite } from '../node-mask-suite.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { runRounds } from './run-rounds.ts'

it('ten sites with targets around one point reach that point', async () => {
  const sites = Array.from({ length: 10 }, (_, i) =>
    quadraticSite(`s${i}`, [1 + (i - 4.5) / 100, -2, 3], { rate: 0.5 }),
  )
  const run = await runRounds({ sites, initial: new Float32Array(3), plan: { rounds: 30, evaluate: true } })
  expect(run.reports).toHaveLength(30)
  for (const [i, wanted] of [1, -2, 3].entries()) expect(run.parameters[i]).toBeCloseTo(wanted, 1)
})

it('ten sites under masks reach it too', async () => {
  const sites = Array.from({ length: 10 }, (_, i) =>
    quadraticSite(`s${i}`, [1 + (i - 4.5) / 100, -2, 3], { rate: 0.5 }),
  )
  const run = await runRounds({
    sites,
    initial: new Float32Array(3),
    suite: nodeMaskSuite,
    plan: { mode: 'masked', rounds: 30, evaluate: true },
  })
  expect(run.reports).toHaveLength(30)
  for (const [i, wanted] of [1, -2, 3].entries()) expect(run.parameters[i]).toBeCloseTo(wanted, 1)
})
