/**
 * The hash that names what was learned from: the readings and the protocol that made windows of them.
 *
 * Law: the same people with the same readings under the same protocol give the same hash, in whatever order the files
 * came; one changed value, instant or protocol number gives another. It is a fingerprint of health data: it is printed for
 * the person who ran the evaluation and never written to the ledger unsalted (DESIGN law 8).
 * Method: SHA-256 over the protocol's name, then per person, sorted by id: length and bytes of the id, then for glucose,
 * boluses and meals the count and the columns (instant, wall clock, value; instant, amount) as little-endian float64.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex, utf8 } from '../../vocabulary/index.ts'
import type { PersonTrace } from './trace.ts'

/** 64 lower-case hex digits. */
export function dataHash(traces: readonly PersonTrace[], protocol: string): string {
  const hash = sha256.create()
  const text = (value: string): void => {
    const bytes = utf8(value)
    column(Float64Array.of(bytes.length))
    hash.update(bytes)
  }
  const column = (values: Float64Array): void => {
    const bytes = new Uint8Array(values.length * 8)
    const view = new DataView(bytes.buffer)
    values.forEach((value, i) => {
      view.setFloat64(i * 8, value, true)
    })
    hash.update(bytes)
  }
  const columns = (...parts: readonly Float64Array[]): void => {
    column(Float64Array.of(parts[0]?.length ?? 0))
    for (const part of parts) column(part)
  }
  text(protocol)
  const sorted = [...traces].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  for (const { id, glucose, boluses, meals } of sorted) {
    text(id)
    columns(glucose.at, glucose.local, glucose.value)
    for (const events of [boluses, meals]) {
      columns(events?.at ?? new Float64Array(0), events?.amount ?? new Float64Array(0))
    }
  }
  return toHex(hash.digest()).slice(2)
}
