/**
 * Training beside the main thread: a pool of workers on all cores, and a site as a process of its own.
 *
 * Laws: what comes back does not depend on how many workers there are nor on which of them answers; windows are copied
 * into shared memory once, whoever trains on them; a worker that ends fails its questions and no others; closing ends
 * everything that was started.
 */
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { IsletError } from '../vocabulary/index.ts'
import type { Windows } from './data/windows.ts'
import type { NetworkShape, Trained, Training } from './nets/network.ts'
import type { Trainer } from './rounds/training-site.ts'
import type { Answer, Question, SiteSettings } from './training-service.ts'
import type { NumberedAnswer, NumberedQuestion } from './training-worker.ts'

export { nodeMaskSuite } from './node-mask-suite.ts'
export type { SiteSettings } from './training-service.ts'

export interface TrainerPool extends Trainer {
  train(parameters: Float32Array, windows: Windows, training: Training): Promise<Trained>
  readonly workers: number
  /** The same workers for a network of another shape. */
  of(shape: NetworkShape): Trainer
  close(): Promise<void>
}

export interface SiteProcess {
  /** Process id. */
  readonly pid: number | undefined
  /** One message of the rounds, answered. Throws the site's own codes, `WORKER_ENDED`. */
  answer(message: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

/** Starts workers for a network's shape: as many as cores unless said otherwise. They do not keep the process alive. */
export function openTrainers(shape: NetworkShape, { workers = availableParallelism() } = {}): TrainerPool {
  const most = Math.max(1, workers)
  // A thread takes a second to start: none before there is work for it.
  const pool: ReturnType<typeof startThread>[] = []
  let closed = false
  const freest = (): ReturnType<typeof startThread> => {
    const [first, ...others] = pool
    const best = others.reduce((a, b) => (a !== undefined && a.line.waiting <= b.line.waiting ? a : b), first)
    if (best !== undefined && (best.line.waiting === 0 || pool.length === most)) return best
    const started = startThread()
    pool.push(started)
    return started
  }
  const ids = new WeakMap<Windows, number>()
  const shared = new Map<number, Windows>()
  const gone = new FinalizationRegistry<number>((id) => {
    shared.delete(id)
    for (const worker of pool)
      if (worker.sent.delete(id)) void worker.line.ask({ kind: 'forget', id }).catch(() => {})
  })
  let next = 0
  const trainerOf = (own: NetworkShape) => ({
    train: async (parameters: Float32Array, windows: Windows, training: Training): Promise<Trained> => {
      let id = ids.get(windows)
      if (id === undefined) {
        id = next++
        ids.set(windows, id)
        shared.set(id, inSharedMemory(windows))
        gone.register(windows, id)
      }
      if (closed) throw ended()
      const worker = freest()
      const copy = shared.get(id)
      if (!worker.sent.has(id) && copy !== undefined) {
        worker.sent.add(id)
        void worker.line.ask({ kind: 'windows', id, windows: copy }).catch(() => {})
      }
      const trained = await worker.line.ask({ kind: 'train', shape: own, parameters, windows: id, training })
      if (trained === undefined || trained instanceof Uint8Array) throw ended()
      return trained
    },
  })
  return {
    ...trainerOf(shape),
    workers: most,
    of: trainerOf,
    close: async () => {
      closed = true
      await Promise.all(pool.map(({ worker }) => worker.terminate()))
    },
  }
}

/** Starts a site in a process of its own, from where it answers the messages of the rounds. */
export async function openSiteProcess(settings: SiteSettings): Promise<SiteProcess> {
  const child = fork(program(), [], { serialization: 'advanced', execArgv: [] })
  const closed = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const line = new Line((asked) => child.send(asked))
  child.on('message', (answer: NumberedAnswer) => line.hear(answer))
  child.once('exit', () => line.end())
  child.once('error', () => line.end())
  await line.ask({ kind: 'site', settings })
  return {
    pid: child.pid,
    answer: async (bytes) => {
      const answer = await line.ask({ kind: 'ask', bytes })
      if (!(answer instanceof Uint8Array)) throw ended()
      return answer
    },
    close: async () => {
      child.kill()
      await closed
    },
  }
}

/** Questions under way to one worker, by number. */
class Line {
  readonly #say: (asked: NumberedQuestion) => void
  readonly #open = new Map<number, { resolve(answer: Answer): void; reject(error: unknown): void }>()
  #asked = 0
  #ended = false

  constructor(say: (asked: NumberedQuestion) => void) {
    this.#say = say
  }

  get waiting(): number {
    return this.#open.size
  }

  ask(question: Question): Promise<Answer> {
    if (this.#ended) return Promise.reject(ended())
    const number = this.#asked++
    return new Promise((resolve, reject) => {
      this.#open.set(number, { resolve, reject })
      this.#say({ number, question })
    })
  }

  hear({ number, answer, error }: NumberedAnswer): void {
    const open = this.#open.get(number)
    this.#open.delete(number)
    if (error === undefined) open?.resolve(answer)
    else open?.reject(new IsletError(error.code, error.message))
  }

  end(): void {
    this.#ended = true
    for (const { reject } of this.#open.values()) reject(ended())
    this.#open.clear()
  }
}

function startThread() {
  const worker = new Worker(program(), { name: 'islet training', execArgv: [] })
  const line = new Line((asked) => {
    worker.ref()
    worker.postMessage(asked)
  })
  worker.on('message', (answer: NumberedAnswer) => {
    line.hear(answer)
    if (line.waiting === 0) worker.unref()
  })
  worker.once('error', () => line.end())
  worker.once('exit', () => line.end())
  worker.unref()
  return { worker, line, sent: new Set<number>() }
}

/** The worker's program: beside the bundle, above a bundle in a folder of its own, or the source. */
function program(): string {
  const [source = '', ...bundles] = [
    './training-worker.source.mjs',
    './training-worker.js',
    '../training-worker.js',
  ].map((place) => fileURLToPath(new URL(place, import.meta.url)))
  return bundles.find((path) => existsSync(path)) ?? source
}

function inSharedMemory(windows: Windows): Windows {
  const { inputs, targets, last, scored, person, anchor } = windows
  const memory = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
  const copies = {
    inputs: new Float32Array(memory(inputs.byteLength)),
    targets: new Float32Array(memory(targets.byteLength)),
    last: new Float32Array(memory(last.byteLength)),
    scored: new Uint8Array(memory(scored.byteLength)),
    person: new Int32Array(memory(person.byteLength)),
    anchor: new Float64Array(memory(anchor.byteLength)),
  }
  copies.inputs.set(inputs)
  copies.targets.set(targets)
  copies.last.set(last)
  copies.scored.set(scored)
  copies.person.set(person)
  copies.anchor.set(anchor)
  return { ...windows, ...copies }
}

function ended(): IsletError {
  return new IsletError('WORKER_ENDED', 'a training worker ended before it answered')
}
