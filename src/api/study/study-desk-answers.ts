/**
 * What researchers, committees, operators and auditors are told of studies: where they stand, their papers, their models.
 *
 * Law: institutions, hashes and figures over sites only. How many people a site brought is not told here, for a small
 * count says something of each of them; a question before the study (`study-feasibility`) gives a noised one.
 */
import Type, { type Static } from 'typebox'
import { STUDY_STATE_WORDS, StudyDocument, StudyRegistryDocument } from '../documents/study.ts'
import { CodeField, CountField, Hash32Field, InstantField, NameField, oneOf } from '../fields.ts'
import { closed, orNull } from '../shapes.ts'
import { PassportDocument } from './passport-document.ts'
import { StudyPlanDocument } from './plan-document.ts'
import { InformationSheetDocument } from './sheet-document.ts'

const count = Type.Integer({ minimum: 1 })

export const StudiesAnswer = Type.Object(
  {
    studies: Type.Array(
      Type.Object(
        {
          study: Hash32Field,
          title: Type.String(),
          state: oneOf(STUDY_STATE_WORDS),
          applicant: Type.String({ description: 'handle of the institution that applied' }),
          applicant_name: NameField,
          plan_version: count,
          rounds: Type.Object({ opened: CountField, planned: count }, closed),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'The studies whose papers this node keeps.' },
)
export type StudiesAnswer = Static<typeof StudiesAnswer>

/** The run of a study at this node's sites, as far as it is under way here. */
export const StudyRun = Type.Object(
  {
    state: oneOf(['idle', 'running', 'awaits-ledger', 'stopped'] as const),
    /** Why it stopped. */
    because: orNull(CodeField),
  },
  closed,
)
export type StudyRun = Static<typeof StudyRun>

export const StudyStandingAnswer = Type.Object(
  {
    study: Type.Omit(StudyDocument, []),
    /** How the institutions that the study names by handle are called. */
    names: Type.Array(Type.Object({ key: Type.String(), name: NameField }, closed)),
    run: StudyRun,
    /** The words of the conditions that were voted on, where they lie here. */
    conditions: Type.Array(Type.Object({ hash: Hash32Field, words: Type.String() }, closed)),
    /** Bytes that went between sites, where the objects lie here: updates and models of all rounds. */
    bytes: Type.Object({ updates: CountField, models: CountField }, closed),
  },
  { ...closed, description: 'Where a study stands, and whether it runs here.' },
)
export type StudyStandingAnswer = Static<typeof StudyStandingAnswer>

/** What may happen to a study that is watched: it stands elsewhere than before. */
export const StudyEvent = Type.Object(
  { type: Type.Literal('standing'), value: StudyStandingAnswer },
  { ...closed, description: 'A change of where a study stands; the first event is how it stands now.' },
)
export type StudyEvent = Static<typeof StudyEvent>

export const StudyPapersAnswer = Type.Object(
  {
    study: Hash32Field,
    plan: Type.Omit(StudyPlanDocument, []),
    plan_hash: Hash32Field,
    sheet: Type.Omit(InformationSheetDocument, []),
  },
  { ...closed, description: 'The plan that stands on the ledger, and the information sheet that it names.' },
)

export const StudyDraftAnswer = Type.Object(
  { plan: Type.String(), sheet: Type.String() },
  { ...closed, description: 'A plan and a sheet as YAML, accepted as they stand, to be changed.' },
)
export const StudyDraftQuery = Type.Object(
  {
    from: Type.Optional(InstantField),
    until: Type.Optional(InstantField),
    minimum_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_660 })),
  },
  closed,
)

export const StudyRegistryAnswer = Type.Omit(StudyRegistryDocument, [])
export const StudyPassportAnswer = Type.Omit(PassportDocument, [])
