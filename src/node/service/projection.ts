/**
 * The read model of this process: one embedded PostgreSQL, following the ledger.
 *
 * Laws: all of it is derived, so what cannot be opened is deleted and read again from the ledger; a read is never staler
 * than the ledger at the moment of asking.
 */
import { rm } from 'node:fs/promises'
import type { Deployment, Ledger, ProjectionReads, Projector } from '../../ledger/index.ts'
import { projector } from '../../ledger/index.ts'
import type { Hash32 } from '../../vocabulary/index.ts'
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
  readonly ledger: Ledger
  readonly deployment: Deployment
  /** Breaks the opening off: making a database takes seconds, and who stops a node does not wait for it. */
  readonly signal?: AbortSignal
}

/** Opens the projection, from nothing where there is none or where it is damaged. Throws the disk's codes. */
export async function openProjection(parts: ProjectionParts): Promise<Projection> {
  try {
    return await open(parts)
  } catch (error) {
    await rm(parts.directory, { recursive: true, force: true })
    if (parts.signal?.aborted === true) throw error
    return open(parts)
  }
}

async function open({ directory, ledger, deployment, signal }: ProjectionParts): Promise<Projection> {
  // Loaded here and not at the top: the verbs that need no database do not pay for it.
  const [{ kyselyOverPglite }, { sqlStore }] = await Promise.all([
    import('../../ledger/pglite.door.ts'),
    import('../../ledger/projection.door.ts'),
  ])
  const database = await openDatabase(directory, signal)
  try {
    const store = await sqlStore(kyselyOverPglite(database))
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
