/**
 * Door to the read model's tables in a PostgreSQL server, where one machine's embedded database is outgrown.
 *
 * Laws: the same migrations and queries as embedded; one node to a database, held by an advisory lock; the URL may carry
 * a password, so it is never said again.
 */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { IsletError } from '../vocabulary/index.ts'
import type { LedgerDatabase, LedgerTables } from './projection.door.ts'

/** Names the lock among those of a server: the bytes of "islet" as a number. */
const LOCK = 0x69736c6574
const CONNECT_LIMIT_MS = 10_000
const CONNECTIONS = 4

/** Opens the database of a `postgres://` URL. Throws `DATABASE_UNREACHABLE`, `DATA_IN_USE`. */
export async function openServerDatabase(url: string): Promise<LedgerDatabase> {
  const options = { connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS }
  // Connections that break while nobody uses them are replaced at the next query, which says what is wrong if anything.
  const ignore = (): void => undefined
  const holder = new pg.Client(options)
  holder.on('error', ignore)
  try {
    await holder.connect()
  } catch (cause) {
    throw new IsletError(
      'DATABASE_UNREACHABLE',
      'the database server does not answer or does not let this node in',
      {},
      {
        cause,
        remedy: 'check ISLET_DATABASE_URL; leave it out to use the embedded database',
      },
    )
  }
  const { rows } = await holder.query('select pg_try_advisory_lock($1) as held', [LOCK])
  if (rows[0]?.held !== true) {
    await holder.end()
    throw new IsletError(
      'DATA_IN_USE',
      'another node keeps its read model in this database',
      {},
      {
        remedy: 'give each node a database of its own',
      },
    )
  }
  const pool = new pg.Pool({ ...options, max: CONNECTIONS })
  pool.on('error', ignore)
  return {
    tables: new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) }),
    close: async () => {
      await pool.end()
      await holder.end()
    },
  }
}
