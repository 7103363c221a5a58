/** What a consortium made final, proved from a pinned block without believing any node: blocks, seats, state. */
export { agreedBlock } from './agreed-block.ts'
export { anchorIn, anchorOf, openAnchor, type TrustAnchor } from './anchor.ts'
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
export { type ConsentStanding, consentPlace, sameStanding } from './consent-word.ts'
export { ConsentsTold, type ToldConsent } from './consents-told.ts'
export { follow, TRUST_PERIOD_SECONDS, type Trusted, type TrustRules } from './follow.ts'
export type { Header } from './header.ts'
export { eventsOf } from './ledger-events.ts'
export { CONSORTIUM_PLACES, type LedgerFacts, readFacts } from './ledger-facts.ts'
export {
  type FinalityCrypto,
  type LightBlock,
  readLightBlock,
  trimVotes,
  writeLightBlock,
} from './light-block.ts'
export { type BlockAndStateSource, proveConsent } from './prove-consent.ts'
export { isRefusal, refusal } from './refusal.ts'
export { provenWord, type StateProof, type StoragePlace } from './state-proof.ts'
