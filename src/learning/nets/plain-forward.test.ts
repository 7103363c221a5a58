/** The forward pass without a kernel says what the kernel says, and refuses what it refuses. */
import { describe, expect, it } from 'vitest'
import type { NetworkShape } from './network.ts'
import { parameterCount, plainPath } from './plain-forward.ts'
import { network } from './recurrent.ts'
import { waves } from './testing/waves.ts'

const GRU: NetworkShape = { cell: 'gru', features: 4, hidden: 24, horizon: 12, quantiles: [] }

describe.each([
  { why: 'as studies train it', shape: GRU },
  { why: 'with quantile heads beside the path', shape: { ...GRU, hidden: 8, quantiles: [0.1, 0.9] } },
  { why: 'the other cell', shape: { ...GRU, cell: 'lstm', hidden: 8 } as const },
])('$shape.cell, $why', ({ shape }) => {
  const windows = waves(70, 24, shape)
  const net = network(shape)
  // Four times the first draw: gates near their ends, forecasts that differ.
  const parameters = net.initial(3).map((value) => 4 * value)

  it('forecasts what the kernel forecasts, within 0.01 mg/dL', () => {
    const [plain, kernel] = [plainPath(shape, parameters, windows), net.predict(parameters, windows).path]
    expect(plain).toHaveLength(kernel.length)
    expect(Math.max(...kernel.map((value, i) => Math.abs(value - plain[i]!)))).toBeLessThan(0.01)
    expect(new Set(kernel.map(Math.round)).size).toBeGreaterThan(50)
  })

  it('refuses parameters of another shape', () => {
    expect(parameterCount(shape)).toBe(parameters.length)
    expect(() => plainPath(shape, parameters.subarray(1), windows)).toThrow(
      expect.objectContaining({ code: 'PARAMETERS_UNFIT' }),
    )
  })
})
