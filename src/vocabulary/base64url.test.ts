import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fromBase64Url, toBase64Url } from './base64url.ts'

describe('base64url', () => {
  test('spells any bytes as Node does, and reads them back (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = toBase64Url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(Buffer.from(fromBase64Url(text)).equals(bytes)).toBe(true)
      }),
    )
  })

  test('whatever text is accepted is the one spelling of its bytes (property)', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.string({ maxLength: 12, unit: fc.constantFrom('A', 'B', '_', '-', '9', 'z', '=', '+', 'ä') }),
    )
    fc.assert(
      fc.property(text, (spelling) => {
        let bytes: Uint8Array
        try {
          bytes = fromBase64Url(spelling)
        } catch (error) {
          expect(error).toMatchObject({ code: 'NOT_BASE64URL' })
          return
        }
        expect(toBase64Url(bytes)).toBe(spelling)
      }),
      { numRuns: 500 },
    )
  })

  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  test('megabytes are spelled and read alike with Node’s coder and without it', async () => {
    vi.stubGlobal('Buffer', undefined)
    vi.resetModules()
    const pure = await import('./base64url.ts')
    vi.unstubAllGlobals()
    for (const length of [4_095, 4_096, 4_097, 10_000, 10_001, 100_002]) {
      const bytes = new Uint8Array(length + 5).map((_, i) => (i * 7) ^ (i >> 8)).subarray(5)
      const text = toBase64Url(bytes)
      expect(text).toBe(pure.toBase64Url(bytes))
      expect(Buffer.from(fromBase64Url(text)).equals(bytes)).toBe(true)
      expect(Buffer.from(pure.fromBase64Url(text)).equals(bytes)).toBe(true)
    }
  })

  test('nothing is skipped in a long text either', () => {
    const long = 'QUJD'.repeat(5_000)
    for (const place of [0, 9_999, 19_999]) {
      for (const wrong of ['+', '=', ' ', 'é', '\n', '\u0141']) {
        const spelling = `${long.slice(0, place)}${wrong}${long.slice(place + 1)}`
        expect(() => fromBase64Url(spelling)).toThrow(expect.objectContaining({ code: 'NOT_BASE64URL' }))
      }
    }
    for (const tail of ['A', 'AB', 'AAB', '==']) {
      expect(() => fromBase64Url(long + tail)).toThrow(expect.objectContaining({ code: 'NOT_BASE64URL' }))
    }
  })

  const refused: readonly { readonly text: string; readonly why: string }[] = [
    { text: 'AA==', why: 'padding' },
    { text: 'A', why: 'no byte has six bits' },
    { text: 'AB', why: 'stray bits after one byte' },
    { text: 'AAB', why: 'stray bits after two bytes' },
    { text: 'AA+A', why: 'the other alphabet' },
    { text: 'AA A', why: 'a space' },
    { text: 'AAéA', why: 'a letter beyond ASCII' },
  ]
  test.each(refused)('refuses $why', ({ text }) => {
    expect(() => fromBase64Url(text)).toThrow(expect.objectContaining({ code: 'NOT_BASE64URL' }))
  })
})
