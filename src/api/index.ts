/** The contract of every message between people, programs and institutions: schemas, routes, signatures, typed client. Pure. */
export type {
  DoseAnswer,
  EmergenciesAnswer,
  EmergencyCase,
  PanelRow,
  PatientAnswer,
  PrescriptionEntry,
} from './care-messages.ts'
export * from './client.ts'
export * from './content-digest.ts'
export * from './error-document.ts'
export * from './event-reader.ts'
export * from './fields.ts'
export * from './handlers.ts'
export * from './ledger-answers.ts'
export * from './messages.ts'
export * from './openapi.ts'
export { MOST_BLOCKS, type OperationsAnswer } from './operations.ts'
export * from './parties.ts'
export * from './payloads.ts'
export * from './personas.ts'
export * from './recovery.ts'
export * from './roles.ts'
export { isBytes, type Route } from './route.ts'
export * from './routes.ts'
export * from './signature-base.ts'
export * from './signature-fields.ts'
export * from './signed-request.ts'
export * from './signed-response.ts'
export * from './statuses.ts'
export * from './story.ts'
export type { OpenStudy, StudyHistoryAnswer } from './study/person-answers.ts'
export type { StudyEvent, StudyRun, StudyStandingAnswer } from './study/study-desk-answers.ts'
export { STUDY_DECISIONS, type StudyDecision } from './study/study-messages.ts'
export * from './transport.ts'
