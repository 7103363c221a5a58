import { describe, expect, it } from 'vitest'
import { samplesOf } from '../../series/index.ts'
import { IsletError, type LocalSeconds, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { JUMP_RULE, RANGE_RULE } from '../data/outlier-readings.ts'
import type { PersonTrace } from '../data/trace.ts'
import { evaluate } from './evaluate.ts'
import { type Forecaster, federatedRidge, persistence } from './forecasters.ts'
import type { ModelName } from './models.ts'
import { type DivisionOptions, divide, type ProtocolName } from './protocols.ts'
import { thinned } from './thinned.ts'

const START = 1_704_067_200
const CELLS = 320

function person(id: string, level: number, step = 300, cells = CELLS): PersonTrace {
  const items = Array.from({ length: Math.floor((cells * 300) / step) }, (_, i) => {
    const at = START + i * step
    const value = level + 30 * Math.sin(at / 2900) + 9 * Math.sin(at / 1000 + level)
    return { at: quantity<UnixSeconds>(at), local: quantity<LocalSeconds>(at), value }
  })
  return { id, glucose: samplesOf(items, ({ value }) => value) }
}

const PEOPLE = [110, 130, 150, 170].map((level, i) => person(`p${i}`, level))
const options = (protocol: ProtocolName, mode: DivisionOptions['mode'] = 'gridded') =>
  ({ protocol, mode, sites: protocol === 'F' ? 1 : 2, withEvents: false, stride: 1 }) as const

function changedFrom(trace: PersonTrace, instant: number, by: number): PersonTrace {
  const { at, value } = trace.glucose
  return {
    ...trace,
    glucose: { ...trace.glucose, value: value.map((v, i) => (at[i]! > instant ? v + by : v)) },
  }
}

/** Every column of everything inside, as bytes. */
function bytesOf(parts: readonly object[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) =>
      Object.values(part).map((column: unknown) =>
        ArrayBuffer.isView(column)
          ? Buffer.from(column.buffer, column.byteOffset, column.byteLength)
          : typeof column === 'object' && column !== null && !Array.isArray(column)
            ? bytesOf([column])
            : Buffer.from(JSON.stringify(column)),
      ),
    ),
  )
}

const run = (
  traces: readonly PersonTrace[],
  models: readonly ModelName[],
  forecasters: (model: ModelName) => Forecaster,
  more: Partial<Parameters<typeof evaluate>[2]> = {},
) => evaluate(traces, forecasters, { ...options('W'), models, cpuSeconds: () => 0, ...more })

const plain = (model: ModelName): Forecaster => (model === 'ridge' ? federatedRidge : persistence)

describe('the protocols', () => {
  it.each(['gridded', 'online'] as const)('teach nothing of the time to be judged on (%s)', (mode) => {
    const [before] = divide(PEOPLE, options('W', mode)).folds
    const from = Math.min(...before!.test.anchor) - 24 * 300
    const changed = PEOPLE.map((trace) => changedFrom(trace, from, 70))
    const [after] = divide(changed, options('W', mode)).folds
    expect(bytesOf(after!.sites).equals(bytesOf(before!.sites))).toBe(true)
    expect(bytesOf([{ test: after!.test }]).equals(bytesOf([{ test: before!.test }]))).toBe(false)
  })

  it('forecast the same when only what comes after the anchor is changed', async () => {
    const [before] = divide(PEOPLE, options('W', 'online')).folds
    const anchor = before!.test.anchor[20]!
    const [after] = divide(
      PEOPLE.map((trace) => changedFrom(trace, anchor, 70)),
      options('W', 'online'),
    ).folds
    const [a, b] = [await federatedRidge(before!), await federatedRidge(after!)]
    const { horizon } = before!.test
    let compared = 0
    before!.test.anchor.forEach((own, w) => {
      if (own > anchor) return
      compared++
      const row = ({ path }: typeof a): Buffer => bytesOf([[path.subarray(w * horizon, (w + 1) * horizon)]])
      expect(row(b).equals(row(a))).toBe(true)
    })
    expect(compared).toBeGreaterThan(20)
    expect(bytesOf([[b.path]]).equals(bytesOf([[a.path]]))).toBe(false)
  })

  it('hold out every person once, and teach nothing of the one held out', () => {
    const { folds } = divide(PEOPLE, options('subject'))
    expect(folds.flatMap(({ test }) => test.people).sort()).toEqual(['p0', 'p1', 'p2', 'p3'])
    for (const { sites, test, ownTrain } of folds) {
      const taught = sites.flatMap(({ train, validation }) => [...train.people, ...validation.people])
      expect(taught).not.toContain(test.people[0])
      expect(taught.length).toBe(6)
      expect(ownTrain(0).count).toBe(0)
    }
  })

  it('begin the cold start with as many of the last days as asked, three unless said, and say so in the name', async () => {
    const long = [0, 1, 2].map((i) => person(`c${i}`, 110 + 20 * i, 300, 8 * 288))
    const cold = async (coldDays?: number) => {
      const more = coldDays === undefined ? {} : { coldDays }
      const [fold] = divide(long, { ...options('F'), ...more }).folds
      const { data } = await run(long, ['persistence'], plain, { ...options('F'), ...more })
      return { train: fold!.sites[0]!.train, data }
    }
    const [usual, three, one] = [await cold(), await cold(3), await cold(1)]
    // A window needs 36 cells of the days that are kept.
    expect([usual, one].map(({ train }) => train.count)).toEqual([3 * (3 * 288 - 35), 3 * (288 - 35)])
    expect(Math.max(...one.train.anchor)).toBe(Math.max(...usual.train.anchor))
    expect([three.data.sha256, three.data.protocolVersion]).toEqual([
      usual.data.sha256,
      usual.data.protocolVersion,
    ])
    expect(one.data.protocolVersion).toBe(`${usual.data.protocolVersion} days=1`)
    expect(one.data.sha256).not.toBe(usual.data.sha256)
  })

  it('name every rule in the hash, and record what each step took away', async () => {
    const spiked = PEOPLE.map((trace, i) =>
      i > 0
        ? trace
        : {
            ...trace,
            glucose: { ...trace.glucose, value: trace.glucose.value.map((v, k) => (k === 50 ? 900 : v)) },
          },
    )
    const kept = await run(spiked, ['persistence'], plain)
    const dropped = await run(spiked, ['persistence'], plain, { outliers: [RANGE_RULE, JUMP_RULE] })
    expect(kept.data.steps.map(({ step, dropped: n }) => [step, n])).toEqual([
      ['doubled-minutes', 0],
      ['gaps', 0],
      ['grid', 0],
      ['scale', 0],
    ])
    expect(dropped.data.steps.map(({ step, dropped: n }) => [step, n])).toEqual([
      ['doubled-minutes', 0],
      ['range', 1],
      ['jump', 0],
      ['gaps', 0],
      ['grid', 0],
      ['scale', 0],
    ])
    expect(dropped.data.protocolVersion).toContain('outliers=range:20-600,jump:10/min')
    expect(dropped.data.sha256).not.toBe(kept.data.sha256)
  })
})

