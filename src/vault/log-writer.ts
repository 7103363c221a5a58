/**
 * The access log of one custodian: appended before a byte leaves, signed now and then, never rewritten.
 *
 * Laws: an append returns only after its entry is durable (I4: every successful read has its leaf before bytes
 * leave); many appends that wait share one flush; one thing at a time touches what is on disk (`log-state.ts`).
 */
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { type AccessRecord, LONGEST_ENTRY, sealEntry } from './log-entry.ts'
import { type AccessLogParts, type Appended, LogState, type SignedHead } from './log-state.ts'
import { consistencyProof, inclusionProof } from './merkle-proof.ts'

/** An open access log. One process, one instance per directory. */
export interface AccessLog {
  readonly origin: string
  /** Durable entries. */
  readonly size: number
  /** Seals a record under the person's log key and appends it. Throws `LOG_ENTRY_TOO_LARGE`, `LOG_HALTED`, `DISK_FULL`, `READ_ONLY_DIRECTORY`, `LOG_DISK_FAILED`. */
  append(record: AccessRecord, logKey: Uint8Array): Promise<Appended>
  /** Appends sealed entries in order; all are durable when it returns. Throws as `append`. */
  appendEntries(entries: readonly Uint8Array[]): Promise<readonly Appended[]>
  /** Signs the durable log as it stands and publishes its tiles. */
  checkpoint(): Promise<SignedHead>
  /** The newest signed checkpoint, if there is one. */
  readonly signed: SignedHead | undefined
  /** Entries [from, until). Throws `LEAF_OUT_OF_TREE`. */
  entries(from: number, until: number): Promise<readonly Bytes[]>
  /** Path of entry `index` in the log's first `size` entries. Throws `LEAF_OUT_OF_TREE`. */
  inclusion(index: number, size: number): Promise<readonly Bytes[]>
  /** Proof that the first `first` entries are a prefix of the first `second`. Throws `LEAF_OUT_OF_TREE`. */
  consistency(first: number, second: number): Promise<readonly Bytes[]>
  /** Root of the first `size` entries. Throws `LEAF_OUT_OF_TREE`. */
  root(size: number): Promise<Bytes>
  close(): Promise<void>
}

interface Waiting {
  readonly entries: readonly Uint8Array[]
  readonly done: (appended: readonly Appended[]) => void
  readonly failed: (error: unknown) => void
}

/**
 * Opens a log, mending what a crash left. Throws `LOG_DAMAGED`, `LOG_TRUNCATED`, `LOG_CHECKPOINT_WRONG`, and the
 * codes of a disk that refuses.
 */
export async function openLog(parts: AccessLogParts): Promise<AccessLog> {
  const state = await LogState.open(parts)
  let queue: Waiting[] = []
  let turn: Promise<unknown> = Promise.resolve()
  let pumping = false
  /** One thing at a time touches the state. */
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    return result
  }
  const pump = async (): Promise<void> => {
    while (queue.length > 0) {
      const group = queue
      queue = []
      await exclusively(() => commitGroup(group, state))
    }
    pumping = false
  }
  const appendEntries = (entries: readonly Uint8Array[]): Promise<readonly Appended[]> =>
    new Promise((done, failed) => {
      const tooLong = entries.find((entry) => entry.length > LONGEST_ENTRY)
      if (tooLong !== undefined) {
        failed(new IsletError('LOG_ENTRY_TOO_LARGE', 'a log entry is too long', { bytes: tooLong.length }))
        return
      }
      queue.push({ entries, done, failed })
      if (!pumping) {
        pumping = true
        void pump()
      }
    })
  return {
    origin: parts.origin,
    get size() {
      return state.size
    },
    get signed() {
      return state.signed
    },
    append: async (record, logKey) => {
      const [appended] = await appendEntries([await sealEntry(record, logKey, parts.crypto)])
      if (appended === undefined) throw new IsletError('LOG_DISK_FAILED', 'the entry was not appended')
      return appended
    },
    appendEntries,
    checkpoint: () => exclusively(() => state.checkpoint()),
    entries: (from, until) => exclusively(() => state.entries(from, until)),
    inclusion: (index, size) =>
      exclusively(() =>
        state.prove(size, (nodes) => inclusionProof(index, size, nodes, parts.crypto.hasher)),
      ),
    consistency: (first, second) =>
      exclusively(() =>
        state.prove(second, (nodes) => consistencyProof(first, second, nodes, parts.crypto.hasher)),
      ),
    root: (size) => exclusively(() => state.root(size)),
    close: () => exclusively(() => state.close()),
  }
}

async function commitGroup(group: readonly Waiting[], state: LogState): Promise<void> {
  try {
    const appended = await state.append(group.flatMap(({ entries }) => entries))
    let from = 0
    for (const { entries, done } of group) {
      done(appended.slice(from, from + entries.length))
      from += entries.length
    }
  } catch (error) {
    for (const { failed } of group) failed(error)
  }
}
