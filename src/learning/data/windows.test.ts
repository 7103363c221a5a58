import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samplesOf } from '../../series/index.ts'
import { hasSharedData, sharedTraces } from '../../series/testing/shared-data.ts'
import { type LocalSeconds, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { cohortOf, partOf, sitesOf } from './cohort.ts'
import { CONTEXT_STEPS, type ContextMode, cutWindows, HORIZON_STEPS } from './cut-windows.ts'
import { dataHash } from './data-hash.ts'
import { joinWindows } from './join-windows.ts'
import { latestWindow } from './latest-window.ts'
import { PARTS, partsOf, wholeOf } from './parts.ts'
import { runsOf } from './runs.ts'
import { rowsOf, selectWindows } from './select-windows.ts'
import { type PersonTrace, withoutDoubledMinutes } from './trace.ts'
import type { Windows } from './windows.ts'

const START = 1_704_067_200

/** A trace from gaps in seconds before each reading and the readings. */
function traceOf(id: string, gaps: readonly number[], values: readonly number[]): PersonTrace {
  let at = START
  const items = values.map((value, i) => {
    at += i === 0 ? 0 : (gaps[i] ?? 300)
    return { at: quantity<UnixSeconds>(at), local: quantity<LocalSeconds>(at + 3600), value }
  })
  return { id, glucose: samplesOf(items, ({ value }) => value) }
}

const steady = (
  id: string,
  n: number,
  value = (i: number): number => 120 + 30 * Math.sin(i / 9),
): PersonTrace =>
  traceOf(
    id,
    [],
    Array.from({ length: n }, (_, i) => value(i)),
  )

function windowsOf(trace: PersonTrace, mode: ContextMode, stride = 1): Windows {
  const stretches = wholeOf(runsOf(trace.glucose))
  return cutWindows([{ trace, stretches }], { stride, mode, withEvents: true })
}

const anyTrace = fc
  .array(
    fc.record({
      gap: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 240, max: 960 }) },
        fc.integer({ min: 60, max: 6000 }),
      ),
      value: fc.integer({ min: 40, max: 400 }),
    }),
    { minLength: 45, maxLength: 120 },
  )
  .map((items) =>
    traceOf(
      'p',
      items.map(({ gap }) => gap),
      items.map(({ value }) => value),
    ),
  )

