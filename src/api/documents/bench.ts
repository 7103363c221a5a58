/** `islet.bench/1`: figures with what each was compared with in the same run. */
import { type Static, Type } from 'typebox'

export const BenchDocument = Type.Object(
  {
    schema: Type.Literal('islet.bench/1'),
    machine: Type.String(),
    commit: Type.String(),
    rows: Type.Array(
      Type.Object({
        name: Type.String(),
        value: Type.Number(),
        unit: Type.String(),
        against: Type.Union([Type.String(), Type.Null()]),
        ratio: Type.Union([Type.Number(), Type.Null()]),
        runs: Type.Integer({ minimum: 1 }),
      }),
    ),
  },
  { $id: 'islet.bench/1', title: 'Measured ratios' },
)
export type BenchDocument = Static<typeof BenchDocument>
