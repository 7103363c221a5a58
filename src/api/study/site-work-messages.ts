/**
 * What institutions have each other do at home for a study: rounds, rounds done again, updates judged; and its papers.
 *
 * Law: data stay where they are; hashes, codes and one figure a site leave, and never how many people they are of. Who
 * asks again hears what came of it; `null` until then. Papers name no person.
 */
import Type from 'typebox'
import { CodeField, CountField, Hash32Field, InstitutionIdField, oneOf } from '../fields.ts'
import { Open } from '../payloads.ts'
import type { Role } from '../roles.ts'
import { closed, orNull } from '../shapes.ts'
import { StudyPlanDocument } from './plan-document.ts'
import { InformationSheetDocument } from './sheet-document.ts'
import { StudyRun } from './study-desk-answers.ts'

const Round = Type.Integer({ minimum: 1, maximum: 0xffff_ffff })

const ofMember = {
  from: ['member'] as const satisfies readonly Role[],
  body: Type.Object({ study: Hash32Field }, closed),
  effect: 'read',
  limit: 4 * 1_024,
  weight: 20,
} as const

export const SITE_WORK_MESSAGES = {
  'study-papers': {
    ...ofMember,
    summary: 'A member fetches the papers of a study that stands on the ledger, from who has them',
    reply: Type.Object(
      {
        /** With the first plan, what the id of the study is made of. */
        salt: Hash32Field,
        first_plan_hash: Hash32Field,
        /** First to last. */
        plans: Type.Array(Type.Omit(StudyPlanDocument, []), { minItems: 1, maxItems: 100 }),
        sheets: Type.Array(Type.Omit(InformationSheetDocument, []), { minItems: 1, maxItems: 100 }),
        /** The newest that was issued there (`islet.passport/1`); it vouches for itself. */
        passport: orNull(Open),
      },
      closed,
    ),
  },
  'study-rounds': {
    ...ofMember,
    summary:
      'The applicant has a site take part in the rounds of a study until they stand, and hears whether it does',
    body: Type.Object({ study: Hash32Field, begin: Type.Boolean() }, closed),
    reply: Type.Object({ run: Type.Omit(StudyRun, []) }, closed),
  },
  'study-audit': {
    ...ofMember,
    summary: 'A site is asked to do its rounds of a study again from its own data, and what came of it',
    reply: Type.Object(
      {
        audit: orNull(
          Type.Object(
            {
              rounds: Type.Array(Type.Object({ round: Round, code: CodeField }, closed), { maxItems: 1_000 }),
              /** What the site recorded of it on the ledger, by the hash of its document. */
              result: orNull(Hash32Field),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  },
  'study-worth': {
    ...ofMember,
    summary:
      'The applicant asks a site what each site’s updates were worth on the readings that it holds back',
    reply: Type.Object(
      {
        worth: orNull(
          Type.Object(
            {
              /** Windows that it was judged on. */
              windows: CountField,
              method: oneOf(['exact', 'truncated'] as const),
              version: Round,
              rounds: Type.Array(Round, { maxItems: 1_000 }),
              coalitions: CountField,
              values: Type.Array(Type.Object({ site: InstitutionIdField, value: Type.Number() }, closed), {
                maxItems: 256,
              }),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  },
} as const
