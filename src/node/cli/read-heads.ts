/** Signed heads that somebody kept, as files. */
import { readFile } from 'node:fs/promises'
import { parseSignedHead, type SignedHead } from '../../ledger/index.ts'
import { IsletError, isIsletError } from '../../vocabulary/index.ts'

/** The heads of `--anchor`. Throws `NOT_A_SIGNED_HEAD` naming the file. */
export async function readHeads(named: unknown): Promise<readonly SignedHead[]> {
  const files = Array.isArray(named) ? named.filter((file) => typeof file === 'string') : []
  return Promise.all(files.map(readHead))
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
