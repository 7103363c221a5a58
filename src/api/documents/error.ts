/** `islet.error/1`: how every verb with `--json`, and every route, refuses. */
import { type Static, Type } from 'typebox'

export const ErrorDocument = Type.Object(
  {
    schema: Type.Literal('islet.error/1'),
    error: Type.Object({
      code: Type.String({ pattern: '^[A-Z][A-Z0-9_]+$' }),
      message: Type.String(),
      at: Type.Optional(
        Type.Object({
          file: Type.Optional(Type.String()),
          line: Type.Optional(Type.Integer({ minimum: 1 })),
          field: Type.Optional(Type.String()),
        }),
      ),
      remedy: Type.Optional(Type.String()),
    }),
  },
  { $id: 'islet.error/1', title: 'A refusal' },
)
export type ErrorDocument = Static<typeof ErrorDocument>
