/** The oracle against finite differences of its own loss, the kernel against the oracle. */
import { describe, expect, it } from 'vitest'
import { gatherInputs } from './gather.ts'
import type { NetworkShape } from './network.ts'
import { oracle } from './oracle.ts'
import { forward } from './passes.ts'
import { network } from './recurrent.ts'
import { engineOf, lossAndGradient } from './step.ts'
import { waves } from './testing/waves.ts'

const CASES = (['gru', 'lstm'] as const).flatMap((cell) =>
  [
    { why: 'path alone', quantiles: [], hypoWeight: 1, features: 4 },
    { why: 'an odd number of features', quantiles: [], hypoWeight: 1, features: 3 },
    { why: 'lows weighted', quantiles: [], hypoWeight: 4, features: 4 },
    { why: 'quantile heads', quantiles: [0.05, 0.25, 0.75, 0.95], hypoWeight: 1, features: 4 },
    { why: 'all together', quantiles: [0.1, 0.5, 0.9], hypoWeight: 3, features: 5 },
  ].map((one) => ({ cell, ...one })),
)
const distance = (a: ArrayLike<number>, b: Float64Array): number => {
  let [off, all] = [0, 0]
  for (const [i, value] of b.entries()) {
    off += (a[i]! - value) ** 2
    all += value ** 2
  }
  return Math.sqrt(off / all)
}

describe.each(CASES)('$cell, $why', ({ cell, quantiles, hypoWeight, features }) => {
  const shape: NetworkShape = { cell, features, hidden: 8, horizon: 12, quantiles }
  const windows = waves(13, 7, shape)
  const parameters = network(shape).initial(5)
  const judge = oracle(shape, parameters, windows, hypoWeight)

  it('the oracle agrees with central finite differences within 1e-6', () => {
    const found: number[] = []
    const expected: number[] = []
    for (let i = 0; i < parameters.length; i += 7) {
      const shifted = (by: number): number => {
        const moved = Float64Array.from(parameters)
        moved[i] = moved[i]! + by
        return oracle(shape, moved, windows, hypoWeight).loss
      }
      found.push((shifted(1e-5) - shifted(-1e-5)) / 2e-5)
      expected.push(judge.gradient[i]!)
    }
    expect(distance(found, Float64Array.from(expected))).toBeLessThan(1e-6)
  })

  it('the kernel agrees with the oracle within 1e-5 over all parameters', () => {
    // A batch of 16 for 13 windows: the columns that are filled up must count for nothing.
    const engine = engineOf(shape, parameters, windows.steps, 16, true)
    const order = Int32Array.from({ length: windows.count }, (_, i) => windows.count - 1 - i)
    gatherInputs(
      engine,
      windows,
      Int32Array.from({ length: 13 }, (_, i) => i),
      0,
      13,
    )
    forward(engine)
    const rows = engine.kernel.floats(engine.plan.outputs, engine.layout.outputs * 16).slice()
    const outputs = judge.outputs.map(
      (_, i) => rows[(i % engine.layout.outputs) * 16 + Math.floor(i / engine.layout.outputs)]!,
    )
    expect(distance(outputs, judge.outputs)).toBeLessThan(1e-5)

    // A full batch first: what it leaves in the columns must not count either.
    const full = waves(16, 7, shape, 3)
    lossAndGradient(
      engine,
      full,
      Int32Array.from({ length: 16 }, (_, i) => i),
      0,
      {
        hypoWeight,
        headOnly: false,
      },
    )
    const loss = lossAndGradient(engine, windows, order, 0, { hypoWeight, headOnly: false })
    expect(Math.abs(loss - judge.loss) / judge.loss).toBeLessThan(1e-5)
    const gradient = engine.kernel.floats(engine.plan.gradient, parameters.length)
    expect(distance(gradient, judge.gradient)).toBeLessThan(1e-5)
  })

  it('the head alone gets the same gradient without the way back', () => {
    const engine = engineOf(shape, parameters, windows.steps, 16, false)
    const order = Int32Array.from({ length: windows.count }, (_, i) => i)
    lossAndGradient(engine, windows, order, 0, { hypoWeight, headOnly: true })
    const from = engine.layout.headWeight
    const gradient = engine.kernel.floats(engine.plan.gradient, parameters.length)
    expect(distance(gradient.subarray(from), judge.gradient.subarray(from))).toBeLessThan(1e-5)
    expect(gradient.subarray(0, from).every((value) => value === 0)).toBe(true)
  })
})
