/** `islet.start/1`: where a node that is ready answers. */
import { type Static, Type } from 'typebox'

export const StartDocument = Type.Object(
  {
    schema: Type.Literal('islet.start/1'),
    address: Type.String({ description: 'origin of the page and the API, as in http://127.0.0.1:8080' }),
    institutions: Type.Array(
      Type.Object({ institution: Type.String({ description: 'its handle' }), address: Type.String() }),
      { description: 'each institution at an address of its own (--apart); else none, all are at `address`' },
    ),
    data: Type.String({ description: 'the data directory' }),
  },
  { $id: 'islet.start/1', title: 'A node that is ready' },
)
export type StartDocument = Static<typeof StartDocument>
