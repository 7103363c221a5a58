/**
 * The newest block that every node which answers shows alike: what a verifier may pin who has nothing better yet.
 *
 * Law: its votes are checked, and two nodes that show different blocks are told, never chosen between.
 */
import { toHex } from '../vocabulary/index.ts'
import type { Trusted } from './follow.ts'
import { headerHash } from './header.ts'
import { checkBlock, type FinalityCrypto } from './light-block.ts'
import type { BlockAndStateSource } from './prove-consent.ts'
import { refusal } from './refusal.ts'

/** Throws `NODE_SILENT` where none answers, `NODES_DIFFER`, and what `checkBlock` throws. */
export async function agreedBlock(
  sources: readonly BlockAndStateSource[],
  crypto: FinalityCrypto,
): Promise<Trusted> {
  const told = await Promise.allSettled(sources.map((source) => source.newest()))
  const heights = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const [refused] = told.filter((one) => one.status === 'rejected')
  if (heights.length === 0 && refused !== undefined) throw refused.reason
  const shown = sources.filter((_, place) => told[place]?.status === 'fulfilled')
  const [first, ...others] = await Promise.all(shown.map((source) => source.block(Math.min(...heights))))
  if (first === undefined) throw refusal('NODES_DIFFER', 'no node is named')
  const hash = toHex(headerHash(first.header, crypto.hasher))
  if (others.some(({ header }) => toHex(headerHash(header, crypto.hasher)) !== hash)) {
    throw refusal('NODES_DIFFER', 'two nodes show different blocks of one height', {
      height: first.header.height,
    })
  }
  checkBlock(first, crypto)
  return { header: first.header, seats: first.seats }
}
