/**
 * Makes the proof of a consent's standing out of what one node shows, for somebody who holds an anchor.
 *
 * Law: the node is not believed: what it shows is verified before it is written, so a proof that is made also holds.
 */
import type { Address, Bytes, ConsentId } from '../vocabulary/index.ts'
import { writeConsentProof } from './consent-proof.ts'
import { consentPlace } from './consent-word.ts'
import type { Trusted, TrustRules } from './follow.ts'
import type { FinalityCrypto, LightBlock } from './light-block.ts'
import { provenWord, type StateProof, type StoragePlace } from './state-proof.ts'
import { trailTo } from './trail.ts'

/** What a node shows. */
export interface BlockAndStateSource {
  newest(): Promise<number>
  block(height: number): Promise<LightBlock>
  /** Proof of a place in the state that a height left. */
  state(place: StoragePlace, height: number): Promise<StateProof>
}

export interface ConsentQuestion {
  readonly consent: ConsentId
  /** The address that signed it, or would have. */
  readonly signer: Address
  /** Where the consent ledger stands. */
  readonly consents: Address
}

/** Proves how a consent stands at the newest block. Throws the refusals of this room and what the source throws. */
export async function proveConsent(
  { consent, signer, consents }: ConsentQuestion,
  anchored: Trusted,
  source: BlockAndStateSource,
  rules: TrustRules,
  crypto: FinalityCrypto,
): Promise<Bytes> {
  const height = await source.newest()
  const { blocks: trail, end } = await trailTo(anchored, height, source.block, rules, crypto)
  const place = consentPlace(consents, signer)
  const state = await source.state(place, height - 1)
  provenWord(state, place, end.header.appHash, crypto.hasher)
  return writeConsentProof({ consent, signer, trail, ...state }, anchored)
}
