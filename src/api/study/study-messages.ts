/**
 * The messages of people who apply with studies and of those who decide on them, to their own institution.
 *
 * Law: a person speaks to the institution they work at, which does with its own office's key what the ledger then judges.
 */
import Type from 'typebox'
import { STUDY_STATE_WORDS, StudyFeasibilityDocument } from '../documents/study.ts'
import {
  AddressField,
  CountField,
  Hash32Field,
  HexField,
  InstantField,
  InstitutionIdField,
  oneOf,
} from '../fields.ts'
import type { Role } from '../roles.ts'
import { closed, orNull } from '../shapes.ts'
import { HashPath } from './person-answers.ts'
import { StudyPlanDocument } from './plan-document.ts'
import { StudyContributionDocument } from './result-documents.ts'
import { InformationSheetDocument } from './sheet-document.ts'
import { StudyRun } from './study-desk-answers.ts'

const plan = Type.Omit(StudyPlanDocument, [])
const named = Type.Object({ study: Hash32Field }, closed)
const standing = Type.Object({ study: Hash32Field, state: oneOf(STUDY_STATE_WORDS) }, closed)
const conditions = orNull(Type.String({ minLength: 1, maxLength: 2_000 }))

/** What an office can decide: its seat votes or stands back, its site takes part. */
export const STUDY_DECISIONS = ['APPROVE', 'REJECT', 'RENEW', 'REVOKE', 'RECUSE', 'TAKE_PART'] as const
export type StudyDecision = (typeof STUDY_DECISIONS)[number]

const ofResearcher = {
  from: ['researcher'] as const satisfies readonly Role[],
  effect: 'write',
  limit: 256 * 1_024,
  weight: 20,
} as const

const ofAnybody = {
  from: ['anonymous'] as const satisfies readonly Role[],
  effect: 'write',
  limit: 16 * 1_024,
  weight: 20,
} as const
const voucher = Type.Object(
  { study: Hash32Field, site: InstitutionIdField, bearer: AddressField, salt: Hash32Field },
  closed,
)

export const STUDY_MESSAGES = {
  'study-feasibility': {
    ...ofResearcher,
    summary: 'A researcher asks about how many people sites could bring; paid from the asker’s budget',
    body: Type.Object({ plan }, closed),
    reply: Type.Omit(StudyFeasibilityDocument, []),
  },
  'study-application': {
    ...ofResearcher,
    summary: 'A researcher applies with a plan and its sheet, or replaces the plan of a study',
    body: Type.Object(
      { plan, sheet: Type.Omit(InformationSheetDocument, []), replaces: orNull(Hash32Field) },
      closed,
    ),
    reply: standing,
  },
  'study-decision': {
    ...ofResearcher,
    from: ['committee'] as const satisfies readonly Role[],
    summary: 'A seat votes on the plan by its hash, or the site’s own reviewer lets the site take part',
    body: Type.Object(
      {
        study: Hash32Field,
        plan_hash: Hash32Field,
        decision: oneOf(STUDY_DECISIONS),
        until: orNull(InstantField),
        conditions,
      },
      closed,
    ),
    reply: standing,
  },
  'study-opening': {
    ...ofResearcher,
    summary: 'The applicant accepts the conditions of an approval word for word, or opens an approved study',
    body: Type.Object({ study: Hash32Field, conditions }, closed),
    reply: standing,
  },
  'study-run': {
    ...ofResearcher,
    summary: 'The applicant has the rounds run at the sites of this node',
    body: named,
    reply: Type.Omit(StudyRun, []),
  },
  'study-contribution': {
    ...ofResearcher,
    summary: 'What each site’s updates were worth: computed once per study, then told',
    body: named,
    reply: Type.Omit(StudyContributionDocument, []),
  },
  'voucher-claim': {
    ...ofAnybody,
    summary:
      'Who took part gives the site the commitment of a voucher; the key of the consent signs, which is the authority',
    body: Type.Object(
      { study: Hash32Field, consent: Hash32Field, commitment: Hash32Field, signature: HexField },
      closed,
    ),
    reply: Type.Object({}, closed),
  },
  'voucher-redemption': {
    ...ofAnybody,
    summary: 'Somebody redeems an issued voucher at the member that its key names',
    body: Type.Object({ voucher, index: CountField, path: HashPath, signature: HexField }, closed),
    reply: Type.Object({ block: CountField }, closed),
  },
} as const
