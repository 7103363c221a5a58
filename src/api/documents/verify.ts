/** `islet.verify/1`: what an offline verification of a dump checked and found. */
import { type Static, Type } from 'typebox'

const count = Type.Integer({ minimum: 0 })

export const Finding = Type.Object({
  code: Type.String({ pattern: '^[A-Z][A-Z0-9_]+$' }),
  what: Type.String(),
  where: Type.String(),
})
export type Finding = Static<typeof Finding>

export const VerifyDocument = Type.Object(
  {
    schema: Type.Literal('islet.verify/1'),
    ok: Type.Boolean(),
    anchored: Type.Boolean({ description: 'whether a head that somebody else holds was compared' }),
    checked: Type.Object({
      blocks: count,
      transactions: count,
      consents: count,
      accesses: count,
      objects: count,
      leaves: count,
      rounds: count,
    }),
    findings: Type.Array(Finding),
    notes: Type.Array(Finding, {
      description:
        'what is no fault but should be known, such as log entries that no signed checkpoint held yet',
    }),
  },
  { $id: 'islet.verify/1', title: 'The verification of a dump' },
)
export type VerifyDocument = Static<typeof VerifyDocument>
