import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dropLedgerTables, type LedgerDatabase, sqlStore } from './projection.door.ts'
import { openServerDatabase } from './server-database.door.ts'
import { type PostgresServer, postgresPrograms, startPostgres } from './testing/postgres-server.ts'
import { projectionSuite } from './testing/projection.suite.ts'

const programs = await postgresPrograms()
const NAME = 'the projection on a PostgreSQL server'

if (programs !== undefined) {
  let server: PostgresServer
  let database: LedgerDatabase
  beforeAll(async () => {
    server = await startPostgres(programs)
    database = await openServerDatabase(server.url)
  })
  afterAll(async () => {
    await database?.close()
    await server?.stop()
  })

  projectionSuite([
    {
      name: 'on a server',
      make: async () => {
        await dropLedgerTables(database.tables)
        return sqlStore(database.tables)
      },
    },
  ])

  describe(NAME, () => {
    test('belongs to one node at a time, and to the next when that is closed', async () => {
      await expect(openServerDatabase(server.url)).rejects.toMatchObject({ code: 'DATA_IN_USE' })
      await database.close()
      database = await openServerDatabase(server.url)
    })

    test('is refused without saying the password when nobody answers', async () => {
      const opening = openServerDatabase('postgres://islet:secret@127.0.0.1:1/islet')
      await expect(opening).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
      await expect(opening).rejects.not.toThrow(/secret/)
    })
  })
} else if (process.env['CI'] === undefined) {
  describe(NAME, () => {
    test.skip('left out: PostgreSQL is not installed (apt install postgresql)', () => undefined)
  })
} else {
  test(`${NAME} needs Debian’s package postgresql, which continuous integration has`, () => {
    expect(programs).toBeDefined()
  })
}
