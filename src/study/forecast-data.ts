/**
 * What a person's readings become for every forecaster of a study: windows cut at home, named by their bytes.
 *
 * Law: the same trace gives the same windows and the same name wherever it is cut; who has nothing to learn from or
 * nothing to be judged on gives none.
 */
import type { PersonTrace } from '../learning/index.ts'
import { joinWindows, type PersonWindows, personWindows } from '../learning/site.door.ts'
import type { Hasher } from '../vault/index.ts'
import { compareBytes, concat, fromHex, type Hash32, hash32, toHex } from '../vocabulary/index.ts'
import type { PersonData } from './learner.ts'

export interface ForecastData extends PersonData {
  readonly windows: PersonWindows
}

/** Cells between the anchors of two windows unless said otherwise, 5 minutes each. */
export const STRIDE = 3

/** A person's windows; undefined where their readings give none. */
export function forecastData(
  trace: PersonTrace,
  { stride, withEvents }: { readonly stride: number; readonly withEvents: boolean },
  hasher: Hasher,
): ForecastData | undefined {
  const windows = personWindows(trace, { stride, mode: 'online', withEvents })
  if (windows === undefined || windows.train.count === 0 || windows.held.count === 0) return undefined
  return { examples: windows.train.count, digest: digestOf(windows, hasher), windows }
}

/** All people's windows of one part, in the order of their names: the order of their grants is nothing. */
export function windowsOf(people: readonly ForecastData[], part: keyof PersonWindows): PersonWindows['held'] {
  const sorted = [...people].sort((a, b) => compareBytes(fromHex(a.digest), fromHex(b.digest)))
  return joinWindows(sorted.map(({ windows }) => windows[part]))
}

function digestOf({ train, held }: PersonWindows, hasher: Hasher): Hash32 {
  const parts = [train, held].flatMap(({ inputs, targets, anchor }) => [inputs, targets, anchor])
  const views = parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  return hash32(toHex(hasher.sha256(concat(...views))))
}
