import { describe, expect, it } from 'vitest'
import type { IsletError } from '../vocabulary/index.ts'
import { decideOrder, localOf, readStamp } from './stamps.ts'

const at = (iso: string): number => Date.parse(iso) / 1000

describe('reading a date and time', () => {
  it.each([
    ['2024-05-01T08:05:09', '2024-05-01T08:05:09Z', 'Clarity'],
    ['2024-05-01 08:05:09', '2024-05-01T08:05:09Z', 'Clarity with a space'],
    ['2024-05-01 8:05:09', '2024-05-01T08:05:09Z', 'one digit of an hour'],
    ['2024-05-01 08:05', '2024-05-01T08:05:00Z', 'no seconds'],
    ['2024/05/01 08:05:09', '2024-05-01T08:05:09Z', 'CareLink'],
    ['13.05.2024 08:05', '2024-05-13T08:05:00Z', 'dots are day first'],
    ['01.05.2024 08:05:09', '2024-05-01T08:05:09Z', 'dots are day first, also when ambiguous'],
    ['2014:10:01 10:27:49', '2014-10-01T10:27:49Z', 'D1NAMO'],
    ['13-May-2024 20:05', '2024-05-13T20:05:00Z', 'month by name'],
    ['May 13, 2024 8:05 PM', '2024-05-13T20:05:00Z', 'American long form'],
    ['2024-05-01 12:05 AM', '2024-05-01T00:05:00Z', 'midnight'],
    ['2024-05-01 12:05 PM', '2024-05-01T12:05:00Z', 'noon'],
    ['2024-05-01 8:05 a.\u00a0m.', '2024-05-01T08:05:00Z', 'Spanish half day'],
    ['2024-02-29T00:00:00', '2024-02-29T00:00:00Z', 'leap day'],
    ['2024-05-01', '2024-05-01T00:00:00Z', 'date alone'],
  ])('%s', (text, iso) => {
    const stamp = readStamp(text)
    expect(stamp === undefined ? undefined : localOf(stamp, undefined)).toBe(at(iso))
  })

  it.each([
    ['2024-05-01T08:05:09Z', 0],
    ['2024-05-01T08:05:09.000+02:00', 7200],
    ['2026-01-01T10:00:00.000+0100', 3600],
    ['2015-03-26T10:01:58.000-0500', -18_000],
  ])('%s keeps its offset of %i s', (text, offset) => {
    expect(readStamp(text)).toMatchObject({ kind: 'fixed', offset })
  })

  it.each([
    '2023-02-29T00:00:00',
    '2024-13-01 00:00',
    '2024-00-10 00:00',
    '2024-05-01 24:00',
    '2024-05-01 10:61',
    '2024-05-01 13:00 PM',
    '1024-05-01 10:00',
    '9999-05-01 10:00',
    '=2024-05-01',
    '2024-05-01 10:00 extra',
    'yesterday',
    '',
    '99-99-2020 10:00',
  ])('%s is no time', (text) => {
    const stamp = readStamp(text)
    const readings = stamp === undefined ? [] : [localOf(stamp, 'dmy'), localOf(stamp, 'mdy')]
    expect(readings.filter((reading) => reading !== undefined)).toEqual([])
  })
})

describe('order of day and month', () => {
  const decide = (texts: readonly string[], given?: 'dmy' | 'mdy') =>
    decideOrder(
      texts.map((text, index) => [index + 2, readStamp(text)] as const),
      given,
      { file: 'a.csv' },
    )

  it.each([
    [['03-04-2024 10:00', '13-04-2024 10:00'], 'dmy'],
    [['04-03-2024 10:00', '04-13-2024 10:00'], 'mdy'],
    [['05-05-2024 10:00'], undefined],
    [['2024-04-03 10:00'], undefined],
  ])('%j is %s', (texts, order) => {
    expect(decide(texts)).toBe(order)
  })

  it('is refused at the first open line when no day is above 12', () => {
    const refuse = () => decide(['05-05-2024 10:00', '03-04-2024 10:00', '03-04-2024 10:05'])
    expect(refuse).toThrow(
      expect.objectContaining({
        code: 'DATE_ORDER_AMBIGUOUS',
        at: { file: 'a.csv', line: 3, field: 'time' },
        remedy: expect.stringContaining('--date-order'),
      }),
    )
    expect(decide(['03-04-2024 10:00'], 'mdy')).toBe('mdy')
  })

  it('is refused when the dates prove both orders', () => {
    expect(() => decide(['13-04-2024 10:00', '04-13-2024 10:00'])).toThrow(
      expect.objectContaining({ code: 'DATE_ORDER_AMBIGUOUS' }),
    )
  })

  it('given wrongly is refused at the line that disproves it', () => {
    expect(() => decide(['03-04-2024 10:00', '13-04-2024 10:00'], 'mdy')).toThrow(
      expect.objectContaining({ code: 'DATE_ORDER_CONTRADICTED', at: expect.objectContaining({ line: 3 }) }),
    )
  })

  it('a broken date among hundreds does not overturn what the rest proves', () => {
    const texts = Array.from({ length: 100 }, (_, day) => `${13 + (day % 15)}-04-2024 10:00`)
    expect(decide([...texts, '04-31-2024 10:00', '04-28-2024 10:00'])).toBe('dmy')
  })

  it('errors never quote the date', () => {
    try {
      decide(['03-04-2024 10:00'])
    } catch (error) {
      expect(JSON.stringify(error) + (error as IsletError).message).not.toContain('2024')
    }
  })
})
