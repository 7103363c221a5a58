/**
 * Documents of one form, by hash: at hand once opened, durable before they count.
 */
import type { TSchema } from 'typebox'
import { type Document, getText, parseText, putJson, type Shelf } from '../consent/browser.door.ts'
import { type Hash32, hash32, IsletError } from '../vocabulary/index.ts'

export interface Pages<Page> {
  get(hash: Hash32): Page | undefined
  /** Throws `CALL_UNKNOWN`. */
  need(hash: Hash32): Page
  all(): readonly (readonly [Hash32, Page])[]
  keep(hash: Hash32, page: Page): Promise<void>
}

export async function openPages<Schema extends TSchema>(
  shelf: Shelf,
  schema: Schema,
): Promise<Pages<Document<Schema>>> {
  const known = new Map<Hash32, Document<Schema>>()
  for (const name of await shelf.list('')) {
    known.set(hash32(`0x${name}`), parseText(schema, (await getText(shelf, name)) ?? '', 'stored page'))
  }
  return {
    get: (hash) => known.get(hash),
    need: (hash) => {
      const page = known.get(hash)
      if (page !== undefined) return page
      throw new IsletError(
        'CALL_UNKNOWN',
        'no such call is known here',
        {},
        { remedy: 'look at the list of calls' },
      )
    },
    all: () => [...known.entries()],
    keep: async (hash, page) => {
      await putJson(shelf, hash.slice(2), Object(page))
      known.set(hash, page)
    },
  }
}
