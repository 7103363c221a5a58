/** What of studies runs in a browser: plans and sheets read and hashed, passports verified offline. No ledger, no node. */
export { type InformationSheet, readSheet, sheetHash } from './information-sheet.ts'
export { ledgerPlanOf, readPlan, type StudyPlan } from './plan.ts'
export { withFields } from './plan-text.ts'
export { planHashOf } from './study-hash.ts'
export { isPassport, type PassportVerdict, verifyPassport } from './verify-passport.ts'
