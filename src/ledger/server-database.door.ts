/**
 * Door to the read model's tables in a PostgreSQL server, where one machine's embedded database is outgrown.
 *
 * Laws: the same migrations and queries as embedded; one node to a database, held by an advisory lock
 * that is taken again when the server was started anew; the URL may carry
 * a password, so it is never said again.
 */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { IsletError, isIsletError } from '../vocabulary/index.ts'
import type { LedgerDatabase, LedgerTables } from './projection.door.ts'

/** Names the lock among those of a server: the bytes of "islet" as a number. */
const LOCK = 0x69736c6574
const CONNECT_LIMIT_MS = 10_000
const CONNECTIONS = 4

const AGAIN_MS = 500

/** Opens the database of a `postgres://` URL. Throws `DATABASE_UNREACHABLE`, `DATA_IN_USE`. */
export async function openServerDatabase(url: string): Promise<LedgerDatabase> {
  const options = { connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS }
  const pool = new pg.Pool({ ...options, max: CONNECTIONS })
  // Connections that break while nobody uses them are replaced at the next query, which says what is wrong if anything.
  pool.on('error', () => undefined)
  const release = await hold(options, () => pool.end())
  return {
    tables: new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) }),
    close: async () => {
      await release()
      if (!pool.ended) await pool.end()
    },
  }
}

/**
 * Holds the database's lock until released. A server that was started anew has forgotten it: it is taken again, and where
 * another node was faster, what `lost` does keeps this one from writing beside it.
 */
async function hold(options: pg.ClientConfig, lost: () => Promise<void>): Promise<() => Promise<void>> {
  let holder = await locked(options)
  let isReleased = false
  let again: Promise<void> = Promise.resolve()
  const watch = (): void => {
    holder.once('end', () => {
      if (!isReleased) again = retake()
    })
  }
  const retake = async (): Promise<void> => {
    while (!isReleased) {
      try {
        holder = await locked(options)
        return isReleased ? await holder.end() : watch()
      } catch (error) {
        if (isIsletError(error, 'DATA_IN_USE')) return lost()
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }
  watch()
  return async () => {
    isReleased = true
    await holder.end()
    await again
  }
}

/** A connection that holds the lock. Throws `DATABASE_UNREACHABLE`, `DATA_IN_USE`. */
async function locked(options: pg.ClientConfig): Promise<pg.Client> {
  const holder = new pg.Client(options)
  holder.on('error', () => undefined)
  try {
    await holder.connect()
    const { rows } = await holder.query('select pg_try_advisory_lock($1) as held', [LOCK])
    if (rows[0]?.held === true) return holder
  } catch (cause) {
    await holder.end().catch(() => undefined)
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
