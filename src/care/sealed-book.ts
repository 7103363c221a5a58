/**
 * What clinicians signed about patients as their institution keeps it: sealed to its own key, by consent.
 *
 * Law: what lies on the disk shows that something was written, when and under which consent, and nothing of what.
 */
import type { TSchema } from 'typebox'
import { type Document, parseText, type Shelf } from '../consent/browser.door.ts'
import { hpkeOpen, hpkeSeal } from '../vault/index.ts'
import { type ConsentId, fromUtf8, type Hash32, hash32, IsletError, utf8 } from '../vocabulary/index.ts'
import { type DoseDecision, DoseDecisionSchema } from './signed-decision.ts'
import { type Prescription, PrescriptionSchema } from './signed-prescription.ts'

interface Kept<Signed> {
  /** Hash of the analysis that recorded it. */
  readonly analysis: Hash32
  readonly signed: Signed
}

export interface SealedBook<Signed> {
  keep(analysis: Hash32, signed: Signed): Promise<void>
  /** What was signed under a consent, oldest first. Throws `SEALED_OTHERWISE`. */
  of(consent: ConsentId): Promise<readonly Kept<Signed>[]>
}

export interface BookKeys {
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

export function decisionBook(shelf: Shelf, hpke: BookKeys): SealedBook<DoseDecision> {
  return sealedBook(shelf, hpke, 'islet/v1/dose-decision', DoseDecisionSchema, ({ body }) => body.at)
}

export function prescriptionBook(shelf: Shelf, hpke: BookKeys): SealedBook<Prescription> {
  return sealedBook(shelf, hpke, 'islet/v1/prescription', PrescriptionSchema, ({ body }) => body.authoredOn)
}

function sealedBook<Schema extends TSchema>(
  shelf: Shelf,
  hpke: BookKeys,
  label: string,
  schema: Schema,
  when: (signed: Document<Schema>) => number,
): SealedBook<Document<Schema> & { readonly body: { readonly consentId: ConsentId } }> {
  const info = utf8(label)
  return {
    keep: async (analysis, signed) => {
      const name = `${signed.body.consentId.slice(2)}/${analysis.slice(2)}`
      await shelf.put(name, await hpkeSeal(hpke.publicKey, info, utf8(JSON.stringify(signed))))
    },
    of: async (consent) => {
      const names = await shelf.list(`${consent.slice(2)}/`)
      const kept = await Promise.all(
        names.map(async (name) => {
          const opened = await hpkeOpen(hpke.privateKey, info, (await shelf.get(name)) ?? new Uint8Array(0))
          if (opened.code !== 'OPENED')
            throw new IsletError(
              'SEALED_OTHERWISE',
              'what a clinician signed does not open with the key of this institution',
              {},
              { remedy: 'open it with the key that it was sealed under' },
            )
          const signed = parseText(schema, fromUtf8(opened.plaintext), 'kept document')
          return { analysis: hash32(`0x${name.slice(65)}`), signed }
        }),
      )
      return kept.sort((a, b) => when(a.signed) - when(b.signed))
    },
  }
}
