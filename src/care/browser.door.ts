/** What the clinician's screens use of this room: reaches neither `ledger` nor `node:`, also transitively. */
export * from './adherence.ts'
export * from './signed-decision.ts'
export * from './signed-prescription.ts'
export * from './signed-review.ts'
export * from './triage.ts'
