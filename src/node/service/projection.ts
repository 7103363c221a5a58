/**
 * The read model of this process: a PostgreSQL of its own, embedded or on a server, following the ledger.
 *
 * Laws: all of it is derived, so what cannot be opened is deleted and read again from the ledger; a read is never staler
 * than the ledger at the moment of asking.
 */
import { rm } from 'node:fs/promises'
import type { Deployment, Ledger, ProjectionReads, Projector } from '../../ledger/index.ts'
import { projector } from '../../ledger/index.ts'
import type { LedgerDatabase } from '../../ledger/projection.door.ts'
import { type Hash32, isIsletError } from '../../vocabulary/index.ts'
import { openDatabase } from './database.ts'

export interface Projection {
  /** The rows, after taking in everything up to the ledger's head. */
  reads(): Promise<ProjectionReads>
  /** SHA-256 over all rows, after taking in everything. */
  digest(): Promise<Hash32>
  close(): Promise<void>
}

export interface ProjectionParts {
  /** Where the database lies; may be deleted while nothing runs. */
  readonly directory: string
  /** `postgres://` URL of a database on a server, instead. */
  readonly server?: string | undefined
  readonly ledger: Ledger
  readonly deployment: Deployment
  /** Breaks the opening off: making a database takes seconds, and who stops a node does not wait for it. */
  readonly signal?: AbortSignal
}

/** Opens the projection, from nothing where there is none or where it is damaged. Throws the codes of disk and database. */
export async function openProjection(parts: ProjectionParts): Promise<Projection> {
  try {
    return await open(parts)
  } catch (error) {
    // A server that is away, or that another node uses, has nothing of ours that could be made anew.
    if (isIsletError(error, 'DATABASE_UNREACHABLE', 'DATA_IN_USE')) throw error
    await discard(parts)
    if (parts.signal?.aborted === true) throw error
    return open(parts)
  }
}

async function discard({ directory, server }: ProjectionParts): Promise<void> {
  if (server === undefined) return rm(directory, { recursive: true, force: true })
  const [{ openServerDatabase }, { dropLedgerTables }] = await Promise.all([
    import('../../ledger/server-database.door.ts'),
    import('../../ledger/projection.door.ts'),
  ])
  const database = await openServerDatabase(server)
  await dropLedgerTables(database.tables).finally(database.close)
}

/** The tables, embedded or on a server. Loaded here and not at the top: verbs that need no database do not pay for it. */
async function openTables({ directory, server, signal }: ProjectionParts): Promise<LedgerDatabase> {
  if (server !== undefined) {
    const { openServerDatabase } = await import('../../ledger/server-database.door.ts')
    return openServerDatabase(server)
  }
  const { kyselyOverPglite } = await import('../../ledger/pglite.door.ts')
  const database = await openDatabase(directory, signal)
  return { tables: kyselyOverPglite(database), close: database.close }
}

async function open(parts: ProjectionParts): Promise<Projection> {
  const { ledger, deployment } = parts
  const { sqlStore } = await import('../../ledger/projection.door.ts')
  const database = await openTables(parts)
  try {
    const store = await sqlStore(database.tables)
    const following: Projector = projector(ledger, deployment, store)
    await following.catchUp()
    const stop = following.follow()
    return {
      reads: async () => {
        await following.catchUp()
        return store
      },
      digest: async () => {
        await following.catchUp()
        return store.digest()
      },
      close: async () => {
        stop()
        await following.catchUp().catch(() => undefined)
        await database.close()
      },
    }
  } catch (error) {
    await database.close().catch(() => undefined)
    throw error
  }
}
