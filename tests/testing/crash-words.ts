/** What the process that is killed and the test that kills it agree on. */
import type { Glucose } from '../../src/series/index.ts'
import type { Address, ConsentId, Hash32 } from '../../src/vocabulary/index.ts'
import { type LocalSeconds, quantity, type UnixSeconds } from '../../src/vocabulary/index.ts'

export const CUSTODIAN = 'south'
export const READER = 'north'
export const PEOPLE = ['anna', 'ben'] as const
/** 2026-01-01T00:00Z and a year on, in seconds since 1970. */
export const WINDOW = { from: 1_767_225_600, until: 1_798_761_600 } as const

/** What was acknowledged, one line of JSON each. */
export type Said =
  | { readonly is: 'executor'; readonly pid: number }
  | { readonly is: 'anchored'; readonly height: number; readonly hash: Hash32 }
  | { readonly is: 'appended'; readonly person: string; readonly number: number }
  | {
      readonly is: 'granted'
      readonly person: string
      readonly consentId: ConsentId
      readonly signer: Address
      readonly height: number
      readonly hash: Hash32
    }
  | { readonly is: 'read'; readonly person: string; readonly consentId: ConsentId }
  | {
      readonly is: 'revoked'
      readonly person: string
      readonly consentId: ConsentId
      readonly signer: Address
    }

/** The n-th reading of a person: twelve an hour, each value its number's own. */
export function crashReading(number: number): Glucose {
  const at = WINDOW.from + 300 * number
  return {
    type: 'glucose',
    at: quantity<UnixSeconds>(at),
    local: quantity<LocalSeconds>(at),
    tick: 300 * number,
    device: 0,
    value: 40 + (number % 361),
    unit: 'mg/dL',
    method: 'cgm',
  }
}