describe('runs and windows', () => {
  it('keeps the first reading of a minute that occurs twice', () => {
    const trace = traceOf('p', [0, 20, 300], [100, 101, 102])
    expect([...withoutDoubledMinutes(trace.glucose).value]).toEqual([100, 102])
  })

  it('ends a run where nothing came for more than 45 minutes, and not at 45', () => {
    const values = Array.from({ length: 80 }, (_, i) => 100 + i)
    const at45 = runsOf(
      traceOf(
        'p',
        values.map((_, i) => (i === 40 ? 2700 : 300)),
        values,
      ).glucose,
    )
    const over = runsOf(
      traceOf(
        'p',
        values.map((_, i) => (i === 40 ? 2701 : 300)),
        values,
      ).glucose,
    )
    expect(at45.length).toBe(1)
    expect(over.map(({ at }) => at.length)).toEqual([40, 40])
  })

  it('draws the line inside a gap and scores only real readings', () => {
    const values = Array.from({ length: 40 }, () => 100)
    values[36] = 160
    const [run] = runsOf(
      traceOf(
        'p',
        values.map((_, i) => (i === 36 ? 1800 : 300)),
        values,
      ).glucose,
    )
    expect([...run!.value.subarray(35, 42)]).toEqual([100, 110, 120, 130, 140, 150, 160])
    expect([...run!.real.subarray(35, 42)]).toEqual([1, 0, 0, 0, 0, 0, 1])
  })

  it('takes 15-minute devices: every third cell is real, and only windows anchored there are scored', () => {
    const trace = traceOf(
      'p',
      Array.from({ length: 60 }, () => 900),
      Array.from({ length: 60 }, (_, i) => 90 + i),
    )
    const [run] = runsOf(trace.glucose)
    expect([...run!.real.subarray(0, 7)]).toEqual([1, 0, 0, 1, 0, 0, 1])
    const windows = windowsOf(trace, 'gridded')
    const scored = (w: number): number[] => [
      ...windows.scored.subarray(w * HORIZON_STEPS, (w + 1) * HORIZON_STEPS),
    ]
    // Anchor at cell 23: not real. Anchor at cell 24: real, and so are its targets every 15 minutes.
    expect(scored(0)).toEqual(Array(HORIZON_STEPS).fill(0))
    expect(scored(1)).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1])
  })

  it('never lets a window cross a run or a part', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const runs = runsOf(trace.glucose)
        const parts = partsOf(runs)
        const cells = PARTS.map((part) => parts[part].reduce((n, { first, end }) => n + end - first, 0))
        expect(cells.reduce((a, b) => a + b, 0)).toBe(runs.reduce((n, { at }) => n + at.length, 0))
        for (const part of PARTS) {
          const cut = (mode: ContextMode): Windows =>
            cutWindows([{ trace, stretches: parts[part] }], { stride: 1, mode, withEvents: false })
          for (const anchor of [...cut('gridded').anchor, ...cut('online').anchor]) {
            const inside = parts[part].some(
              ({ run, first, end }) =>
                anchor - (CONTEXT_STEPS - 1) * 300 >= run.at[first]! &&
                anchor + HORIZON_STEPS * 300 <= run.at[end - 1]!,
            )
            expect(inside).toBe(true)
          }
        }
      }),
    )
  })

  it('lets nothing after the anchor into online inputs, not even through the end of a gap', () => {
    fc.assert(
      fc.property(
        anyTrace,
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 1, max: 80 }),
        (trace, pick, by) => {
          const before = windowsOf(trace, 'online')
          if (before.count === 0) return
          const anchor = before.anchor[pick % before.count]!
          const { at, value } = trace.glucose
          const later = value.map((v, i) => (at[i]! > anchor ? v + by : v))
          const events = { at: Float64Array.of(anchor + 1), amount: Float64Array.of(7) }
          const changed = {
            ...trace,
            glucose: { ...trace.glucose, value: later },
            boluses: events,
            meals: events,
          }
          const after = windowsOf(changed, 'online')
          const width = CONTEXT_STEPS * before.features
          for (let w = 0; w < before.count; w++) {
            if (before.anchor[w]! > anchor) continue
            for (let i = w * width; i < (w + 1) * width; i++) {
              if (after.inputs[i] !== before.inputs[i]) expect.fail(`input ${i} knows what came later`)
            }
            expect(after.last[w]).toBe(before.last[w])
          }
        },
      ),
    )
  })

  it('anchors online windows at readings as they were measured, however the sensor’s clock wanders', () => {
    // 299 and 302 seconds apart: on a grid nearly every cell falls between two readings.
    const values = Array.from({ length: 90 }, (_, i) => 100 + i)
    const trace = traceOf(
      'p',
      values.map((_, i) => (i % 2 === 0 ? 299 : 302)),
      values,
    )
    const { at, value } = trace.glucose
    const windows = windowsOf(trace, 'online')
    const end = at[0]! + 300 * Math.floor((at.at(-1)! - at[0]!) / 300)
    expect(windows.count).toBe(at.filter((t) => t - at[0]! >= 23 * 300 && end - t >= 3600).length)
    windows.anchor.forEach((anchor, w) => {
      expect(windows.last[w]).toBe(value[at.indexOf(anchor)])
    })
  })

  it('asks a model about now through the window that it learned from', () => {
    fc.assert(
      fc.property(anyTrace, fc.integer({ min: 0, max: 1000 }), (trace, pick) => {
        const windows = windowsOf(trace, 'online')
        if (windows.count === 0) return
        const w = pick % windows.count
        const until = trace.glucose.at.indexOf(windows.anchor[w]!) + 1
        const past = (column: Float64Array): Float64Array => column.slice(0, until)
        const { at, local, value } = trace.glucose
        const glucose = { at: past(at), local: past(local), value: past(value) }
        const now = latestWindow({ ...trace, glucose }, true)
        const width = CONTEXT_STEPS * windows.features
        for (let i = 0; i < width; i++) {
          if (now.inputs[i] !== windows.inputs[w * width + i]) expect.fail(`input ${i} differs`)
        }
        expect([now.last[0], now.anchor[0]]).toEqual([windows.last[w], windows.anchor[w]])
      }),
    )
  })

  it('says nothing about now without two unbroken hours before it', () => {
    const short = steady('p', 23)
    const broken = traceOf(
      'p',
      Array.from({ length: 60 }, (_, i) => (i === 50 ? 2701 : 300)),
      Array.from({ length: 60 }, (_, i) => 90 + i),
    )
    for (const trace of [short, broken, { id: 'none', glucose: samplesOf([], () => 0) }]) {
      expect(() => latestWindow(trace, false)).toThrow(expect.objectContaining({ code: 'CONTEXT_TOO_SHORT' }))
    }
    expect(latestWindow(steady('p', 24), false).count).toBe(1)
  })

  it('lets the reading after a gap into gridded inputs of that gap alone', () => {
    const values = Array.from({ length: 60 }, (_, i) => 100 + i)
    const gaps = values.map((_, i) => (i === 30 ? 1800 : 300))
    const change = (i: number): Windows =>
      windowsOf(
        traceOf(
          'p',
          gaps,
          values.map((v, k) => (k === i ? v + 50 : v)),
        ),
        'gridded',
      )
    const plain = windowsOf(traceOf('p', gaps, values), 'gridded')
    const differs = (a: Windows, w: number): boolean => {
      const width = CONTEXT_STEPS * a.features
      return a.inputs.subarray(w * width, (w + 1) * width).some((x, k) => x !== plain.inputs[w * width + k])
    }
    const ending = change(30)
    // Reading 29 lies on cell 29, reading 30 on cell 35: anchors 30–34 lie in the gap.
    const touched = [...plain.anchor.keys()]
      .filter((w) => differs(ending, w))
      .map((w) => w + CONTEXT_STEPS - 1)
    expect(Math.min(...touched)).toBe(30)
    const later = change(31)
    expect(Math.min(...[...plain.anchor.keys()].filter((w) => differs(later, w)))).toBe(
      36 - CONTEXT_STEPS + 1,
    )
  })

  it('counts a bolus and a meal on board only from when they were taken', () => {
    const events = { at: Float64Array.of(START + 40 * 300), amount: Float64Array.of(5) }
    const windows = windowsOf({ ...steady('p', 70), boluses: events, meals: events }, 'online')
    const insulinAt = (cell: number): number => {
      const w = cell - CONTEXT_STEPS + 1
      return windows.inputs[(w * CONTEXT_STEPS + CONTEXT_STEPS - 1) * windows.features + 4]!
    }
    expect(insulinAt(39)).toBe(0)
    expect(insulinAt(40)).toBe(1)
    expect(insulinAt(52)).toBeLessThan(1)
    expect(insulinAt(52)).toBeGreaterThan(0.6)
  })
})

