/** `islet.schemas/1`: the names of all documents that the command prints. */
import { type Static, Type } from 'typebox'

export const SchemasDocument = Type.Object(
  {
    schema: Type.Literal('islet.schemas/1'),
    schemas: Type.Array(Type.String({ pattern: '^islet\\.[a-z.-]+/[1-9][0-9]*$' })),
  },
  { $id: 'islet.schemas/1', title: 'The names of all schemas' },
)
export type SchemasDocument = Static<typeof SchemasDocument>
