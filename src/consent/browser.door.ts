/**
 * Consents without a ledger client: what browsers and other rooms may use to show, sign and judge. Reaches neither
 * `ledger` nor `node:`, also transitively (PROTOCOL 31).
 */
export * from './abi-words.ts'
export * from './access-request.ts'
export type { AnchorStanding } from './anchor-standing.ts'
export * from './chain.ts'
export type { Collected } from './collecting.ts'
export { hoursIn, isDamaged } from './damage.ts'
export * from './decide.ts'
export {
  asJson,
  type Document,
  listOf,
  parseText,
  record,
  requireSigned,
  Seconds,
  ShownName,
  type Signed,
  sign,
  signedSchema,
} from './document.ts'
export * from './emergency.ts'
export * from './fhir-consent.ts'
export * from './hand-over.ts'
export type { HeldAnswer, ReadChunk, Reading } from './holder.ts'
export { type HourRuns, hourRuns } from './hour-runs.ts'
export type { Send } from './house.ts'
export * from './intents.ts'
export * from './lifecycle.ts'
export type { Access } from './my-accesses.ts'
export * from './narrow.ts'
export * from './opening.ts'
export * from './patient-agent.ts'
export * from './patient-ports.ts'
export type { GrantState, PatientState } from './patient-state.ts'
export * from './receipt.ts'
export * from './sentence.ts'
export * from './shelf.ts'
export * from './terms.ts'
export * from './visit-pass.ts'