describe('the cohort', () => {
  it('counts everybody it leaves out, with the reason', () => {
    const nobody = { id: 'empty', glucose: samplesOf([], () => 0) }
    const flat = steady('flat', 400, () => 100)
    const torn = traceOf(
      'torn',
      Array.from({ length: 60 }, () => 3600),
      Array.from({ length: 60 }, (_, i) => 90 + i),
    )
    const { members, excluded } = cohortOf([steady('a', 400), nobody, flat, torn, steady('short', 60)])
    expect(members.map(({ trace }) => trace.id)).toEqual(['a'])
    expect(excluded).toEqual({ NO_READINGS: 1, CONSTANT_TRACE: 1, NO_RUN: 1, NO_WINDOW: 1 })
    expect(() => cohortOf([nobody, flat])).toThrow(expect.objectContaining({ code: 'NO_PEOPLE' }))
  })

  it('cuts sites by mean glucose, so that every site lies above the one before', () => {
    const people = [150, 90, 210, 120, 180].map((level, i) => steady(`p${i}`, 400, (k) => level + (k % 7)))
    const sites = sitesOf(cohortOf(people).members, 2)
    expect(sites.map((site) => site.map(({ trace }) => trace.id))).toEqual([
      ['p1', 'p3', 'p0'],
      ['p4', 'p2'],
    ])
    expect(() => sitesOf(cohortOf(people).members, 6)).toThrow(
      expect.objectContaining({ code: 'TOO_FEW_PEOPLE', remedy: expect.stringContaining('--sites 5') }),
    )
  })

  it('has one hash for one set of data and protocol, whatever the order of the people', () => {
    const [a, b] = [steady('a', 50), steady('b', 60)]
    const hash = dataHash([a, b], 'one')
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(dataHash([b, a], 'one')).toBe(hash)
    expect(dataHash([a, b], 'two')).not.toBe(hash)
    expect(dataHash([a, { ...b, id: 'c' }], 'one')).not.toBe(hash)
    expect(dataHash([a, steady('b', 61)], 'one')).not.toBe(hash)
    const nudged = {
      ...b,
      glucose: { ...b.glucose, value: b.glucose.value.map((v, i) => (i === 9 ? v + 1e-9 : v)) },
    }
    expect(dataHash([a, nudged], 'one')).not.toBe(hash)
  })

  it('selects and joins windows without changing them', () => {
    const windows = windowsOf(steady('p', 60), 'gridded')
    const rows = Int32Array.of(0, 1, 2, 3)
    const joined = joinWindows([selectWindows(windows, rows), selectWindows(windows, Int32Array.of(4, 5))])
    expect(joined.inputs).toEqual(windows.inputs.subarray(0, joined.inputs.length))
    expect([...joined.person]).toEqual([0, 0, 0, 0, 1, 1])
    expect([...rowsOf(joined, (person) => person === 1)]).toEqual([4, 5])
  })

  it('cuts the real sets into the windows that the published figures stand on', () => {
    if (!hasSharedData('dubosson') || !hasSharedData('iglu-example5')) return
    const counts = ['dubosson/dubosson.csv', 'iglu-example5/data.csv'].map((path) => {
      const traces = [...sharedTraces(path)].map(([id, readings]) => ({
        id,
        glucose: samplesOf(readings, ({ value }) => value),
      }))
      const { members } = cohortOf(traces)
      const cut = (part: (typeof PARTS)[number]): number =>
        cutWindows(partOf(members, part), { stride: 1, mode: 'gridded', withEvents: false }).count
      return [members.length, ...PARTS.map(cut)]
    })
    expect(counts).toEqual([
      [7, 5147, 917, 921],
      [5, 9200, 1869, 1907],
    ])
  })
})
