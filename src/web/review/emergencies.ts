/**
 * Emergencies as a patient finds them on their own log: each call once, with whoever opened and released it and what was read.
 *
 * Law: what stands here was signed by the two institutions and proven to stand on the custodian's log before it was opened.
 */
import Type, { type Static } from 'typebox'
import { Check } from 'typebox/value'
import { InstitutionIdField, NameField } from '../../api/index.ts'
import { type Access, CallSchema, callHash, ReleaseSchema } from '../../consent/browser.door.ts'
import { webCrypto } from '../../vault/web-cipher.door.ts'
import type { Hash32 } from '../../vocabulary/index.ts'

/** What the custodian wrote down about a read with the glass broken. */
const Details = Type.Object({
  reader: InstitutionIdField,
  readerName: NameField,
  emergency: Type.Object({
    second: InstitutionIdField,
    secondName: NameField,
    call: CallSchema,
    release: ReleaseSchema,
  }),
})

export interface Emergency extends Static<typeof Details> {
  /** Of the call, by which the institutions name it. */
  readonly hash: Hash32
  /** Each reading, with the sealed hours that left. */
  readonly reads: readonly { readonly at: number; readonly hours: number }[]
}

/** Newest call first. */
export function emergenciesOf(accesses: readonly Access[]): readonly Emergency[] {
  const found = new Map<Hash32, Emergency>()
  for (const { clear, details } of accesses) {
    if (clear.action !== 'read' || !Check(Details, details)) continue
    const hash = callHash(details.emergency.call, webCrypto.hasher)
    const before = found.get(hash)?.reads ?? []
    found.set(hash, { ...details, hash, reads: [...before, { at: clear.at, hours: clear.count }] })
  }
  return [...found.values()].sort((a, b) => b.emergency.call.body.at - a.emergency.call.body.at)
}
