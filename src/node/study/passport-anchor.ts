/**
 * The ledger's own facts about a passport, from a dump that is replayed here and the heads that others hold.
 *
 * Laws: no node and no network; the facts count only where the dump verifies, a head that somebody else holds was
 * compared (PROTOCOL 18), and both contracts of studies were created from the committed code for this very consortium.
 */
import { readRawTransaction, replay, type VerifyOptions, verifyDump } from '../../audit/index.ts'
import {
  type Head,
  roundLedgerBytecode,
  type SignedHead,
  type StudyEvent,
  studyEvents,
  studyLedgerBytecode,
} from '../../ledger/index.ts'
import { type LedgerFacts, LedgerFactsFold } from '../../study/index.ts'
import {
  type Address,
  type Hash32,
  type Hex,
  IsletError,
  isIsletError,
  toHex,
} from '../../vocabulary/index.ts'

/** What of a passport says where to look. */
export interface PassportPlace {
  readonly chainId: number
  readonly studies: Address
  readonly rounds: Address
  readonly study: Hash32
  readonly version: number
  /** Seats of the committee that make a decision. */
  readonly quorum: number
}

type Replayer = NonNullable<VerifyOptions['replayer']>

/** Replays a dump for a passport. Throws the codes of `verifyDump`, `DUMP_DOES_NOT_HOLD`, `ANCHOR_NOT_COMPARED`, `DUMP_OF_ANOTHER_LEDGER`. */
export async function factsFromDump(
  dump: string,
  anchors: readonly SignedHead[],
  place: PassportPlace,
  options: Pick<VerifyOptions, 'progress' | 'signal'>,
): Promise<LedgerFacts | undefined> {
  const fold = new LedgerFactsFold(place.study)
  const creations = new Map<string, Hex>()
  let chainId = 0
  const replayer: Replayer = (journal, genesis, visit, founded) => {
    chainId = genesis.chainId
    let parent = genesis.genesisHash
    const note: typeof visit = (block) => {
      visit(block)
      for (const event of eventsOf(block, place, parent)) fold.note(event)
      parent = block.hash
      for (const [address, code] of creationsIn(block, chainId)) creations.set(address, code)
    }
    return replay(journal, genesis, note, founded)
  }
  const report = await verifyDump(dump, { ...options, anchors, replayer })
  if (!report.ok) throw refused('DUMP_DOES_NOT_HOLD', 'the dump itself does not verify', dump)
  if (!report.anchored) throw refused('ANCHOR_NOT_COMPARED', 'no head of this ledger was compared', dump)
  const membership = report.deployment?.membership
  const isTheirs =
    chainId === place.chainId &&
    membership !== undefined &&
    creations.get(place.studies) === `${studyLedgerBytecode}${word(membership)}${word(place.quorum)}` &&
    creations.get(place.rounds) === `${roundLedgerBytecode}${word(place.studies)}`
  if (!isTheirs)
    throw refused(
      'DUMP_OF_ANOTHER_LEDGER',
      'the dump does not hold the contracts that the passport names',
      dump,
    )
  return fold.facts(place.version)
}

type Block = Parameters<Parameters<Replayer>[2]>[0]

function eventsOf(
  { record, hash, transactions }: Block,
  place: PassportPlace,
  parentHash: Hash32,
): readonly StudyEvent[] {
  const head: Head = { height: record.height, hash, parentHash, timestamp: record.timestamp }
  const logs = transactions.flatMap(({ hash: transaction, succeeded, events }) =>
    succeeded ? events.map((event) => ({ ...event, transaction })) : [],
  )
  return studyEvents(
    place,
    head,
    logs.map((log, index) => ({ ...log, index, data: hexOf(log.data) })),
  )
}

/** Contracts created in a block, with the code that created them. */
function* creationsIn({ record, transactions }: Block, chainId: number): Generator<readonly [string, Hex]> {
  const created = new Map(
    transactions.flatMap(({ hash, created: at, succeeded }) =>
      succeeded && at !== null ? [[hash, at] as const] : [],
    ),
  )
  if (created.size === 0) return
  for (const { raw } of record.transactions) {
    try {
      const { hash, data } = readRawTransaction(raw, chainId)
      const at = created.get(hash)
      if (at !== undefined) yield [at, toHex(data)]
    } catch (error) {
      // What cannot be read is a finding of the dump's own verification.
      if (!isIsletError(error)) throw error
    }
  }
}

function hexOf(data: string): Hex {
  return `0x${data.replace(/^0x/, '')}`
}

/** One word of a constructor's arguments. */
function word(value: string | number): string {
  const digits = typeof value === 'number' ? value.toString(16) : value.replace(/^0x/, '')
  return digits.padStart(64, '0')
}

function refused(code: string, message: string, dump: string): IsletError {
  return new IsletError(
    code,
    message,
    {},
    { at: { file: dump }, remedy: `See what is wrong with it: islet verify ${dump} --anchor HEAD` },
  )
}
