/**
 * The embedded PostgreSQL of this process: in a thread of its own where the build has one, else here.
 */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { IsletError } from '../../vocabulary/index.ts'
import type { Answer, Question } from './projection-worker.ts'

export interface QueryResult {
  readonly rows: unknown[]
  readonly affectedRows?: number
}

export interface Database {
  query(text: string, parameters?: unknown[]): Promise<QueryResult>
  close(): Promise<void>
}

/**
 * Opens the database of a directory, making it where there is none; a signal breaks the opening off, and what it had made
 * is of no use then. Throws `DATABASE_FAILED`.
 */
export async function openDatabase(directory: string, signal?: AbortSignal): Promise<Database> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const program = fileURLToPath(new URL('./projection-worker.js', import.meta.url))
  if (existsSync(program)) {
    // Making a database takes several times the memory of running it: a thread of its own gives that back.
    if (!existsSync(join(directory, 'PG_VERSION'))) await (await inThread(program, directory, signal)).close()
    return inThread(program, directory, signal)
  }
  const { PGlite } = await import('@electric-sql/pglite')
  const database = await PGlite.create(directory)
  return { query: (text, parameters) => database.query(text, parameters), close: () => database.close() }
}

async function inThread(program: string, directory: string, signal?: AbortSignal): Promise<Database> {
  if (signal?.aborted === true) throw new IsletError('DATABASE_FAILED', 'the opening was broken off')
  const worker = new Worker(program, { workerData: directory })
  const waiting = new Map<number, (answer: Answer) => void>()
  let asked = 0
  let ended = false
  const failed = (number: number): Answer => ({ number, error: 'the database has ended' })
  const end = (): void => {
    ended = true
    for (const [number, answered] of waiting) answered(failed(number))
    waiting.clear()
  }
  worker.on('message', (answer: Answer) => {
    waiting.get(answer.number)?.(answer)
    waiting.delete(answer.number)
  })
  worker.on('error', end)
  worker.on('exit', end)
  const answerTo = async (number: number): Promise<Answer> => {
    const answer = ended
      ? failed(number)
      : await new Promise<Answer>((resolve) => waiting.set(number, resolve))
    if (answer.error === undefined) return answer
    throw new IsletError('DATABASE_FAILED', 'the read model’s database failed', { because: answer.error })
  }
  const ask = (question: Omit<Question, 'number'>): Promise<Answer> => {
    asked += 1
    const answer = answerTo(asked)
    worker.postMessage({ number: asked, ...question } satisfies Question)
    return answer
  }
  const stop = (): void => void worker.terminate()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await answerTo(0)
  } finally {
    signal?.removeEventListener('abort', stop)
  }
  return {
    query: async (text, parameters = []) => {
      const { rows = [], affectedRows } = await ask({ text, parameters })
      return { rows: [...rows], ...(affectedRows === undefined ? {} : { affectedRows }) }
    },
    close: async () => {
      await ask({}).catch(() => undefined)
      await worker.terminate()
    },
  }
}
