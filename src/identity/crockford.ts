/**
 * Base32 in Crockford's alphabet: no I, L, O and U, read without regard to case, with I and L as 1 and O as 0.
 * Source: Douglas Crockford, "Base 32" (crockford.com/base32.html).
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Bytes → values 0–31, five bits each, most significant first; the last is padded with zero bits. */
export function toQuintets(bytes: Uint8Array): readonly number[] {
  const values: number[] = []
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) values.push((held >> (bits - 5)) & 31)
    held &= 255
  }
  if (bits > 0) values.push((held << (5 - bits)) & 31)
  return values
}

/** Values 0–31 → bytes; left-over bits are dropped. */
export function fromQuintets(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  let held = 0
  let bits = 0
  for (const value of values) {
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 255)
    }
  }
  return Uint8Array.from(bytes)
}

export function toSymbols(values: readonly number[]): string {
  return values.map((value) => ALPHABET[value] ?? '').join('')
}

/** The value of one symbol, or undefined. */
export function symbolValue(symbol: string): number | undefined {
  const upper = symbol.toUpperCase().replace(/[IL]/, '1').replace('O', '0')
  const value = upper.length === 1 ? ALPHABET.indexOf(upper) : -1
  return value < 0 ? undefined : value
}
