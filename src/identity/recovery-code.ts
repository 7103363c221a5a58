/**
 * The recovery code: 160 random bits on paper, the second way to a patient's root.
 *
 * Eight groups of five symbols, `K3N7Q-…`: four carry data, the fifth checks its group. Over GF(32) the check is
 * Σ 2^(i+1)·dᵢ + 9 + g for group g, so that one wrong symbol and two swapped ones are always found, groups in the
 * wrong order too, and the person is told which group to look at.
 *
 * Laws: the code is paste-able with any spacing and case; it wraps R, R is never derived from it.
 * Source: alphabet by Crockford; field GF(2^5) modulo x^5 + x^2 + 1.
 */
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { fromQuintets, symbolValue, toQuintets, toSymbols } from './crockford.ts'

/** Bytes of a recovery code's secret. */
export const RECOVERY_BYTES = 20
const GROUPS = 8
const DATA_SYMBOLS = 4

/** Draws a code's secret. */
export function drawRecoverySecret(random: (length: number) => Bytes): Bytes {
  return random(RECOVERY_BYTES)
}

/** Secret → code, as it is shown. Throws `RECOVERY_SECRET_WRONG`. */
export function formatRecoveryCode(secret: Uint8Array): string {
  if (secret.length !== RECOVERY_BYTES) {
    throw new IsletError('RECOVERY_SECRET_WRONG', 'a recovery secret has 20 bytes', { length: secret.length })
  }
  const values = toQuintets(secret)
  return Array.from({ length: GROUPS }, (_, group) => {
    const data = values.slice(group * DATA_SYMBOLS, (group + 1) * DATA_SYMBOLS)
    return toSymbols([...data, checkOf(data, group)])
  }).join('-')
}

export type RecoveryCodeReading =
  | { readonly ok: true; readonly secret: Bytes }
  /** Symbols are missing or too many, or one is not of the alphabet. */
  | { readonly ok: false; readonly code: 'RECOVERY_CODE_INCOMPLETE'; readonly symbols: number }
  /** These groups, counted from 1, do not check. */
  | { readonly ok: false; readonly code: 'RECOVERY_CODE_MISTYPED'; readonly groups: readonly number[] }

/** Code as typed or pasted → secret. */
export function readRecoveryCode(text: string): RecoveryCodeReading {
  const symbols = [...text.replace(/[\s\-–—_.]/g, '')]
  const values = symbols.map(symbolValue)
  if (values.length !== GROUPS * (DATA_SYMBOLS + 1)) {
    return { ok: false, code: 'RECOVERY_CODE_INCOMPLETE', symbols: symbols.length }
  }
  const data: number[] = []
  const wrong: number[] = []
  for (let group = 0; group < GROUPS; group++) {
    const part = values.slice(group * (DATA_SYMBOLS + 1), (group + 1) * (DATA_SYMBOLS + 1))
    const read = part.flatMap((value) => (value === undefined ? [] : [value]))
    const payload = read.slice(0, DATA_SYMBOLS)
    if (read.length <= DATA_SYMBOLS || read[DATA_SYMBOLS] !== checkOf(payload, group)) wrong.push(group + 1)
    data.push(...payload)
  }
  if (wrong.length > 0) return { ok: false, code: 'RECOVERY_CODE_MISTYPED', groups: wrong }
  return { ok: true, secret: fromQuintets(data) }
}

function checkOf(data: readonly number[], group: number): number {
  let weight = 1
  let sum = 9 + group
  for (const value of data) {
    weight = times(weight, 2)
    sum ^= times(weight, value)
  }
  return sum
}

/** Product in GF(32). */
function times(a: number, b: number): number {
  let product = 0
  let shifted = a
  for (let rest = b; rest > 0; rest >>= 1) {
    if ((rest & 1) === 1) product ^= shifted
    shifted = (shifted & 16) === 0 ? shifted << 1 : ((shifted << 1) ^ 0b100101) & 31
  }
  return product
}
