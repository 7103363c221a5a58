/** Signed heads that somebody kept, as files. */
import { readFile } from 'node:fs/promises'
import type { CommitTrust } from '../../audit/index.ts'
import { parseSignedHead, type SignedHead } from '../../ledger/index.ts'
import { IsletError, isIsletError } from '../../vocabulary/index.ts'
import { trustAnchorIn, trustIn } from './consent-standing.ts'

export interface Anchors {
  readonly anchors: readonly SignedHead[]
  /** A block of a consortium, where one was given. */
  readonly trust?: CommitTrust
}

/** What `--anchor` names: heads that members signed, and a block of a consortium. Throws `NOT_A_SIGNED_HEAD` naming the file. */
export async function readAnchors(named: unknown): Promise<Anchors> {
  const files = Array.isArray(named) ? named.filter((file) => typeof file === 'string') : []
  const anchors: SignedHead[] = []
  let trust: CommitTrust | undefined
  for (const file of files) {
    const block = await trustAnchorIn(file)
    if (block === undefined) anchors.push(await readHead(file))
    else trust = trustIn(block)
  }
  return { anchors, ...(trust === undefined ? {} : { trust }) }
}

/** A signed head that somebody kept. Throws `NOT_A_SIGNED_HEAD` naming the file. */
async function readHead(file: string): Promise<SignedHead> {
  const text = await readFile(file, 'utf8')
  try {
    return parseSignedHead(JSON.parse(text))
  } catch (error) {
    if (!(isIsletError(error) || error instanceof SyntaxError)) throw error
    throw new IsletError(
      'NOT_A_SIGNED_HEAD',
      'an anchor is a signed head, a document islet.head/1',
      {},
      { at: { file }, remedy: 'Give the file that another member keeps.', cause: error },
    )
  }
}
