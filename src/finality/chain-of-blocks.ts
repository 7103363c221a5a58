/**
 * A chain's blocks in order, from the first on, held against one block that a verifier believes.
 *
 * Laws: every block carries the votes of more than two thirds of the seats that the block before it named; every header
 * names the one before by its hash, so that a believed block vouches for all before it for good, and for those after it as
 * long as the trust period lasts.
 */
import { equalBytes, fromHex, quantity, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import type { TrustAnchor } from './anchor.ts'
import type { TrustRules } from './follow.ts'
import { type Header, headerHash, isAfter } from './header.ts'
import { checkBlock, type FinalityCrypto, type LightBlock } from './light-block.ts'
import { refusal } from './refusal.ts'
import type { Seat } from './seats.ts'

export class ChainOfBlocks {
  readonly #crypto: FinalityCrypto
  readonly #anchor: TrustAnchor | undefined
  #last: { readonly header: Header; readonly hash: Uint8Array } | undefined
  #seats: readonly Seat[] = []
  #met: UnixSeconds | undefined

  constructor(crypto: FinalityCrypto, anchor?: TrustAnchor) {
    this.#crypto = crypto
    this.#anchor = anchor
  }

  /** The seats of the newest block; those of the next one where none are written. */
  get seats(): readonly Seat[] {
    return this.#seats
  }

  /** Hash of the newest block. Nothing before one was taken. */
  get hash(): Uint8Array {
    return this.#last?.hash ?? new Uint8Array(0)
  }

  get height(): number {
    return this.#last?.header.height ?? 0
  }

  /**
   * Takes the next block. Throws `HEIGHT_NOT_AFTER`, `CHAIN_DIFFERS`, `PAST_DIFFERS`, `TIME_NOT_AFTER`, `SEATS_NOT_NEXT`,
   * `ANCHOR_ALTERED` where it is not the believed one of its height, and what `checkBlock` throws.
   */
  take(block: LightBlock): void {
    const { header, seats } = block
    const { height } = header
    const last = this.#last
    if (height !== this.height + 1) throw refusal('HEIGHT_NOT_AFTER', 'a block is missing', { height })
    if (last !== undefined) {
      if (header.chain !== last.header.chain) {
        throw refusal('CHAIN_DIFFERS', 'the block is of another chain', { height })
      }
      if (!equalBytes(header.lastBlock.hash, last.hash)) {
        throw refusal('PAST_DIFFERS', 'the block names another one before it', { height })
      }
      if (!isAfter(header.time, last.header.time)) {
        throw refusal('TIME_NOT_AFTER', 'the block is dated before the one before it', { height })
      }
      if (!equalBytes(header.validatorsHash, last.header.nextValidatorsHash)) {
        throw refusal('SEATS_NOT_NEXT', 'the block before named other seats', { height })
      }
    }
    checkBlock(block, this.#crypto)
    const hash = headerHash(header, this.#crypto.hasher)
    const anchor = this.#anchor
    if (anchor?.height === height) {
      if (anchor.chain !== header.chain || !equalBytes(fromHex(anchor.hash), hash)) {
        throw refusal('ANCHOR_ALTERED', 'the block is not the one that the anchor pins', {
          height,
          shown: toHex(hash),
        })
      }
      this.#met = quantity<UnixSeconds>(header.time.seconds)
    }
    this.#last = { header, hash }
    this.#seats = seats
  }

  /**
   * Whether the believed block vouches for all that were taken: it is among them, and no older than the trust period or the
   * last of them. Throws `ANCHOR_STALE`.
   */
  vouched({ now, trustPeriod }: TrustRules): boolean {
    if (this.#met === undefined) return false
    if (this.#anchor?.height !== this.height && this.#met + trustPeriod <= now) {
      throw refusal('ANCHOR_STALE', 'the anchor is older than the trust period', {
        height: this.#anchor?.height ?? 0,
      })
    }
    return true
  }
}
