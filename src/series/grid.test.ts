import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LocalSeconds, UnixSeconds } from '../vocabulary/index.ts'
import { quantity } from '../vocabulary/index.ts'
import { GAP_LIMIT_SECONDS, segments } from './gaps.ts'
import { forEachLag, gridOf, gridRuns } from './grid.ts'
import { samplesOf } from './samples.ts'
import { nominalStep } from './step.ts'
import { hasSharedData, sharedTable, sharedTraces } from './testing/shared-data.ts'

const MIDNIGHT = 1_767_571_200
const make = (points: readonly (readonly [minutes: number, value: number])[], offset = 0) =>
  samplesOf(
    points.map(([minutes, value]) => ({
      at: quantity<UnixSeconds>(MIDNIGHT + minutes * 60 - offset),
      local: quantity<LocalSeconds>(MIDNIGHT + minutes * 60),
      value,
    })),
    (point) => point.value,
  )

describe('the grid', () => {
  test('counts from local midnight: the first cell lies one step after it and midnight ends the day', () => {
    const grid = gridOf(
      make(
        [
          [0, 100],
          [5, 110],
          [1440, 90],
          [1445, 95],
        ],
        3600,
      ),
      300,
    )
    expect(Array.from(grid.index)).toEqual([1, 288, 289])
    expect(Array.from(grid.slot)).toEqual([0, 287, 0])
    expect(Array.from(grid.day)).toEqual([20458, 20458, 20459])
    expect(grid.origin).toBe(MIDNIGHT - 3600)
  })

  test.each([
    { gap: 45, cells: 10, why: 'three missed readings of a 15-minute sensor are bridged' },
    { gap: 46, cells: 1, why: 'a longer silence is unknown' },
  ])('a silence of $gap minutes gives $cells cells: $why', ({ gap, cells }) => {
    expect(
      gridOf(
        make([
          [5, 100],
          [5 + gap, 145],
        ]),
        300,
      ).index.length,
    ).toBe(cells)
  })

  test('a cell holds the straight line between its neighbours', () => {
    const grid = gridOf(
      make([
        [3, 100],
        [23, 140],
      ]),
      300,
    )
    expect(Array.from(grid.value)).toEqual([104, 114, 124, 134])
  })

  test('two readings at one instant count as their mean', () => {
    expect(
      Array.from(
        gridOf(
          make([
            [5, 100],
            [5, 120],
          ]),
          300,
        ).value,
      ),
    ).toEqual([110])
  })

  test('a wall clock that jumps ahead neither stretches nor folds the trace, and the cells follow the new clock', () => {
    const before = [60, 65, 70].map((m) => ({ m, local: m, value: 100 }))
    const after = [75, 80].map((m) => ({ m, local: m + 60, value: 100 }))
    const items = [...before, ...after].map(({ m, local, value }) => ({
      at: quantity<UnixSeconds>(MIDNIGHT + m * 60),
      local: quantity<LocalSeconds>(MIDNIGHT + local * 60),
      value,
    }))
    const grid = gridOf(
      samplesOf(items, (item) => item.value),
      300,
    )
    expect(Array.from(grid.index)).toEqual([12, 13, 14, 15, 16])
    expect(Array.from(grid.slot)).toEqual([11, 12, 13, 26, 27])
  })

  test('cells lie inside the values around them, ascend, and carry every run of neighbours', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 39, max: 401 })), {
          maxLength: 80,
        }),
        fc.constantFrom(60, 300, 900),
        (points, step) => {
          const grid = gridOf(make(points), step)
          const values = points.map(([, value]) => value)
          for (const value of grid.value) {
            expect(value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9)
            expect(value).toBeLessThanOrEqual(Math.max(...values) + 1e-9)
          }
          const index = Array.from(grid.index)
          expect(index).toEqual([...new Set(index)].sort((a, b) => a - b))
          const inRuns = gridRuns(grid).reduce((sum, run) => sum + run.end - run.first, 0)
          expect(inRuns).toBe(index.length)
          const present = new Set(index)
          let pairs = 0
          forEachLag(grid, 12, (earlier, later) => {
            expect((grid.index[later] ?? 0) - (grid.index[earlier] ?? 0)).toBe(12)
            pairs++
          })
          expect(pairs).toBe(index.filter((k) => present.has(k - 12)).length)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('the order in which samples arrive changes nothing', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 39, max: 401 })), {
            maxLength: 60,
          })
          .chain((points) =>
            fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })),
          ),
        ([points, shuffled]) => {
          expect(gridOf(make(shuffled), 300)).toEqual(gridOf(make(points), 300))
        },
      ),
    )
  })
})

describe('the gap rule', () => {
  test('segments cover every sample once and are cut exactly where the silence is longer than the limit', () => {
    const samples = make([
      [0, 1],
      [45, 2],
      [91, 3],
      [92, 4],
    ])
    expect(segments(samples)).toEqual([
      { first: 0, end: 2 },
      { first: 2, end: 4 },
    ])
    expect(segments(make([]))).toEqual([])
    expect(GAP_LIMIT_SECONDS).toBe(2700)
  })
})

describe('the nominal step', () => {
  test.each([
    { steps: [5, 5, 5, 60, 5], step: 300, why: 'gaps do not matter' },
    { steps: [15, 15, 0, 15], step: 900, why: 'doubled rows do not matter' },
    { steps: [1, 1, 1, 1], step: 60, why: 'a one-minute sensor' },
    { steps: [240, 300, 180], step: 900, why: 'finger sticks fall to the widest step' },
    { steps: [], step: 300, why: 'one reading tells nothing' },
  ])('is $step s for steps of $steps minutes: $why', ({ steps, step }) => {
    let minute = 10
    const points: [number, number][] = [[minute, 100]]
    for (const wait of steps) {
      minute += wait
      points.push([minute, 100])
    }
    expect(nominalStep(make(points))).toBe(step)
  })
})

test.skipIf(!hasSharedData('iglu-example5'))(
  'real traces fill the days and cells that the reference counts',
  () => {
    const people = sharedTraces('iglu-example5/data.csv')
    for (const row of sharedTable('iglu-example5/expected_grid.csv')) {
      const samples = samplesOf(people.get(row['id'] ?? '') ?? [], (item) => item.value)
      expect(nominalStep(samples) / 60).toBe(Number(row['dt0']))
      const grid = gridOf(samples, 300)
      expect(grid.index.length).toBe(Number(row['nonmissing']))
      const days = (grid.day[grid.day.length - 1] ?? 0) - (grid.day[0] ?? 0) + 1
      expect(days).toBe(Number(row['days']))
      expect(new Date((grid.day[0] ?? 0) * 86_400_000).toISOString().slice(0, 10)).toBe(row['first_day'])
    }
  },
)
