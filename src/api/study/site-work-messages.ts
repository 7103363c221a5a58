/**
 * What institutions have each other do with their own data for a study: rounds done again, updates judged.
 *
 * Law: data stay where they are; hashes, codes and one figure a site leave, and never how many people they are of. Who
 * asks again hears what came of it; `null` until then.
 */
import Type from 'typebox'
import { CodeField, CountField, Hash32Field, InstitutionIdField, oneOf } from '../fields.ts'
import type { Role } from '../roles.ts'
import { closed, orNull } from '../shapes.ts'

const Round = Type.Integer({ minimum: 1, maximum: 0xffff_ffff })

const ofMember = {
  from: ['member'] as const satisfies readonly Role[],
  body: Type.Object({ study: Hash32Field }, closed),
  effect: 'read',
  limit: 4 * 1_024,
  weight: 20,
} as const

export const SITE_WORK_MESSAGES = {
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