describe('a fold thinned', () => {
  const [fold] = divide(PEOPLE, options('W')).folds
  const learned = fold!.sites.reduce((sum, { train }) => sum + train.count, 0)

  it('keeps the windows at one distance for all sites, and each judged one at its site', () => {
    const few = thinned(fold!, { learned: learned / 2.5, judged: 40 })
    few.sites.forEach(({ train, validation, equations }, site) => {
      const whole = fold!.sites[site]!
      expect(train.count).toBe(Math.ceil(whole.train.count / 3))
      expect([...train.anchor]).toEqual([...whole.train.anchor].filter((_, row) => row % 3 === 0))
      expect([validation, equations]).toEqual([whole.validation, whole.equations])
    })
    const every = Math.ceil(fold!.test.count / 40)
    expect(few.test.count).toBe(Math.ceil(fold!.test.count / every))
    for (let row = 0; row < few.test.count; row++) {
      expect(few.test.anchor[row]).toBe(fold!.test.anchor[row * every])
      expect(few.testSite[row]).toBe(fold!.testSite[row * every])
    }
  })

  it('is the very fold where it has no more', () => {
    expect(thinned(fold!, { learned, judged: fold!.test.count })).toBe(fold)
  })
})

describe('an evaluation', () => {
  it('leaves out a model that refuses, with what it said, and judges the others', async () => {
    const told: string[] = []
    const { rows, leftOut } = await run(
      PEOPLE,
      ['persistence', 'ridge', 'median', 'pooled', 'local'],
      (model) => {
        if (model === 'median') {
          return async () => {
            throw new IsletError('TOO_FEW_SITES', 'the rule needs more sites')
          }
        }
        if (model === 'pooled') {
          return async (fold) => ({
            ...(await persistence(fold)),
            path: new Float32Array(9).fill(Number.NaN),
          })
        }
        return plain(model)
      },
      { onLeftOut: ({ model }) => told.push(model) },
    )
    expect(rows.map(({ model }) => model)).toEqual(['persistence', 'ridge', 'local'])
    expect(leftOut.map(({ model, code }) => [model, code])).toEqual([
      ['median', 'TOO_FEW_SITES'],
      ['pooled', 'FORECAST_NOT_FINITE'],
    ])
    expect(told).toEqual(['median', 'pooled'])
  })

  it('does not hide a fault of its own behind a row that is missing', async () => {
    const broken = async (): Promise<never> => {
      throw new TypeError('a fault')
    }
    await expect(run(PEOPLE, ['persistence'], () => broken)).rejects.toThrow(TypeError)
  })

  it('takes 15-minute devices, and refuses readings that never lie 30 minutes after another', async () => {
    const quarter = PEOPLE.map((_, i) => person(`q${i}`, 110 + 20 * i, 900))
    const { rows } = await run(quarter, ['persistence', 'ridge'], plain)
    expect(rows.every(({ score }) => score.at30.n > 0 && score.at30.rmse > 0)).toBe(true)
    const forty = PEOPLE.map((_, i) => person(`f${i}`, 110 + 20 * i, 2400))
    await expect(run(forty, ['persistence'], plain)).rejects.toMatchObject({ code: 'NOTHING_TO_JUDGE' })
  })

  it('judges one person at one site, and refuses more sites than people', async () => {
    const alone = await run(PEOPLE.slice(0, 1), ['persistence', 'ridge'], plain, { sites: 1 })
    expect(alone.rows.map(({ spread }) => [spread.gini, spread.jain])).toEqual([
      [0, 1],
      [0, 1],
    ])
    await expect(run(PEOPLE, ['persistence'], plain, { sites: 5 })).rejects.toMatchObject({
      code: 'TOO_FEW_PEOPLE',
    })
    await expect(
      run(PEOPLE.slice(0, 1), ['persistence'], plain, { protocol: 'subject', sites: 1 }),
    ).rejects.toMatchObject({ code: 'TOO_FEW_PEOPLE' })
  })
})
