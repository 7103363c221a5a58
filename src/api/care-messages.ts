/**
 * The messages of clinicians and duty officers to their own institution, and of institutions in an emergency.
 *
 * Laws: a person speaks to the institution they work at, which asks, reads and records under its own key and their name;
 * what holds health values goes to clinicians of the institution that was granted them, and to nobody else.
 */
import Type, { type Static } from 'typebox'
import {
  AddressField,
  CodeField,
  ConsentIdField,
  CountField,
  Hash32Field,
  HourField,
  InstitutionIdField,
  KindField,
  NameField,
  oneOf,
} from './fields.ts'
import { Open } from './payloads.ts'
import type { Role } from './roles.ts'
import { closed, orNull } from './shapes.ts'

const Percent = Type.Number({ minimum: 0, maximum: 100 })
const Seconds = Type.Integer({ minimum: 0, maximum: 5_340_000_000 })

/** One patient of a panel: figures of the last 14 days, or why there are none. */
const PanelRow = Type.Object(
  {
    consent: ConsentIdField,
    /** As the clinician's own list names them; null before somebody named them. */
    name: orNull(NameField),
    kinds: Type.Array(KindField),
    expires: Seconds,
    reviewed: orNull(Seconds),
    /** Why nothing can be shown: the custodian's code, or `NO_GLUCOSE`. */
    missing: orNull(CodeField),
    /** Hours of glucose that the figures leave out, as they are not what was recorded. */
    damaged: CountField,
    figures: orNull(
      Type.Object(
        {
          readings: CountField,
          mean: Type.Number(),
          gmi: Type.Number(),
          wear: Percent,
          below54: Percent,
          below70: Percent,
          inRange: Percent,
          above180: Percent,
          above250: Percent,
          change: orNull(Type.Number({ minimum: -100, maximum: 100 })),
          last: Seconds,
        },
        closed,
      ),
    ),
  },
  closed,
)
export type PanelRow = Static<typeof PanelRow>

/** What a clinician signed for a patient, and who that was; null once they have left the list of staff. */
const PrescriptionEntry = Type.Object(
  { analysis: Hash32Field, anchored: Type.Boolean(), prescriber: orNull(NameField), prescription: Open },
  closed,
)

const PatientAnswer = Type.Object(
  {
    /** By which the ledger says, at any time, whether this may still be read. */
    consent: ConsentIdField,
    signer: AddressField,
    name: orNull(NameField),
    /** When the custodian decided, and at which block. */
    at: Seconds,
    block: CountField,
    custodian: InstitutionIdField,
    expires: Seconds,
    /** Health records as `series` has them, in order of time. */
    records: Type.Array(Open),
    proof: Type.Object(
      {
        /** Sealed hours of all kinds that answer the question, and which of them are not what was recorded: left out. */
        hours: CountField,
        damaged: Type.Array(Type.Object({ kind: KindField, first: HourField, end: HourField }, closed)),
        /** Chunks that wait for their anchor. */
        waiting: CountField,
        roots: Type.Array(Type.Object({ slot: CountField, root: Hash32Field, block: CountField }, closed)),
      },
      closed,
    ),
    decisions: Type.Array(
      Type.Object({ analysis: Hash32Field, anchored: Type.Boolean(), decision: Open }, closed),
    ),
    /** The newest version of each. */
    prescriptions: Type.Array(PrescriptionEntry),
  },
  closed,
)
export type PatientAnswer = Static<typeof PatientAnswer>
export type PrescriptionEntry = Static<typeof PrescriptionEntry>

