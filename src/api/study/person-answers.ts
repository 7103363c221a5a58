/**
 * What a person’s own program asks of studies: which are open to them, who invites, what each round rested on.
 *
 * Law: these answers are the same for everybody and asked without a signature (PROTOCOL 8); a mark in a question says nothing
 * without the consent’s secret (PROTOCOL 24).
 */
import Type, { type Static } from 'typebox'
import type { Hash32 } from '../../vocabulary/index.ts'
import { STUDY_STATE_WORDS } from '../documents/study.ts'
import {
  AddressField,
  CountField,
  Hash32Field,
  InstantField,
  InstitutionIdField,
  KindField,
  NameField,
  oneOf,
} from '../fields.ts'
import { Open } from '../payloads.ts'
import { closed, orNull } from '../shapes.ts'

const count = Type.Integer({ minimum: 1 })
/** Hashes beside the way from a leaf to its root. */
export const HashPath = Type.Unsafe<readonly Hash32[]>(Type.Array(Hash32Field, { maxItems: 64 }))

export const OpenStudiesAnswer = Type.Object(
  {
    studies: Type.Array(
      Type.Object(
        {
          study: Hash32Field,
          title: Type.String(),
          question: Type.String(),
          state: oneOf(STUDY_STATE_WORDS),
          /** Name of the institution that applied. */
          applicant: NameField,
          /** Data Use Ontology codes of its purpose. */
          duo: Type.Array(Type.String()),
          kinds: Type.Array(KindField),
          from: InstantField,
          until: InstantField,
          expires: InstantField,
          /** Information sheets, first to last; the last is the present one. */
          sheets: Type.Array(Hash32Field, { minItems: 1 }),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'The studies that were ever open to people at this node.' },
)
export type OpenStudy = Static<typeof OpenStudiesAnswer>['studies'][number]

export const StudyInvitationsAnswer = Type.Object(
  {
    study: Hash32Field,
    /** One request per site of this node, signed by it; its commitment stands on the ledger. */
    invitations: Type.Array(Open),
  },
  {
    ...closed,
    description: 'The standing invitations of the sites of an open study, to be answered by a grant.',
  },
)

export const StudyHistoryAnswer = Type.Object(
  {
    study: Hash32Field,
    title: Type.String(),
    duo: Type.Array(Type.String()),
    rounds: Type.Array(
      Type.Object(
        {
          round: count,
          opened_seconds: CountField,
          cohorts: Type.Array(Type.Object({ site: InstitutionIdField, root: Hash32Field }, closed)),
          /** Sites whose updates were aggregated. */
          survivors: Type.Array(InstitutionIdField),
        },
        closed,
      ),
    ),
    versions: Type.Array(
      Type.Object(
        {
          number: count,
          model: Hash32Field,
          round: count,
          /** Version it was built on; 0 = the plan’s first model. */
          base: CountField,
          withdrawn: Type.Boolean(),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'Rounds and models of a study, as the ledger has them.' },
)
export type StudyHistoryAnswer = Static<typeof StudyHistoryAnswer>

/** Most bytes of a model that is handed out: a network of 256 units with what FedAdam’s server carries is smaller. */
const MODEL_BYTES = 4 << 20
export const ForecasterAnswer = Type.Object(
  {
    forecaster: orNull(
      Type.Object(
        {
          study: Hash32Field,
          title: Type.String(),
          version: count,
          /** SHA-256 of its bytes, as the ledger records the version. */
          model: Hash32Field,
          made: InstantField,
          kind: oneOf(['ridge', 'gru'] as const),
          /** Units of the network; 0 for a ridge. */
          hidden: Type.Integer({ minimum: 0, maximum: 256 }),
          bytes: Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: Math.ceil((MODEL_BYTES * 4) / 3) }),
        },
        closed,
      ),
    ),
  },
  {
    ...closed,
    description:
      'The newest standing model of this node that forecasts from glucose alone, to be used where the readings are; null where there is none.',
  },
)

export const VoucherParams = Type.Object(
  { study: Hash32Field, site: InstitutionIdField, commitment: Hash32Field, nullifier: Hash32Field },
  closed,
)
export const VoucherAnswer = Type.Object(
  {
    /** `UNKNOWN`: not claimed at a site of this node. */
    state: oneOf(['UNKNOWN', 'CLAIMED', 'ISSUED', 'REDEEMED'] as const),
    /** Whether the site still takes claims: it issues once. */
    open: Type.Boolean(),
    /** Its place in the batch, once issued. */
    place: orNull(Type.Object({ index: CountField, path: HashPath }, closed)),
    /** What the redemption is signed for. */
    chain_id: count,
    credits: AddressField,
  },
  { ...closed, description: 'How a voucher stands, to be asked by who made it.' },
)

export const CohortProofParams = Type.Object(
  {
    study: Hash32Field,
    round: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    site: InstitutionIdField,
    mark: Hash32Field,
  },
  closed,
)
const tree = { size: count, blinding: Hash32Field, tree: Hash32Field, index: CountField } as const
export const CohortProofAnswer = Type.Object(
  {
    proof: orNull(
      Type.Union([
        Type.Object({ ...tree, kind: Type.Literal('PRESENT'), path: HashPath }, closed),
        Type.Object(
          {
            ...tree,
            kind: Type.Literal('ABSENT'),
            lower: Hash32Field,
            upper: Hash32Field,
            lowerPath: HashPath,
            upperPath: HashPath,
          },
          closed,
        ),
      ]),
    ),
  },
  {
    ...closed,
    description:
      'Whether a mark is in a site’s cohort of a round, to be checked by who asked; null where the site lost its note.',
  },
)
