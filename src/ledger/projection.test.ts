import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll } from 'vitest'
import { kyselyOverPglite } from './pglite.door.ts'
import { dropLedgerTables, type LedgerTables, sqlStore } from './projection.door.ts'
import { MemoryStore } from './projection-store.ts'
import { projectionSuite } from './testing/projection.suite.ts'

let pglite: PGlite
beforeAll(async () => {
  pglite = await PGlite.create()
})
afterAll(() => pglite?.close())

projectionSuite([
  { name: 'in memory', make: async () => new MemoryStore() },
  {
    name: 'in SQL',
    make: async () => {
      const database = kyselyOverPglite<LedgerTables>(pglite)
      await dropLedgerTables(database)
      return sqlStore(database)
    },
  },
])
