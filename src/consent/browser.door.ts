/**
 * Consents without a ledger client: what browsers and other rooms may use to show, sign and judge. Reaches neither
 * `ledger` nor `node:`, also transitively (PROTOCOL 31).
 */
export * from './abi-words.ts'
export * from './access-request.ts'
export * from './chain.ts'
export * from './decide.ts'
export * from './fhir-consent.ts'
export * from './hand-over.ts'
export * from './intents.ts'
export * from './lifecycle.ts'
export * from './narrow.ts'
export * from './opening.ts'
export * from './patient-agent.ts'
export * from './patient-ports.ts'
export * from './receipt.ts'
export * from './sentence.ts'
export * from './shelf.ts'
export * from './terms.ts'
