import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { readDocument } from './index.ts'
import { bytes } from './testing/sums.ts'
import { zoneClock } from './zones.ts'

const at = (iso: string): UnixSeconds => quantity<UnixSeconds>(Date.parse(iso) / 1000)
const local = (iso: string): LocalSeconds => quantity<LocalSeconds>(Date.parse(`${iso}Z`) / 1000)

describe('the clock of a zone', () => {
  const berlin = zoneClock('Europe/Berlin')

  it.each([
    ['2024-01-15T12:00:00', { first: at('2024-01-15T11:00:00Z'), skipped: false }, 'winter'],
    ['2024-07-15T12:00:00', { first: at('2024-07-15T10:00:00Z'), skipped: false }, 'summer'],
    [
      '2024-10-27T02:30:00',
      { first: at('2024-10-27T00:30:00Z'), second: at('2024-10-27T01:30:00Z'), skipped: false },
      'the hour that occurs twice',
    ],
    ['2024-10-27T03:00:00', { first: at('2024-10-27T02:00:00Z'), skipped: false }, 'just after it'],
    [
      '2024-03-31T02:30:00',
      { first: at('2024-03-31T01:30:00Z'), skipped: true },
      'the hour that does not exist',
    ],
    ['2024-03-31T03:00:00', { first: at('2024-03-31T01:00:00Z'), skipped: false }, 'just after the jump'],
  ])('%s', (text: string, expected: object, _why: string) => {
    expect(berlin.instantsOf(local(text))).toEqual(expected)
  })

  it('agrees with Temporal everywhere (property)', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'UTC',
      'America/Sao_Paulo',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 2_000_000_000 }), (zone, seconds) => {
        const clock = zoneClock(zone)
        const there = Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO(zone)
        const shown = clock.localAt(quantity<UnixSeconds>(seconds))
        expect(shown).toBe(seconds + there.offsetNanoseconds / 1e9)
        const { first, second } = clock.instantsOf(shown)
        expect([first, second]).toContain(seconds)
      }),
    )
  })

  it('an unknown zone is refused', () => {
    expect(() => zoneClock('Mars/Olympus')).toThrow(expect.objectContaining({ code: 'ZONE_UNKNOWN' }))
    expect(() => readDocument(bytes('id,time,gl\n1,2024-05-13 10:00,100'), { zone: '../etc' })).toThrow(
      expect.objectContaining({ code: 'ZONE_UNKNOWN' }),
    )
  })
})

describe('local files around clock changes', () => {
  const autumn = [
    ['02:50:00', 110],
    ['02:55:00', 111],
    ['02:00:00', 112],
    ['02:05:00', 113],
    ['03:00:00', 114],
  ] as const
  const expected = ['00:50', '00:55', '01:00', '01:05', '02:00'].map((time) => at(`2024-10-27T${time}:00Z`))

  it('the hour that occurs twice is placed by the order of the file', () => {
    const rows = autumn.map(([time, value]) => `1,2024-10-27 ${time},${value}`)
    const document = readDocument(bytes(`id,time,gl\n${rows.join('\n')}`), { zone: 'Europe/Berlin' })
    expect(document.people[0]?.records.map((record) => record.at)).toEqual(expected)
    expect(document.repeatedHour).toBe(4)
    expect(document.people[0]?.clock).toBe('zone')
    const reversed = readDocument(bytes(`id,time,gl\n${rows.toReversed().join('\n')}`), {
      zone: 'Europe/Berlin',
    })
    expect(reversed.people[0]?.records.map((record) => record.at)).toEqual(expected)
  })

  it('the same clock and the same value an hour apart are two readings', () => {
    const times = Array.from({ length: 24 }, (_, i) => `02:${String((i % 12) * 5).padStart(2, '0')}:00`)
    const text = `id,time,gl\n${times.map((time) => `1,2024-10-27 ${time},100`).join('\n')}`
    expect(readDocument(bytes(text), { zone: 'Europe/Berlin' }).kept).toBe(24)
  })

  it('the device tick decides before the order of the file does', () => {
    const head =
      'Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID'
    // A gap of an hour: by order alone 02:10 would follow 01:55 at once.
    const rows = [
      '1,2024-10-27T01:55:00,EGV,,,,phone,100,,,,,1000,ABC',
      '2,2024-10-27T02:10:00,EGV,,,,phone,101,,,,,5500,ABC',
    ]
    const document = readDocument(bytes([head, ...rows].join('\n')), { zone: 'Europe/Berlin' })
    expect(document.people[0]?.records.map((record) => record.at)).toEqual([
      at('2024-10-26T23:55:00Z'),
      at('2024-10-27T01:10:00Z'),
    ])
  })

  it('the hour that does not exist is kept, moved and counted', () => {
    const text = 'id,time,gl\n1,2024-03-31 01:55,100\n1,2024-03-31 02:30,101\n1,2024-03-31 03:35,102'
    const document = readDocument(bytes(text), { zone: 'Europe/Berlin' })
    expect(document).toMatchObject({ kept: 3, skippedHour: 1 })
  })

  it('without a zone the local clock floats', () => {
    const document = readDocument(bytes('id,time,gl\n1,2024-10-27 02:30,100'))
    expect(document.people[0]).toMatchObject({ zone: null, clock: 'floating' })
    expect(document.people[0]?.records[0]).toMatchObject({ at: at('2024-10-27T02:30:00Z') })
  })
})