const DoseAnswer = Type.Object(
  {
    /** The proposal, unsigned; null where none is made. */
    proposal: orNull(Open),
    digest: orNull(Hash32Field),
    withheld: orNull(CodeField),
    limits: Type.Object({ most_units: Type.Number(), increment_units: Type.Number() }, closed),
    /** Whether the model learned from virtual patients. */
    simulated: Type.Boolean(),
    model: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  closed,
)
export type DoseAnswer = Static<typeof DoseAnswer>

/** States of an emergency call. */
const CALL_STATES = ['waiting', 'declined', 'released', 'opened'] as const

const EmergenciesAnswer = Type.Object(
  {
    /** Emergency envelopes that were sealed for this institution. */
    sealed: Type.Array(
      Type.Object(
        { consent: ConsentIdField, name: orNull(NameField), second: NameField, expires: Seconds },
        closed,
      ),
    ),
    /** Calls of this institution. */
    calls: Type.Array(
      Type.Object(
        {
          call: Hash32Field,
          consent: ConsentIdField,
          person: NameField,
          reason: Type.String({ maxLength: 500 }),
          at: Seconds,
          state: oneOf(CALL_STATES),
          review: orNull(oneOf(['justified', 'questioned'] as const)),
        },
        closed,
      ),
    ),
    /** Calls that ask this institution as second party. */
    heard: Type.Array(
      Type.Object(
        {
          call: Hash32Field,
          reader: NameField,
          person: NameField,
          reason: Type.String({ maxLength: 500 }),
          at: Seconds,
          state: oneOf(CALL_STATES),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type EmergenciesAnswer = Static<typeof EmergenciesAnswer>

/** An emergency as those are told of it who look at it afterwards. */
const EmergencyCase = Type.Object(
  {
    call: Hash32Field,
    /** What the institution that answers did: it read, or it released. */
    part: oneOf(['reader', 'second'] as const),
    /** The other of the two institutions: which released, or which read; null where its grant is gone. */
    other: orNull(NameField),
    /** Who called, and why. */
    person: NameField,
    reason: Type.String({ maxLength: 500 }),
    at: Seconds,
    released: orNull(Type.Object({ person: NameField, at: Seconds }, closed)),
    /** Each reading, with the number of sealed hours; empty at the second, which reads nothing. */
    reads: Type.Array(Type.Object({ at: Seconds, hours: CountField }, closed)),
    /** The patient's. */
    word: orNull(
      Type.Object(
        { verdict: oneOf(['justified', 'questioned'] as const), note: Type.String(), at: Seconds },
        closed,
      ),
    ),
    finding: orNull(
      Type.Object(
        {
          verdict: oneOf(['justified', 'unjustified'] as const),
          note: Type.String(),
          reviewer: NameField,
          at: Seconds,
        },
        closed,
      ),
    ),
  },
  closed,
)
export type EmergencyCase = Static<typeof EmergencyCase>

const none = Type.Object({}, closed)
const ofClinician = {
  from: ['clinician'] as const satisfies readonly Role[],
  limit: 16 * 1_024,
  weight: 10,
} as const
const ofReviewer = {
  ...ofClinician,
  from: ['committee', 'duty-officer'] as const satisfies readonly Role[],
} as const
/** Sent under a key made for it alone: the patient's signature lies inside. */
const ofPatient = {
  from: ['anonymous'] as const satisfies readonly Role[],
  body: Open,
  effect: 'read',
  limit: 16 * 1_024,
  weight: 5,
} as const

export const CARE_MESSAGES = {
  'care-panel': {
    ...ofClinician,
    summary: 'A clinician asks for the panel: figures of every patient who granted, or why there are none',
    body: none,
    reply: Type.Object({ at: Seconds, rows: Type.Array(PanelRow) }, closed),
    effect: 'read',
  },
  'care-patient': {
    ...ofClinician,
    summary: 'A clinician opens one patient: records under the consent, proofs, decisions',
    body: Type.Object({ consent: ConsentIdField, days: Type.Integer({ minimum: 1, maximum: 90 }) }, closed),
    reply: PatientAnswer,
    effect: 'read',
  },
  'care-list': {
    ...ofClinician,
    summary: 'A clinician names a patient in the institution’s own list, and notes that they were reviewed',
    body: Type.Object({ consent: ConsentIdField, name: NameField, reviewed: Type.Boolean() }, closed),
    reply: none,
    effect: 'write',
  },
  'care-dose': {
    ...ofClinician,
    summary: 'A clinician asks for a proposed dose for a meal; nothing that a pump could act on',
    body: Type.Object(
      {
        consent: ConsentIdField,
        carbs_grams: Type.Number({ minimum: 0, maximum: 500 }),
        /** As the care team set them for this person; never guessed. */
        therapy: Type.Object(
          {
            carb_ratio_grams_per_unit: Type.Number({ minimum: 0.5, maximum: 200 }),
            correction_factor_mgdl_per_unit: Type.Number({ minimum: 1, maximum: 1_000 }),
            target_mgdl: Type.Number({ minimum: 80, maximum: 200 }),
          },
          closed,
        ),
      },
      closed,
    ),
    reply: DoseAnswer,
    effect: 'read',
  },
  'care-decision': {
    ...ofClinician,
    summary: 'A clinician’s signed decision on a proposed dose; its salted hash is anchored',
    body: Type.Object({ decision: Open }, closed),
    reply: Type.Object({ analysis: Hash32Field }, closed),
    effect: 'write',
  },
  'care-prescribe': {
    ...ofClinician,
    summary:
      'A clinician’s signed prescription, or its end; its salted hash is anchored, the patient is told',
    body: Type.Object({ prescription: Open }, closed),
    reply: Type.Object({ analysis: Hash32Field }, closed),
    effect: 'write',
  },
  'care-visit': {
    ...ofClinician,
    summary: 'A clinician asks a patient on the visit pass they showed, or for more than it covers',
    body: Type.Object(
      {
        pass: Type.String({ minLength: 1, maxLength: 200 }),
        kinds: Type.Array(KindField, { minItems: 1, maxItems: 7, uniqueItems: true }),
        days_back: Type.Integer({ minimum: 1, maximum: 400 }),
        /** 0 = on the pass alone; else the patient is asked for as long. */
        days_ahead: Type.Integer({ minimum: 0, maximum: 365 }),
        /** Asks for an emergency envelope instead, to be opened with a second institution. */
        emergency: Type.Boolean(),
      },
      closed,
    ),
    reply: none,
    effect: 'write',
  },
  'care-emergencies': {
    ...ofClinician,
    from: ['clinician', 'duty-officer'] as const satisfies readonly Role[],
    summary: 'A clinician or duty officer asks which emergencies there are',
    body: none,
    reply: EmergenciesAnswer,
    effect: 'read',
  },
  'care-call': {
    ...ofClinician,
    summary: 'A clinician breaks the glass: calls the second party, with a reason',
    body: Type.Object(
      { consent: ConsentIdField, reason: Type.String({ minLength: 1, maxLength: 500 }) },
      closed,
    ),
    reply: Type.Object({ call: Hash32Field, state: oneOf(CALL_STATES) }, closed),
    effect: 'write',
  },
  'care-broken': {
    ...ofClinician,
    summary: 'A clinician reads what a second party released',
    body: Type.Object({ call: Hash32Field }, closed),
    reply: PatientAnswer,
    effect: 'read',
  },
  'care-release': {
    ...ofClinician,
    from: ['duty-officer'] as const satisfies readonly Role[],
    summary: 'A duty officer of the second party answers a call',
    body: Type.Object({ call: Hash32Field, verdict: oneOf(['release', 'decline'] as const) }, closed),
    reply: none,
    effect: 'write',
  },
  'care-reviews': {
    ...ofReviewer,
    summary: 'A reviewer asks which emergencies this institution took part in, and which wait for a review',
    body: none,
    reply: Type.Object(
      {
        /** `mine`: who asks called or released it, and reviews nothing of it. */
        cases: Type.Array(Type.Object({ ...EmergencyCase.properties, mine: Type.Boolean() }, closed)),
      },
      closed,
    ),
    effect: 'read',
  },
  'care-finding': {
    ...ofReviewer,
    summary: 'A reviewer closes an emergency with a signed finding; nobody reviews what they did themselves',
    body: Type.Object({ finding: Open }, closed),
    reply: none,
    effect: 'write',
  },
  'emergency-call': {
    summary: 'A reader calls the second party of an emergency envelope, and hears its answer',
    from: ['member'] as const satisfies readonly Role[],
    body: Open,
    reply: Open,
    effect: 'read',
    limit: 512 * 1_024,
    weight: 10,
  },
  'emergency-review': {
    summary:
      'A patient says afterwards what they think of an emergency; their signature inside is the authority',
    from: ['anonymous'] as const satisfies readonly Role[],
    body: Open,
    reply: Type.Object({}, closed),
    effect: 'write',
    limit: 16 * 1_024,
    weight: 5,
  },
  'my-prescriptions': {
    ...ofPatient,
    summary: 'A patient asks what was prescribed to them here; their signature inside is the authority',
    reply: Type.Object({ prescriptions: Type.Array(PrescriptionEntry) }, closed),
  },
  'emergency-account': {
    ...ofPatient,
    summary: 'A patient asks what became of an emergency about them; their signature inside is the authority',
    reply: EmergencyCase,
  },
} as const
