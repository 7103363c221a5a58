/**
 * From a block that is believed to a later one.
 *
 * Law: the next block's seats are those that the believed one names; further on, more than a third of the believed
 * power signed too, so that at least one honest seat vouches for the new set. The believed block is no older than the
 * trust period: seats that left longer ago have nothing to lose and could sign another past.
 * Source: CometBFT v0.39, spec/light-client/verification and light/verifier.go.
 */
import { equalBytes, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import { type Header, isAfter } from './header.ts'
import { checkBlock, type FinalityCrypto, type LightBlock } from './light-block.ts'
import { refusal } from './refusal.ts'
import { type Seat, totalPower } from './seats.ts'

/** A block that is believed: by a pin, or because it follows from one. */
export interface Trusted {
  readonly header: Header
  readonly seats: readonly Seat[]
}

export interface TrustRules {
  /** The verifier's own clock. */
  readonly now: UnixSeconds
  /** How long a believed block vouches for others, seconds. */
  readonly trustPeriod: number
}

/** Fourteen days: shorter than the notice on which an institution leaves and its key is forgotten. */
export const TRUST_PERIOD_SECONDS = 14 * 86_400

/** How far a block's time may lie before the verifier's clock, seconds; CometBFT's own default. */
const CLOCK_DRIFT_SECONDS = 10

/**
 * Believes a later block because of a believed one. Throws `CHAIN_DIFFERS`, `HEIGHT_NOT_AFTER`, `TIME_NOT_AFTER`,
 * `TIME_IN_FUTURE`, `ANCHOR_STALE`, `SEATS_NOT_NEXT`, `SEATS_UNTRUSTED`, and what `checkBlock` throws.
 */
export function follow(
  trusted: Trusted,
  block: LightBlock,
  { now, trustPeriod }: TrustRules,
  crypto: FinalityCrypto,
): Trusted {
  const { header, seats } = block
  const { height } = header
  const before = trusted.header
  if (header.chain !== before.chain) {
    throw refusal('CHAIN_DIFFERS', 'the block is of another chain', { height })
  }
  if (height <= before.height) {
    throw refusal('HEIGHT_NOT_AFTER', 'the block does not come after the one believed', { height })
  }
  if (before.time.seconds + trustPeriod <= now) {
    throw refusal('ANCHOR_STALE', 'the block believed is older than the trust period', {
      height: before.height,
    })
  }
  if (!isAfter(header.time, before.time)) {
    throw refusal('TIME_NOT_AFTER', 'the block is dated before the one believed', { height })
  }
  if (header.time.seconds >= now + CLOCK_DRIFT_SECONDS) {
    throw refusal('TIME_IN_FUTURE', 'the block is dated after this clock', { height })
  }
  if (height === before.height + 1 && !equalBytes(header.validatorsHash, before.nextValidatorsHash)) {
    throw refusal('SEATS_NOT_NEXT', 'the block before named other seats', { height })
  }
  const signers = checkBlock(block, crypto)
  if (height > before.height + 1 && !vouched(trusted.seats, signers)) {
    throw refusal('SEATS_UNTRUSTED', 'no more than a third of the believed power signed', { height })
  }
  return { header, seats }
}

function vouched(seats: readonly Seat[], signers: ReadonlySet<string>): boolean {
  return 3 * totalPower(seats.filter(({ key }) => signers.has(toHex(key)))) > totalPower(seats)
}
