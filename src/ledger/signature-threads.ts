/**
 * Signatures looked at beside the main thread: under load a recovery takes longer than all else that a grant costs here.
 *
 * Laws: the answer is that of `recoverSigner`, whoever gives it (one text, account-recovery.ts); a thread that fails
 * costs time, never an answer; an idle process has no thread: they start under load, end after some idle seconds and
 * when the last ledger closes, and never keep the process alive by themselves.
 *
 * The threads' program is the text of two functions, so that it is the same from sources, in tests and in a bundle.
 */
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type Address, address } from '../vocabulary/index.ts'
import { accountRecovery, type RecoverAccount } from './account-recovery.ts'
import { encodeHex } from './hex.ts'
import { recoverSigner } from './signer.ts'

/** Asked: digest (32) ‖ signature (65) each. Answered: 1 ‖ account (20) each, 0 first where there is none. */
const ASKED_BYTES = 97
const ANSWERED_BYTES = 21
/** Signatures in one message: some ten milliseconds of a thread. */
const CHUNK = 32
/** Messages that a thread has at a time, so that it never waits for the main one. */
const CHUNKS_A_THREAD = 2
/** So few in one turn of the event loop are looked at here, unless a thread runs or the second has had many. */
const FEW = 3
const MANY_A_SECOND = 64
const IDLE_MS = 5_000
const THREADS = Math.max(1, Math.min(2, availableParallelism() - 1))

interface Job {
  readonly digest: Uint8Array
  readonly signature: Uint8Array
  resolve(signer: Address | undefined): void
}

interface Thread {
  readonly worker: Worker
  /** Chunks under way, oldest first: a thread answers in order. */
  readonly chunks: (readonly Job[])[]
}

export class SignatureThreads {
  #queue: Job[] = []
  #threads: Thread[] = []
  #turn: NodeJS.Immediate | undefined
  #idle: NodeJS.Timeout | undefined
  #holders = 0
  #broken = false
  #second = { since: 0, here: 0 }

  /** Threads that run now. */
  get running(): number {
    return this.#threads.length
  }

  /** Says that a ledger is open; the function returned says that it closed, and the last one ends the threads. */
  hold(): () => Promise<void> {
    this.#holders += 1
    let held = true
    return async () => {
      if (!held) return
      held = false
      this.#holders -= 1
      if (this.#holders === 0) await this.#end()
    }
  }

  /** The account that signed a digest, as `recoverSigner` answers. */
  recover(digest: Uint8Array, signature: Uint8Array): Promise<Address | undefined> {
    if (digest.length !== 32 || signature.length !== 65) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#queue.push({ digest, signature, resolve })
      this.#turn ??= setImmediate(() => this.#work())
    })
  }

  #work(): void {
    this.#turn = undefined
    if (this.#broken || (this.#threads.length === 0 && this.#fewEnough())) {
      // A few a turn: blocks, reads and revokes never wait behind a flood of them.
      for (const job of this.#queue.splice(0, FEW)) job.resolve(recoverSigner(job.digest, job.signature))
      if (this.#queue.length > 0) this.#turn = setImmediate(() => this.#work())
      return
    }
    const room = () => this.#threads.find(({ chunks }) => chunks.length < CHUNKS_A_THREAD)
    while (this.#queue.length > 0) {
      const thread = room() ?? (this.#threads.length < THREADS ? this.#start() : undefined)
      if (thread === undefined) break
      this.#send(thread, this.#queue.splice(0, CHUNK))
    }
  }

  #fewEnough(): boolean {
    const now = performance.now()
    if (now - this.#second.since > 1000) this.#second = { since: now, here: 0 }
    this.#second.here += this.#queue.length
    return this.#queue.length <= FEW && this.#second.here <= MANY_A_SECOND
  }

  #start(): Thread {
    const { resolve } = createRequire(import.meta.url)
    const worker = new Worker(PROGRAM, {
      eval: true,
      name: 'islet signatures',
      workerData: {
        secp: pathToFileURL(resolve('tiny-secp256k1')).href,
        sha3: pathToFileURL(resolve('@noble/hashes/sha3.js')).href,
      },
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    })
    const thread: Thread = { worker, chunks: [] }
    worker.on('message', (answers: Uint8Array) => this.#answer(thread, answers))
    worker.once('error', () => this.#lose(thread, true))
    worker.once('exit', () => this.#lose(thread, false))
    this.#threads.push(thread)
    return thread
  }

  #send(thread: Thread, jobs: readonly Job[]): void {
    const asked = new Uint8Array(jobs.length * ASKED_BYTES)
    jobs.forEach(({ digest, signature }, i) => {
      asked.set(digest, i * ASKED_BYTES)
      asked.set(signature, i * ASKED_BYTES + 32)
    })
    clearTimeout(this.#idle)
    thread.chunks.push(jobs)
    thread.worker.ref()
    thread.worker.postMessage(asked, [asked.buffer])
  }

  #answer(thread: Thread, answers: Uint8Array): void {
    const jobs = thread.chunks.shift() ?? []
    if (thread.chunks.length === 0) thread.worker.unref()
    jobs.forEach(({ resolve }, i) => {
      const at = i * ANSWERED_BYTES
      const found = answers[at] === 1
      resolve(found ? address(encodeHex(answers.subarray(at + 1, at + ANSWERED_BYTES))) : undefined)
    })
    this.#work()
    if (this.#threads.every(({ chunks }) => chunks.length === 0)) {
      clearTimeout(this.#idle)
      this.#idle = setTimeout(() => void this.#end(), IDLE_MS)
      this.#idle.unref()
    }
  }

  /** What a lost thread had is looked at again; after an error here, for good. */
  #lose(thread: Thread, failed: boolean): void {
    this.#broken ||= failed
    this.#threads = this.#threads.filter((other) => other !== thread)
    this.#queue.unshift(...thread.chunks.splice(0).flat())
    if (this.#queue.length > 0) this.#turn ??= setImmediate(() => this.#work())
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle)
    const ending = this.#threads
    this.#threads = []
    await Promise.all(ending.map(({ worker }) => worker.terminate()))
  }
}

/** The threads of this process: one set, however many ledgers and relayers it has. */
export const signatureThreads = new SignatureThreads()

interface Port {
  on(event: 'message', listener: (asked: Uint8Array) => void): void
  postMessage(answers: Uint8Array, transfer: readonly ArrayBuffer[]): void
}

/** Runs in the thread: refers to nothing outside itself. */
function serve(port: Port, recover: RecoverAccount): void {
  port.on('message', (asked) => {
    const count = asked.length / 97
    const answers = new Uint8Array(count * 21)
    for (let i = 0; i < count; i++) {
      const at = i * 97
      const account = recover(asked.subarray(at, at + 32), asked.subarray(at + 32, at + 97))
      if (account === undefined) continue
      answers[i * 21] = 1
      answers.set(account, i * 21 + 1)
    }
    port.postMessage(answers, [answers.buffer])
  })
}

/** `__name` is what some bundlers wrap around functions to keep their names. */
const PROGRAM = `
const __name = (target) => target
const { parentPort, workerData } = require('node:worker_threads')
const serve = ${serve.toString()}
const accountRecovery = ${accountRecovery.toString()}
Promise.all([import(workerData.secp), import(workerData.sha3)]).then(([secp, sha3]) =>
  serve(parentPort, accountRecovery(secp.recover, sha3.keccak_256)))
`
