/**
 * The block of a consortium that a data directory is held to: given once at a start, kept in `anchor.json`, compared at every
 * opening.
 *
 * Laws: the document's seats and header have the hash that it names, so that chain, past (the genesis is the first of the
 * block's ancestors) and the seats that decide next are pinned by it; a node that shows another block is not opened.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FINALITY_CRYPTO } from '../../audit/index.ts'
import { anchorIn, openAnchor, type TrustAnchor } from '../../finality/index.ts'
import { IsletError, isIsletError } from '../../vocabulary/index.ts'
import { writeDocumentFile } from '../institution/document-file.ts'

const pathOf = (directory: string): string => join(directory, 'anchor.json')

const REMEDY = 'Give the file that you or another member keeps.'

/** Reads the anchor of a file. Throws `NOT_A_TRUST_ANCHOR` and the codes of the disk. */
export async function readAnchorFile(file: string): Promise<TrustAnchor> {
  const anchor = anchorIn(await readFile(file, 'utf8'))
  if (anchor !== undefined) return anchor
  const hint = { at: { file }, remedy: REMEDY }
  throw new IsletError('NOT_A_TRUST_ANCHOR', 'an anchor is a document islet.trust-anchor/1', {}, hint)
}

/** An anchor whose parts belong together. Throws as `readAnchorFile`, and `ANCHOR_ALTERED`. */
export async function soundAnchor(file: string): Promise<TrustAnchor> {
  const anchor = await readAnchorFile(file)
  try {
    openAnchor(anchor, FINALITY_CRYPTO.hasher)
  } catch (cause) {
    if (!isIsletError(cause)) throw cause
    const what = 'the anchor’s header and seats do not have the hash that it names'
    throw new IsletError('ANCHOR_ALTERED', what, {}, { at: { file }, remedy: REMEDY, cause })
  }
  return anchor
}

/** Holds directories to a block from now on. */
export async function pinBlock(anchor: TrustAnchor, directories: readonly string[]): Promise<void> {
  for (const directory of directories) await writeDocumentFile(pathOf(directory), anchor)
}

/** The block that a directory is held to; undefined where it is held to none. Throws as `soundAnchor`. */
export async function pinnedBlock(directory: string): Promise<TrustAnchor | undefined> {
  try {
    return await soundAnchor(pathOf(directory))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** What every endpoint must show of a chain. Throws `ANCHOR_OF_ANOTHER_CHAIN`. */
export function expectedChain(chainId: number, pinned: TrustAnchor | undefined) {
  if (pinned === undefined) return { chainId }
  const { chain, height, hash } = pinned
  if (chain !== `islet-${chainId}`) {
    throw new IsletError(
      'ANCHOR_OF_ANOTHER_CHAIN',
      `the anchor pins a block of ${chain}, and this data directory is of islet-${chainId}`,
      { pinned: chain, found: `islet-${chainId}` },
      { remedy: 'Give the anchor of this consortium with --anchor FILE, or remove anchor.json.' },
    )
  }
  return { chainId, block: { height, hash } }
}
