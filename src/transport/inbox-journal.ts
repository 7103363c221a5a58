/**
 * Which messages were done and what was answered: the same message sent again gets the same answer, and nothing is done twice.
 *
 * Law: an answer leaves only after it is in the journal. An id that comes back with another body is refused. A crash between
 * the deed and the journal lets the deed happen again on a retry: handlers key their own writes by content.
 * Format: one line each: 16 hex digits of SHA-256(JSON) ‖ space ‖ JSON. The first unsound line and what follows is cut off.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Bytes, concat, utf8 } from '../vocabulary/index.ts'
import { openDurableFile } from './durable-file.ts'

/** For how long an answer is kept, in seconds: a day. */
export const ANSWER_KEPT_SECONDS = 86_400

export interface Done {
  /** SHA-256 of the body, hex. */
  readonly digest: string
  readonly status: number
  /** The answer, as sent. */
  readonly text: string
}

interface Entry extends Done {
  readonly key: string
  readonly until: number
}

export interface InboxJournal {
  /** What was answered to a message, by sender and id. */
  readonly find: (key: string) => Done | undefined
  /** Resolves once the answer is durable. */
  readonly record: (key: string, done: Done) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the journal; `now` in seconds since 1970. */
export async function openInboxJournal(path: string, now: () => number): Promise<InboxJournal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const held = await readFile(path).catch(() => Buffer.alloc(0))
  const entries = new Map<string, Entry>()
  let sound = 0
  let lines = 0
  for (let end = held.indexOf(10); end >= 0; end = held.indexOf(10, sound)) {
    const entry = readLine(held.subarray(sound, end).toString('utf8'))
    if (entry === undefined) break
    sound = end + 1
    lines += 1
    if (entry.until > now()) entries.set(entry.key, entry)
  }
  const file = await openDurableFile(path, sound)
  if (entries.size * 2 < lines) await file.replace(concat(...[...entries.values()].map(writeLine)))

  return {
    find: (key) => {
      const entry = entries.get(key)
      return entry === undefined || entry.until <= now() ? undefined : entry
    },
    record: async (key, done) => {
      const entry = { key, until: Math.ceil(now()) + ANSWER_KEPT_SECONDS, ...done }
      await file.append(writeLine(entry))
      entries.set(key, entry)
    },
    close: file.close,
  }
}

function check(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16)
}

function writeLine(entry: Entry): Bytes {
  const json = JSON.stringify(entry)
  return utf8(`${check(json)} ${json}\n`)
}

function readLine(line: string): Entry | undefined {
  const json = line.slice(17)
  if (line.slice(0, 17) !== `${check(json)} `) return undefined
  const value: unknown = JSON.parse(json)
  return isEntry(value) ? value : undefined
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const has = (name: string, type: string): boolean =>
    name in value && typeof Reflect.get(value, name) === type
  return (
    has('key', 'string') &&
    has('until', 'number') &&
    has('digest', 'string') &&
    has('status', 'number') &&
    has('text', 'string')
  )
}
