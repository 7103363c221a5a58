/**
 * Signed heads against the replayed ledger: those in the dump, and those that others hold.
 *
 * Laws: one height has one block; a head that somebody holds and the dump does not reach means that it was cut short
 * (PROTOCOL 18); a head counts only under the signature of who seals this ledger (its
 * operator, or on a consortium any member) and for this very chain.
 */
import type { JournalGenesis } from '../journal/index.ts'
import { parseSignedHead, type SignedHead, verifyHead } from '../ledger/index.ts'
import { type Address, type Hash32, isIsletError } from '../vocabulary/index.ts'
import type { JournalChecked, JournalReading } from './check-journal.ts'
import { HEADS } from './dump-format.ts'
import type { DumpReader } from './dump-reader.ts'
import type { Findings } from './finding.ts'

export interface HeadsChecked {
  /** The newest sound head of the dump itself. */
  readonly newest: SignedHead | undefined
  /** Heads of others that belong to this chain and were compared. */
  readonly anchors: number
}

/** What came of the replay. */
export interface Replayed {
  /** Of the blocks, by height. */
  readonly hashes: readonly (Hash32 | undefined)[]
  /** Whose signature makes a head count. */
  readonly sealers: ReadonlySet<Address>
}

export async function checkHeads(
  dump: DumpReader,
  anchors: readonly SignedHead[],
  { reading: journal, whole }: Pick<JournalChecked, 'reading' | 'whole'>,
  ledger: Replayed,
  findings: Findings,
): Promise<HeadsChecked> {
  const own: SignedHead[] = []
  let place = 0
  for await (const text of dump.lines(HEADS)) {
    place += 1
    const head = parseHead(text)
    const where = `${HEADS}, line ${place}`
    if (head === undefined) findings.add('DOCUMENT_MALFORMED', where)
    // Where the journal breaks off was said already: that the dump's own heads reach further says nothing more.
    else if (!whole && head.height > journal.blocks.length) own.push(head)
    else if (checkHead(head, where, journal, ledger, findings)) own.push(head)
  }
  const newest = own.toSorted((a, b) => b.height - a.height)[0]
  if (newest === undefined) findings.add('HEAD_MISSING', HEADS)
  else if (newest.height < journal.blocks.length) {
    findings.add('HEAD_MISSING', HEADS, `the blocks behind ${newest.height} are under no signature`)
  }
  let compared = 0
  for (const [i, head] of anchors.entries()) {
    if (checkHead(head, `anchor ${i + 1}`, journal, ledger, findings)) compared += 1
  }
  return { newest, anchors: compared }
}

/** Whether a head is a sealer's, for this chain; what it says is compared where it is. */
function checkHead(
  head: SignedHead,
  where: string,
  { genesis, blocks, records }: JournalReading,
  { hashes, sealers }: Replayed,
  findings: Findings,
): boolean {
  const place = `${where}, height ${head.height}`
  if (!isSigned(head)) {
    findings.add('HEAD_SIGNATURE_WRONG', place)
    return false
  }
  if (!isOfChain(head, genesis) || !sealers.has(head.operator)) {
    findings.add('HEAD_OF_ANOTHER_CHAIN', place)
    return false
  }
  if (head.height > blocks.length) {
    findings.add('DUMP_CUT_SHORT', place, `the dump ends at height ${blocks.length}`)
    return true
  }
  const replayed = hashes[head.height]
  const otherBlock = replayed !== undefined && replayed !== head.hash
  const timestamp = head.height === 0 ? genesis.genesisTimestamp : blocks[head.height - 1]?.timestamp
  const otherRecord = head.height > 0 && records[head.height - 1] !== head.journal
  if (otherBlock || otherRecord || timestamp !== head.timestamp) findings.add('HEAD_FORKED', place)
  return true
}

function isSigned(head: SignedHead): boolean {
  try {
    return verifyHead(head, head.operator)
  } catch {
    // A signature of another length is none.
    return false
  }
}

function isOfChain(head: SignedHead, genesis: JournalGenesis): boolean {
  return head.chainId === genesis.chainId && head.genesisHash === genesis.genesisHash
}

function parseHead(text: string): SignedHead | undefined {
  try {
    return parseSignedHead(JSON.parse(text))
  } catch (error) {
    if (isIsletError(error) || error instanceof SyntaxError) return undefined
    throw error
  }
}
