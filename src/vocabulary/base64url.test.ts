import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
