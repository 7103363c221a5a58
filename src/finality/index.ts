/** What a consortium made final, proved from a pinned block without believing any node: blocks, seats, state. */
export { agreedBlock } from './agreed-block.ts'
export { anchorOf, openAnchor, type TrustAnchor } from './anchor.ts'
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
export { type FinalityCrypto, type LightBlock, readLightBlock } from './light-block.ts'
export { type BlockAndStateSource, proveConsent } from './prove-consent.ts'
