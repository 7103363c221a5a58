/** What a consortium made final, proved from a pinned block without believing any node: blocks, seats, state. */
export { agreedBlock } from './agreed-block.ts'
export { anchorOf, openAnchor, type TrustAnchor } from './anchor.ts'
export { type BlockContent, executedIn, type Outcome } from './block-content.ts'
export { ChainOfBlocks } from './chain-of-blocks.ts'
export {
  type ConsentProof,
  type ConsentProofReading,
  isConsentProof,
  type ProofRules,
  verifyConsentProof,
  writeConsentProof,
} from './consent-proof.ts'
export { type ConsentStanding, consentPlace } from './consent-word.ts'
export { follow, TRUST_PERIOD_SECONDS, type Trusted, type TrustRules } from './follow.ts'
export type { Header } from './header.ts'
export {
  type FinalityCrypto,
  type LightBlock,
  readLightBlock,
  trimVotes,
  writeLightBlock,
} from './light-block.ts'
export { type BlockAndStateSource, proveConsent } from './prove-consent.ts'
export { isRefusal } from './refusal.ts'
