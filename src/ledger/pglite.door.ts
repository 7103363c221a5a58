/**
 * kysely over PGlite: PostgreSQL inside the process, one connection, callers in turn.
 *
 * Law: a transaction has the connection to itself from begin to end; PGlite is one session.
 */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'

/** What is used of PGlite, wherever it runs: one session that answers queries in turn. */
export interface Session {
  query(
    text: string,
    parameters?: unknown[],
  ): Promise<{ readonly rows: unknown[]; readonly affectedRows?: number }>
}

/** A kysely instance over an open PGlite; closing the instance leaves PGlite open. */
export function kyselyOverPglite<Tables>(database: Session): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: poolOf(database) }) })
}

function poolOf(database: Session): PostgresPool {
  let last: Promise<void> = Promise.resolve()
  return {
    connect: async (): Promise<PostgresPoolClient> => {
      const turn = last
      let release: () => void = () => undefined
      last = new Promise((resolve) => {
        release = resolve
      })
      await turn
      return clientOf(database, release)
    },
    end: async () => undefined,
  }
}

function clientOf(database: Session, release: () => void): PostgresPoolClient {
  const query = async (text: string, parameters: readonly unknown[]) => {
    const { rows, affectedRows } = await database.query(text, [...parameters])
    const command = text.trimStart().slice(0, 6).toUpperCase()
    const changing = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE'
    return { command: changing ? command : 'SELECT', rowCount: affectedRows ?? rows.length, rows }
  }
  return { query: query as PostgresPoolClient['query'], release }
}
