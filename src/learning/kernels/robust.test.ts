import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { squaredDistances, trimmedColumns } from './robust.ts'

/** What a coordinate after the other comes to, without a kernel. */
function trimmedOneByOne(rows: readonly Float32Array[], cut: number): Float32Array {
  return rows[0]!.map((_, i) => {
    const column = Float64Array.from(rows, (row) => row[i]!).sort()
    return (
      column.slice(cut, rows.length - cut).reduce((sum, value) => sum + value, 0) / (rows.length - 2 * cut)
    )
  })
}

function distanceOneByOne(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)
}

const value = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, -1, 1e-45, 3.4e38, -3.4e38),
)
const rowsOf = fc
  .tuple(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 9 }))
  .chain(([n, length]) =>
    fc.array(fc.array(value, { minLength: length, maxLength: length }), { minLength: n, maxLength: n }),
  )
  .map((rows) => rows.map((row) => Float32Array.from(row)))

/** Longer than one pass of the kernel, and no multiple of four. */
const LONG = Array.from({ length: 7 }, (_, s) =>
  Float32Array.from({ length: 4_099 }, (_, i) => Math.sin(i * (s + 1) ** 3)),
)

describe('the kernel of robust rules', () => {
  it('trims every column to the bits of one that is sorted and added up alone', () => {
    fc.assert(
      fc.property(rowsOf, fc.nat(11), (rows, wanted) => {
        const cut = Math.min(wanted, (rows.length - 1) >> 1)
        expect(trimmedColumns(rows, cut)).toEqual(trimmedOneByOne(rows, cut))
      }),
    )
    for (const cut of [0, 2, 3]) expect(trimmedColumns(LONG, cut)).toEqual(trimmedOneByOne(LONG, cut))
  })

  it('cuts away a value that is no number as the largest or the smallest, and loses no other for it', () => {
    const rows = [3, Number.NaN, 1, 2, -7].map((one) => Float32Array.of(one))
    const [mean] = trimmedColumns(rows, 1)
    expect([2, -2 / 3]).toContainEqual(mean)
  })

  it('measures every distance to the bits of one that is added up alone', () => {
    for (const rows of [LONG, LONG.slice(0, 2), LONG.slice(0, 1)]) {
      expect(squaredDistances(rows)).toEqual(
        rows.map((a) => Float64Array.from(rows, (b) => distanceOneByOne(a, b))),
      )
    }
    fc.assert(
      fc.property(rowsOf, (rows) => {
        const found = squaredDistances(rows)
        for (const [i, a] of rows.entries())
          for (const [k, b] of rows.entries()) expect(found[i]![k]).toBe(distanceOneByOne(a, b))
      }),
    )
  })

  it('keeps nothing of the rows before: fewer and shorter ones after many long ones come to the same', () => {
    const rows = [Float32Array.of(1, 5), Float32Array.of(2, 7), Float32Array.of(9, 8)]
    trimmedColumns(LONG, 3)
    expect(trimmedColumns(rows, 1)).toEqual(Float32Array.of(2, 7))
    expect(squaredDistances(rows)[0]).toEqual(Float64Array.of(0, 5, 73))
  })
})
