/**
 * The program of a training worker: as a thread it answers its parent thread, as a process of its own it speaks over
 * Node's IPC channel. One program, so that a site on another machine trains as ten sites in one process do.
 */
import { parentPort } from 'node:worker_threads'
import { IsletError } from '../vocabulary/index.ts'
import { nodeMaskSuite } from './node-mask-suite.ts'
import { type Answer, type Question, trainingService } from './training-service.ts'

export interface NumberedQuestion {
  readonly number: number
  readonly question: Question
}

export interface NumberedAnswer {
  readonly number: number
  readonly answer?: Answer
  readonly error?: { readonly code: string; readonly message: string }
}

const serve = trainingService(nodeMaskSuite)
// One after another: a worker has one core.
let last: Promise<void> = Promise.resolve()

function take({ number, question }: NumberedQuestion, say: (answer: NumberedAnswer) => void): void {
  last = last.then(async () => {
    try {
      say({ number, answer: await serve(question) })
    } catch (error) {
      const code = error instanceof IsletError ? error.code : 'SITE_FAILED'
      say({ number, error: { code, message: error instanceof Error ? error.message : 'the worker failed' } })
    }
  })
}

if (parentPort !== null) {
  const port = parentPort
  port.on('message', (asked: NumberedQuestion) => take(asked, (answer) => port.postMessage(answer)))
} else if (process.send !== undefined) {
  process.on('message', (asked: NumberedQuestion) => take(asked, (answer) => process.send?.(answer)))
}
