import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { int8Bytes } from './block-int8.ts'
import { type Codec, compress, decompress } from './codec.ts'

const CODECS: readonly Codec[] = [{ name: 'float32' }, { name: 'int8' }, { name: 'top-k', share: 0.1 }]
const vector = fc
  .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 600 })
  .map((values) => Float32Array.from(values))

describe.each(CODECS)('$name', (codec) => {
  it('is read as the sender knows it to be read, and what was lost is kept', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const { bytes, decoded, residual } = compress(codec, values)
        // −0 and 0 are one value.
        expect(decompress(codec, bytes, values.length).map((v) => v + 0)).toEqual(decoded.map((v) => v + 0))
        for (const [i, value] of values.entries()) expect(decoded[i]! + residual[i]!).toBeCloseTo(value, 3)
      }),
    )
  })

  it('loses nothing for good: what arrives over many messages is what was sent', () => {
    const values = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i) * 10 ** -(i % 4))
    const arrived = new Float64Array(300)
    let residual: Float32Array | undefined
    const messages = 400
    for (let i = 0; i < messages; i++) {
      const sent = compress(codec, values, residual)
      residual = sent.residual
      sent.decoded.forEach((v, k) => {
        arrived[k] = arrived[k]! + v
      })
    }
    const worst = Math.max(...values.map((v, i) => Math.abs(arrived[i]! / messages - v)))
    expect(worst).toBeLessThan(codec.name === 'top-k' ? 0.08 : 1e-3)
  })

  it.each([
    ['NaN', Number.NaN],
    ['an infinity', Number.POSITIVE_INFINITY],
  ])('%s in it is refused by the receiver', (_, wrong) => {
    const values = Float32Array.from({ length: 300 }, (_, i) => (i === 270 ? wrong : 1))
    const { bytes } = compress(codec, values)
    expect(() => decompress(codec, bytes, 300)).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }))
  })

  it('a vector of another model is refused', () => {
    const { bytes } = compress(codec, new Float32Array(300).fill(1))
    for (const wrong of [bytes.subarray(0, bytes.length - 1), new Uint8Array()]) {
      expect(() => decompress(codec, wrong, 300)).toThrow(expect.objectContaining({ code: 'WRONG_SHAPE' }))
    }
    expect(() => decompress(codec, bytes, 20)).toThrow(expect.objectContaining({ code: 'WRONG_SHAPE' }))
  })
})

it('any bytes are read or refused by code, never more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...CODECS), (bytes, codec) => {
      try {
        expect(decompress(codec, bytes, 12).every(Number.isFinite)).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(WRONG_SHAPE|NOT_FINITE)$/) })
      }
    }),
    { numRuns: 300 },
  )
})

it('a GRU of 48 takes one byte a value and four a block, a tenth of its values less than a quarter of that', () => {
  const values = Float32Array.from({ length: 8364 }, (_, i) => Math.sin(i))
  expect(compress({ name: 'int8' }, values).bytes).toHaveLength(8364 + 4 * 33)
  expect(int8Bytes(8364)).toBe(8496)
  expect(compress({ name: 'top-k', share: 0.1 }, values).bytes.length).toBeLessThan(8496 / 4)
})
