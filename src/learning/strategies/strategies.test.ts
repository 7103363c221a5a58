import { describe, expect, it } from 'vitest'
import { runRounds } from '../rounds/run-rounds.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { type ServerMemory, type Strategy, serverStep } from './strategy.ts'
import { correction, nextVariate } from './variate.ts'

const PLAIN = {
  up: { name: 'float32' },
  down: { name: 'float32' },
  rule: { name: 'mean' },
  quorum: 2,
} as const

describe('known answers, worked by hand from the papers’ equations', () => {
  it('FedAvg: one round moves to the mean of the sites’ parameters, weighted by examples (McMahan, algorithm 1)', async () => {
    // Each site: y = x − 0.5(x − target) from 0: 1 and 4; examples 100 and 200.
    const sites = [
      quadraticSite('a', [2], { rate: 0.5, examples: 100 }),
      quadraticSite('b', [8], { rate: 0.5, examples: 200 }),
    ]
    const { parameters } = await runRounds({
      sites,
      initial: new Float32Array(1),
      plan: { ...PLAIN, rounds: 1 },
    })
    expect(parameters[0]).toBeCloseTo((1 * 100 + 4 * 200) / 300, 6)
  })

  it('a site that claims any number of examples counts at most as the plan’s cap allows', async () => {
    const sites = ['a', 'b', 'c'].map((id) =>
      quadraticSite(id, [id === 'c' ? 30 : 0], { rate: 1, examples: id === 'c' ? 1e9 : 100 }),
    )
    const { parameters } = await runRounds({
      sites,
      initial: new Float32Array(1),
      plan: { ...PLAIN, rounds: 1, weightCap: 2 },
    })
    expect(parameters[0]).toBeCloseTo((200 * 30) / 400, 5)
  })

  it('FedAvgM: the server’s momentum is βv + Δ (Hsu, Qi, Brown)', () => {
    const strategy: Strategy = { name: 'fedavg', momentum: 0.5 }
    const first = serverStep(strategy, {}, Float32Array.of(2))
    const second = serverStep(strategy, first.memory, Float32Array.of(4))
    expect([first.step[0], second.step[0]]).toEqual([2, 5])
  })

  it('FedProx: local steps are pulled towards the start by μ (Li, equation 2)', async () => {
    // Two steps at rate 0.5, μ = 1, target 4, from 0: y₁ = 2; y₂ = 2 − 0.5(2 − 4 + 1·2) = 2; without the pull 3.
    const sites = ['a', 'b'].map((id) => quadraticSite(id, [4], { rate: 0.5, steps: 2 }))
    const run = (strategy: Strategy) =>
      runRounds({ sites, initial: new Float32Array(1), plan: { ...PLAIN, rounds: 1, strategy } })
    expect((await run({ name: 'fedprox', mu: 1 })).parameters[0]).toBeCloseTo(2, 6)
    expect((await run({ name: 'fedavg' })).parameters[0]).toBeCloseTo(3, 6)
  })

  it('FedAdam: m, v and step as Reddi’s algorithm 2', () => {
    const strategy: Strategy = { name: 'fedadam', rate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.5 }
    let memory: ServerMemory = {}
    const steps: number[] = []
    for (const delta of [1, -2]) {
      const next = serverStep(strategy, memory, Float32Array.of(delta))
      memory = next.memory
      steps.push(next.step[0]!)
    }
    // m₁ = 0.1, v₁ = 0.99·0.25 + 0.01·1; m₂ = 0.09 − 0.2, v₂ = 0.99·v₁ + 0.01·4.
    expect(steps[0]).toBeCloseTo((0.1 * 0.1) / (Math.sqrt(0.2575) + 0.5), 6)
    expect(steps[1]).toBeCloseTo((0.1 * -0.11) / (Math.sqrt(0.99 * 0.2575 + 0.04) + 0.5), 6)
  })

  it('SCAFFOLD: variates and correction as Karimireddy’s algorithm 1, option II', async () => {
    expect(correction(Float32Array.of(3), Float32Array.of(1))).toEqual(Float32Array.of(2))
    // c⁺ = cᵢ − c + (x − y)/(Kη) = 1 − 3 + 4/(2·0.5).
    expect(nextVariate(Float32Array.of(1), Float32Array.of(3), Float32Array.of(-4), 2, 0.5)).toEqual(
      Float32Array.of(2),
    )
    // All of both sites: c moves by the mean change.
    const { memory } = serverStep({ name: 'scaffold' }, { variate: Float32Array.of(1) }, Float32Array.of(0), {
      change: Float32Array.of(6),
      share: 0.5,
    })
    expect(memory.variate).toEqual(Float32Array.of(4))
  })
})

it('SCAFFOLD takes the drift away that FedAvg keeps when sites take unlike numbers of steps', async () => {
  // Optimum of the mean loss of two quadratics: 5. With 1 and 20 local steps FedAvg leans to the site of many steps.
  const sites = [
    quadraticSite('a', [0], { rate: 0.1, steps: 1 }),
    quadraticSite('b', [10], { rate: 0.1, steps: 20 }),
  ]
  const run = async (strategy: Strategy) =>
    (await runRounds({ sites, initial: new Float32Array(1), plan: { ...PLAIN, rounds: 300, strategy } }))
      .parameters[0]!
  const [plain, corrected] = [await run({ name: 'fedavg' }), await run({ name: 'scaffold' })]
  expect(Math.abs(plain - 5)).toBeGreaterThan(2)
  expect(Math.abs(corrected - 5)).toBeLessThan(0.1)
})
