/**
 * The read model as the node asks it: the database, and the same rows in memory while it is made for the first time.
 *
 * Laws: a read is never staler than the ledger at the moment of asking, whichever of the two answers; a database that was there
 * before is waited for, as its ledger may be long; one that fails to open is told and tried anew when next somebody asks.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MemoryStore, type ProjectionReads, projector } from '../../ledger/index.ts'
import { openProjection, type Projection, type ProjectionParts } from './projection.ts'

export interface ReadModel {
  /** The rows, after taking in everything up to the ledger's head. */
  reads(): Promise<ProjectionReads>
  /** The database itself. */
  database(): Promise<Projection>
  close(): Promise<void>
}

/** Opens nothing before somebody asks; `parts.signal` breaks the opening off. */
export function readModel(
  parts: ProjectionParts & { readonly signal: AbortSignal },
  report: (error: unknown) => void,
): ReadModel {
  const { directory, server, ledger, deployment, signal } = parts
  let opening: Promise<Projection> | undefined
  let opened: Projection | undefined
  const inMemory = server === undefined && !existsSync(join(directory, 'PG_VERSION')) ? held() : undefined

  function held() {
    const store = new MemoryStore()
    return { store, following: projector(ledger, deployment, store) }
  }

  const open = async (): Promise<Projection> => {
    opened = await openProjection(parts)
    return opened
  }
  const database = (): Promise<Projection> => {
    opening ??= open()
    opening.catch((error: unknown) => {
      if (signal.aborted) return
      report(error)
      opening = undefined
    })
    return opening
  }
  return {
    database,
    reads: async () => {
      const opens = database()
      if (opened !== undefined || inMemory === undefined) return (await opens).reads()
      await inMemory.following.catchUp()
      return inMemory.store
    },
    close: async () => (await opening?.catch(() => undefined))?.close(),
  }
}
