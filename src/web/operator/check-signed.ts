/**
 * A dump's journal by its own hashes and, on a consortium, against what its validators signed and what its contracts hold,
 * by the same code as `islet verify`, with this browser's ciphers.
 *
 * Laws: nothing is sent anywhere and no node is asked; the page goes on drawing meanwhile.
 */
import {
  type CommitTrust,
  checkConsensus,
  checkJournal,
  Findings,
  JOURNAL,
  type Manifest,
} from '../../audit/browser.door.ts'
import type { FinalityCrypto } from '../../finality/index.ts'
import { nobleEd25519 } from '../../identity/index.ts'
import { nobleHasher } from '../../vault/index.ts'
import type { Bytes } from '../../vocabulary/index.ts'

export interface SignedChecked {
  /** Blocks of the journal. */
  readonly blocks: number
  /** Of these and behind them, blocks whose votes hold. */
  readonly voted: number
  /** Whether the believed block vouches for all of them. */
  readonly vouched: boolean
  /** Members, seats and consents that were proved. */
  readonly facts: number
  readonly findings: Findings['list']
}

const CRYPTO: FinalityCrypto = { hasher: nobleHasher, verify: nobleEd25519.verify }
/** Lines between two rests; the votes of a block take some milliseconds. */
const LINES = 10

/** `trust`: a block that whoever checks believes. */
export async function checkSigned(
  read: (path: string) => Promise<Bytes | undefined>,
  manifest: Manifest,
  trust: CommitTrust | undefined,
  progress: () => void = () => undefined,
): Promise<SignedChecked> {
  const findings = new Findings()
  const nothing = { blocks: 0, voted: 0, vouched: false, facts: 0 }
  const journal = checkJournal(await read(JOURNAL), nobleHasher.sha256, findings)
  if (journal === undefined) return { ...nothing, findings: findings.list }
  const { blocks } = journal.reading
  const counted = { ...nothing, blocks: blocks.length }
  if (manifest.engine !== 'consortium') return { ...counted, findings: findings.list }
  async function* lines(path: string): AsyncGenerator<string> {
    const rows = new TextDecoder().decode((await read(path)) ?? new Uint8Array(0)).split('\n')
    if (rows.at(-1) === '') rows.pop()
    for (const [done, row] of rows.entries()) {
      if (done % LINES === 0) await rest(progress)
      yield row
    }
  }
  const done = await checkConsensus({ lines, manifest, journal: blocks, trust }, CRYPTO, findings)
  const { facts } = done
  return {
    ...{ ...counted, voted: done.blocks, vouched: done.vouched, findings: findings.list },
    facts: facts === undefined ? 0 : facts.members.length + facts.seats + facts.consents.size,
  }
}

function rest(progress: () => void): Promise<void> {
  progress()
  return new Promise((resolve) => setTimeout(resolve))
}
