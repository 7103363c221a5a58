/** `islet.doctor/1`: what is sound and what is wrong with this machine or data directory. */
import { type Static, Type } from 'typebox'

export const DoctorDocument = Type.Object(
  {
    schema: Type.Literal('islet.doctor/1'),
    ok: Type.Boolean(),
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        ok: Type.Boolean(),
        saw: Type.String(),
        remedy: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
  },
  { $id: 'islet.doctor/1', title: 'The health of this machine and data directory' },
)
export type DoctorDocument = Static<typeof DoctorDocument>
