/** Days follow each other without a gap, also where the clock is changed; dates of the changes: IANA time zones, 2026. */
import { afterAll, describe, expect, test } from 'vitest'
import { localDays } from './local-days.ts'

const before = process.env['TZ']
afterAll(() => {
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
})

describe.each([
  { zone: 'Europe/Berlin', day: 'Sun 29 Mar', noonAfter: '2026-03-30T10:00:00Z', hours: 23 },
  { zone: 'Europe/Berlin', day: 'Sun 25 Oct', noonAfter: '2026-10-26T11:00:00Z', hours: 25 },
  { zone: 'America/New_York', day: 'Sun 8 Mar', noonAfter: '2026-03-09T16:00:00Z', hours: 23 },
  { zone: 'America/New_York', day: 'Sun 1 Nov', noonAfter: '2026-11-02T17:00:00Z', hours: 25 },
])('$zone, $day', ({ zone, noonAfter, hours }) => {
  test(`has ${hours} hours, from midnight to midnight`, () => {
    process.env['TZ'] = zone
    const days = localDays(Date.parse(noonAfter) / 1_000, 4)
    expect(days.map(([from, until]) => (until - from) / 3_600)).toEqual([24, 24, hours, 24])
    for (const [i, [from]] of days.entries()) {
      expect(new Date(from * 1_000).toTimeString().slice(0, 5)).toBe('00:00')
      if (i > 0) expect(from).toBe(days[i - 1]?.[1])
    }
  })
})
