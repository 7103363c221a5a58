import { sql } from 'kysely'
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

    test('belongs to the same node again after the server was started anew', async () => {
      await server.restart()
      const locks = async (): Promise<number> => {
        const held = sql`select 1 from pg_locks where locktype = 'advisory'`
        return (await held.execute(database.tables)).rows.length
      }
      await expect.poll(locks, { timeout: 60_000, interval: 100 }).toBe(1)
      await expect(openServerDatabase(server.url)).rejects.toMatchObject({ code: 'DATA_IN_USE' })
      await dropLedgerTables(database.tables)
    })

    test('that another node took while the server was away is written by that one alone', async () => {
      let other: LedgerDatabase | undefined
      const take = async (): Promise<boolean> => {
        await server.restart()
        other = await openServerDatabase(server.url).catch(() => undefined)
        return other !== undefined
      }
      // Whoever is back first has it.
      await expect.poll(take, { timeout: 120_000, interval: 2_000 }).toBe(true)
      await expect
        .poll(
          () =>
            dropLedgerTables(database.tables).then(
              () => 'written',
              () => 'refused',
            ),
          {
            timeout: 60_000,
          },
        )
        .toBe('refused')
      await other?.close()
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
