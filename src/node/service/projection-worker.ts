/**
 * The embedded PostgreSQL in a thread of its own: it answers queries one after another, so that its first start, which
 * computes for seconds, holds up nobody's request.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

/** A question to the thread; without `text`, to close. */
export interface Question {
  readonly number: number
  readonly text?: string
  readonly parameters?: readonly unknown[]
}

/** What comes back; number 0 says that the database is open. */
export interface Answer {
  readonly number: number
  readonly rows?: readonly unknown[]
  readonly affectedRows?: number
  readonly error?: string
}

async function serve(port: NonNullable<typeof parentPort>): Promise<void> {
  const say = (answer: Answer): void => port.postMessage(answer)
  let database: PGlite
  try {
    database = await PGlite.create(String(workerData))
  } catch {
    say({ number: 0, error: 'the database does not open' })
    return
  }
  let last: Promise<unknown> = Promise.resolve()
  port.on('message', ({ number, text, parameters = [] }: Question) => {
    last = last.then(async () => {
      try {
        if (text === undefined) {
          await database.close()
          say({ number })
          port.close()
          return
        }
        const { rows, affectedRows } = await database.query(text, [...parameters])
        say({ number, rows, ...(affectedRows === undefined ? {} : { affectedRows }) })
      } catch (error) {
        say({ number, error: error instanceof Error ? error.message : 'the database failed' })
      }
    })
  })
  say({ number: 0 })
}

if (parentPort !== null) await serve(parentPort)
