/**
 * The shortest way from a believed block to a later one that a source of blocks can show.
 *
 * Law: the source is not believed; each block of the trail is verified as it comes. Where the seats between changed by
 * so much that a leap is refused, the way is halved until it is not.
 * Source: CometBFT v0.39, spec/light-client/verification (bisection).
 */
import { isIsletError } from '../vocabulary/index.ts'
import { follow, type Trusted, type TrustRules } from './follow.ts'
import type { FinalityCrypto, LightBlock } from './light-block.ts'

/** Shows the block of a height with its votes and seats. */
export type BlockSource = (height: number) => Promise<LightBlock>

export interface Trail {
  readonly blocks: readonly LightBlock[]
  readonly end: Trusted
}

/** Finds the way to a height; none is needed to the believed block itself. Throws what `follow` and the source throw. */
export async function trailTo(
  start: Trusted,
  height: number,
  source: BlockSource,
  rules: TrustRules,
  crypto: FinalityCrypto,
): Promise<Trail> {
  const blocks: LightBlock[] = []
  const ahead: LightBlock[] = height === start.header.height ? [] : [await source(height)]
  let end = start
  for (let next = ahead.at(-1); next !== undefined; next = ahead.at(-1)) {
    try {
      end = follow(end, next, rules, crypto)
      blocks.push(next)
      ahead.pop()
    } catch (error) {
      if (!isIsletError(error, 'SEATS_UNTRUSTED')) throw error
      ahead.push(await source(Math.floor((end.header.height + next.header.height) / 2)))
    }
  }
  return { blocks, end }
}
