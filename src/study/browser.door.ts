/** What of studies runs in a browser: plans and sheets read and hashed, passports verified offline. No ledger, no node. */
export { studySubject } from './cohort.ts'
export { cohortMark } from './cohort-tree.ts'
export { type InformationSheet, readSheet, sheetHash } from './information-sheet.ts'
export {
  type MyConsent,
  type MyRound,
  type MyStudy,
  myModels,
  type ProofOf,
  type StudyHistory,
} from './my-models.ts'
export { ledgerPlanOf, readPlan, type StudyPlan } from './plan.ts'
export { withFields } from './plan-text.ts'
export { planHashOf } from './study-hash.ts'
export { isPassport, type PassportVerdict, verifyPassport } from './verify-passport.ts'
export { signClaim, voucherOfRoot } from './voucher-claim.ts'
export {
  type CreditsDomain,
  signRedemption,
  type Voucher,
  voucherCommitment,
  voucherNullifier,
} from './vouchers.ts'
