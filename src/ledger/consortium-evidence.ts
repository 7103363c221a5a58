/**
 * Seats that signed two blocks of one height, as the evidence in a node's blocks names them.
 *
 * Law: evidence stands in a block that more than two thirds signed, so one node suffices to see it; whether it is there is
 * told by the header, and only blocks that have some are read. Source: CometBFT's RPC (blockchain, block).
 */
import { createHash } from 'node:crypto'
import { fromHex, type Hash32 } from '../vocabulary/index.ts'
import { askComet, listOf } from './comet-rpc.ts'
import { member } from './json-rpc.ts'

/** Blocks searched, the newest; evidence comes within a few blocks. */
const LOOK_BACK = 1_000
/** Headers that CometBFT gives in one answer. */
const PAGE = 20
/** The hash of no evidence: SHA-256 of nothing. */
const NONE = createHash('sha256').digest('hex')

/** Seat's key → newest height that it signed twice; nothing where the node does not answer. */
export async function signedTwice(
  comet: string,
  newest: number,
  seats: readonly Hash32[],
): Promise<ReadonlyMap<Hash32, number>> {
  const found = new Map<Hash32, number>()
  const byAddress = new Map(seats.map((key) => [addressOf(key), key]))
  try {
    for (let to = newest; to > Math.max(0, newest - LOOK_BACK); to -= PAGE) {
      const from = Math.max(1, to - PAGE + 1)
      const metas = listOf(
        member(await askComet(comet, `blockchain?minHeight=${from}&maxHeight=${to}`), 'block_metas'),
      )
      for (const meta of metas) {
        const header = member(meta, 'header')
        if (String(member(header, 'evidence_hash')).toLowerCase() === NONE) continue
        const block = member(
          await askComet(comet, `block?height=${String(member(header, 'height'))}`),
          'block',
        )
        for (const one of listOf(member(member(block, 'evidence'), 'evidence'))) {
          const vote = member(member(one, 'value'), 'vote_a')
          const seat = byAddress.get(String(member(vote, 'validator_address')).toLowerCase())
          const height = Number(member(vote, 'height'))
          if (seat !== undefined && height > (found.get(seat) ?? 0)) found.set(seat, height)
        }
      }
    }
  } catch {
    // A node that stops answering has shown what it has.
  }
  return found
}

/** A consensus address: the first 20 bytes of the key's SHA-256. */
function addressOf(key: Hash32): string {
  return createHash('sha256').update(fromHex(key)).digest('hex').slice(0, 40)
}
