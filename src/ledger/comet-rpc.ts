/** A question to CometBFT's own interface of a node, and lists in its answers. */
import { member } from './json-rpc.ts'

const LIMIT_MS = 2_000

/** What a node (host:port) answers to a path; rejects where it does not answer in time. */
export async function askComet(comet: string, path: string): Promise<unknown> {
  const answer = await fetch(`http://${comet}/${path}`, { signal: AbortSignal.timeout(LIMIT_MS) })
  return member(await answer.json(), 'result')
}

/** A list in an answer; empty where there is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
