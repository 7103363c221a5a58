import { describe, expect, test } from 'vitest'
import { readDocument } from '../../intake/index.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { castOfFiles } from './source.ts'

const NOW = quantity<UnixSeconds>(Date.UTC(2026, 0, 1) / 1000)

/** Readings five minutes apart, as many in 2025 and as many in 2031 as are asked for. */
function exportOf(past: number, future: number): Uint8Array {
  const rows = (count: number, year: number) =>
    Array.from({ length: count }, (_, i) => `a,${year}-05-01 00:${String(5 * i).padStart(2, '0')}:00,100`)
  return new TextEncoder().encode(`id,time,gl\n${[...rows(past, 2025), ...rows(future, 2031)].join('\n')}\n`)
}

const cast = (past: number, future: number) =>
  castOfFiles([readDocument(exportOf(past, future), { name: 'a.csv', now: NOW })], 1)

describe('whom the story is about', () => {
  test.each([
    [0, 4, 'READINGS_IN_FUTURE', 'every reading lies in the future'],
    [2, 4, 'READINGS_IN_FUTURE', 'what is left without them is too little'],
    [2, 0, 'TOO_LITTLE_GLUCOSE', 'there is too little, and none lies in the future'],
  ])('with %i readings past and %i future is refused as %s: %s', (past, future, code) => {
    expect(() => cast(past, future)).toThrow(expect.objectContaining({ code, remedy: expect.any(String) }))
  })

  test('is told when some rows were left out as future, and not when none was', () => {
    expect(cast(5, 4).remarks.join()).toContain('4 rows are left out')
    expect(cast(5, 0).remarks.join()).not.toContain('left out')
  })
})
