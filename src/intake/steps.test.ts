import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Glucose, HealthRecord } from '../series/index.ts'
import { quantity } from '../vocabulary/index.ts'
import {
  encode,
  inUnit,
  onlyTypes,
  pseudonym,
  relativeTime,
  rounded,
  runSteps,
  shiftedByWeeks,
  withinRange,
  withoutSpikes,
} from './steps.ts'

function glucose(minute: number, value: number, change: Partial<Glucose> = {}): Glucose {
  const at = Date.parse('2024-05-13T08:00:00Z') / 1000 + minute * 60
  return {
    type: 'glucose',
    value,
    unit: 'mg/dL',
    method: 'cgm',
    at: quantity(at),
    local: quantity(at + 7200),
    tick: minute,
    device: 1,
    ...change,
  }
}
const values = (records: readonly HealthRecord[]) =>
  records.map((record) => (record.type === 'glucose' ? record.value : undefined))

describe('steps', () => {
  it('readings outside a range go, textual ones stay', () => {
    const records = [
      glucose(0, 20),
      glucose(5, 39, { text: 'low' }),
      glucose(10, 120),
      glucose(15, 2, { unit: 'mmol/L' }),
    ]
    const { records: left, did } = withinRange(38, 400)(records)
    expect(values(left)).toEqual([39, 120])
    expect(did).toEqual({
      step: 'within-range',
      parameters: { low_mgdl: 38, high_mgdl: 400 },
      before: 4,
      after: 2,
      changed: 0,
    })
  })

  it.each([
    [[120, 250, 122], [120, 122], 'a spike'],
    [[120, 40, 122], [120, 122], 'a dip'],
    [[120, 180, 240], [120, 180, 240], 'a steep rise that goes on'],
    [[120, 125, 121], [120, 125, 121], 'ordinary noise'],
  ])('%j leaves %j', (given, left, _why) => {
    expect(values(withoutSpikes(8)(given.map((value, index) => glucose(index * 5, value))).records)).toEqual(
      left,
    )
  })

  it('a spike is judged only beside neighbours within 15 minutes', () => {
    expect(withoutSpikes(8)([glucose(0, 120), glucose(20, 400), glucose(40, 120)]).records).toHaveLength(3)
  })

  it('units convert there and back, rounding is said', () => {
    const records = [glucose(0, 180)]
    const { records: there, did } = runSteps(records, [inUnit('mmol/L'), rounded(1)])
    expect(values(there)).toEqual([10])
    expect(did.map(({ step, changed }) => [step, changed])).toEqual([
      ['in-unit', 1],
      ['rounded', 1],
    ])
    expect(values(runSteps(records, [inUnit('mmol/L'), inUnit('mg/dL')]).records)[0]).toBeCloseTo(180, 10)
  })

  it('a shift by weeks keeps weekday, clock and intervals, and does not tell the weeks', () => {
    const records = [glucose(0, 100), glucose(5, 110)]
    const { records: moved, did } = shiftedByWeeks(-17)(records)
    expect((records[0]?.at ?? 0) - (moved[0]?.at ?? 0)).toBe(17 * 7 * 86_400)
    expect((moved[1]?.at ?? 0) - (moved[0]?.at ?? 0)).toBe(300)
    expect(JSON.stringify(did)).not.toContain('17')
    expect(() => shiftedByWeeks(1.5)).toThrow(expect.objectContaining({ code: 'SHIFT_NOT_WHOLE' }))
  })

  it('relative time leaves no date, tick, device or note', () => {
    const note: HealthRecord = { type: 'note', text: 'at the lake', at: quantity(0), local: quantity(0) }
    const { records } = relativeTime()([
      glucose(0, 100),
      glucose(24 * 60, 110),
      { ...note, ...{ at: glucose(1, 1).at, local: glucose(1, 1).local } },
    ])
    expect(records).toEqual([
      { type: 'glucose', value: 100, unit: 'mg/dL', method: 'cgm', at: 36_000, local: 36_000 },
      { type: 'glucose', value: 110, unit: 'mg/dL', method: 'cgm', at: 122_400, local: 122_400 },
    ])
  })

  it('the input is never changed and kinds can be chosen', () => {
    const records = Object.freeze([Object.freeze(glucose(0, 100))])
    runSteps(records, [
      inUnit('mmol/L'),
      rounded(1),
      shiftedByWeeks(3),
      relativeTime(),
      withinRange(1, 2),
      withoutSpikes(1),
    ])
    expect(onlyTypes('meal')(records).records).toEqual([])
  })

  it('encoding puts the time of day on a circle and amounts in one unit per kind', () => {
    const meal: HealthRecord = {
      type: 'meal',
      carbs: quantity(45),
      at: quantity(0),
      local: quantity(6 * 3600),
    }
    const { encoded, did } = encode([
      meal,
      glucose(0, 10, { unit: 'mmol/L' }),
      { type: 'device', event: 'alarm', at: quantity(0), local: quantity(0) },
    ])
    expect(encoded[0]).toMatchObject({ day: 0, kind: 2, amount: 45 })
    expect(encoded[0]?.sine).toBeCloseTo(1, 12)
    expect(encoded[1]?.amount).toBeCloseTo(180.1559, 9)
    expect(did).toMatchObject({ before: 3, after: 2 })
  })

  it('pseudonyms of one person in two studies have nothing in common, and need a real key', () => {
    const hmac = (key: Uint8Array, message: Uint8Array) =>
      new Uint8Array(createHmac('sha256', key).update(message).digest())
    const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    expect(pseudonym('4711', one, hmac)).toMatch(/^[0-9a-f]{32}$/)
    expect(pseudonym('4711', one, hmac)).toBe(pseudonym('4711', one, hmac))
    expect(pseudonym('4711', one, hmac)).not.toBe(pseudonym('4711', two, hmac))
    expect(pseudonym('4711', one, hmac)).not.toBe(pseudonym('4712', one, hmac))
    expect(() => pseudonym('4711', new Uint8Array(8), hmac)).toThrow(
      expect.objectContaining({ code: 'KEY_TOO_SHORT' }),
    )
  })
})
