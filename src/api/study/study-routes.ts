/**
 * The addresses of studies: what everybody may ask, and what researchers, committees and auditors read.
 *
 * Law: nothing here changes a study; whatever does is a message (`study-messages.ts`). A site’s invitation is signed when it
 * is first asked for, and is the same for everybody from then on.
 */
import Type from 'typebox'
import { Hash32Field } from '../fields.ts'
import type { Role } from '../roles.ts'
import { closed } from '../shapes.ts'
import {
  CohortProofAnswer,
  CohortProofParams,
  ForecasterAnswer,
  OpenStudiesAnswer,
  StudyHistoryAnswer,
  StudyInvitationsAnswer,
  VoucherAnswer,
  VoucherParams,
} from './person-answers.ts'
import { StudySheetAnswer, StudyVouchersAnswer } from './study-answers.ts'
import {
  StudiesAnswer,
  StudyDraftAnswer,
  StudyDraftQuery,
  StudyEvent,
  StudyPapersAnswer,
  StudyPassportAnswer,
  StudyRegistryAnswer,
  StudyStandingAnswer,
} from './study-desk-answers.ts'

const params = Type.Object({ study: Hash32Field }, closed)
const ofStudies = {
  method: 'GET',
  tag: 'studies',
  loopback: false,
  limit: 0,
  produces: 'application/json',
} as const
const anybody = { ...ofStudies, roles: ['anonymous'] as const satisfies readonly Role[], weight: 2 }
const open = { ...anybody, params }
const READERS = [
  'member',
  'researcher',
  'committee',
  'auditor',
  'operator',
] as const satisfies readonly Role[]
const read = { ...ofStudies, roles: READERS, weight: 5 } as const

export const STUDY_ROUTES = {
  studySheet: {
    ...open,
    path: '/v1/studies/{study}/sheet',
    summary: 'The information sheet that people are shown now, and what changed since an earlier version',
    query: Type.Object({ before: Type.Optional(Hash32Field) }, closed),
    answer: StudySheetAnswer,
  },
  studyVouchers: {
    ...open,
    path: '/v1/studies/{study}/vouchers',
    summary: 'Participation vouchers that the sites of a study issued, and how many were redeemed',
    answer: StudyVouchersAnswer,
  },
  openStudies: {
    ...anybody,
    path: '/v1/open-studies',
    summary: 'The studies that people can join or could, with what each would use of them',
    answer: OpenStudiesAnswer,
  },
  studyInvitations: {
    ...open,
    path: '/v1/studies/{study}/invitations',
    summary: 'The signed invitations of the sites of an open study, to whoever wants to join',
    answer: StudyInvitationsAnswer,
    weight: 10,
  },
  studyHistory: {
    ...open,
    path: '/v1/studies/{study}/history',
    summary: 'Rounds and models of a study, as the ledger has them',
    answer: StudyHistoryAnswer,
    weight: 5,
  },
  forecaster: {
    ...anybody,
    path: '/v1/forecaster',
    summary: 'The newest standing forecaster that studies of this node made, for use where the readings are',
    answer: ForecasterAnswer,
    weight: 5,
  },
  voucher: {
    ...anybody,
    params: VoucherParams,
    path: '/v1/studies/{study}/sites/{site}/vouchers/{commitment}/{nullifier}',
    summary: 'How a voucher for taking part stands: claimed, issued, redeemed',
    answer: VoucherAnswer,
    weight: 10,
  },
  cohortProof: {
    ...anybody,
    params: CohortProofParams,
    path: '/v1/studies/{study}/rounds/{round}/sites/{site}/proofs/{mark}',
    summary: 'Whether a mark is in a site’s cohort of a round, with the proof',
    answer: CohortProofAnswer,
    weight: 5,
  },
  studies: {
    ...read,
    path: '/v1/studies',
    summary: 'The studies whose papers this node keeps',
    answer: StudiesAnswer,
  },
  study: {
    ...read,
    params,
    path: '/v1/studies/{study}',
    summary: 'Where a study stands: votes, sites, rounds, who is awaited and until when',
    answer: StudyStandingAnswer,
  },
  studyEvents: {
    ...read,
    params,
    path: '/v1/studies/{study}/events',
    summary: 'The study as it runs: how it stands, then every change',
    produces: 'text/event-stream',
    answer: StudyEvent,
  },
  studyPapers: {
    ...read,
    params,
    path: '/v1/studies/{study}/papers',
    summary: 'The plan that is decided on, and its information sheet',
    answer: StudyPapersAnswer,
  },
  studyPassport: {
    ...read,
    params,
    path: '/v1/studies/{study}/passport',
    summary: 'The newest passport of the study’s model, to be checked offline',
    answer: StudyPassportAnswer,
  },
  studyRegistry: {
    ...read,
    path: '/v1/study-registry',
    summary: 'Every model that studies of this node made, and what it rests on',
    answer: StudyRegistryAnswer,
  },
  studyDraft: {
    ...read,
    roles: ['researcher'] as const satisfies readonly Role[],
    path: '/v1/study-draft',
    summary: 'A plan and an information sheet to begin with',
    query: StudyDraftQuery,
    answer: StudyDraftAnswer,
  },
} as const
