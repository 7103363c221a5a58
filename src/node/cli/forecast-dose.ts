/**
 * `islet forecast dose MODEL FILE…`: a dose proposed for a meal about to be eaten, with reasons, unsigned.
 *
 * Law: what is printed is no dose: only a clinician's signature over its digest makes one. Where the state of the person
 * does not allow a proposal, none is made, a code says why, and the exit status is 1.
 */
import { promises as fs } from 'node:fs'
import type { ForecastDoseDocument } from '../../api/documents.door.ts'
import { doseRecordOf, doseWords } from '../../forecast/index.ts'
import {
  type DoseLimits,
  type DoseModel,
  type DoseRecord,
  type Proposal,
  proposalDigest,
  proposeDose,
  readDoseModel,
  type Situation,
  situationAt,
  type Withheld,
} from '../../learning/index.ts'
import {
  formatInstant,
  type Grams,
  IsletError,
  parseInstant,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { doseLimits, therapies } from './dose-settings.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import { peopleOfFiles } from './people-of-files.ts'
import { intakeOptions } from './read-files.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

/** Larger files are no model of ours. */
const LARGEST_MODEL = 64 * 2 ** 20
const VALID_SECONDS = 600

const WHY: Readonly<Record<Withheld, string>> = {
  GLUCOSE_STALE: 'there is no reading of the quarter of an hour before',
  GLUCOSE_MISSING: 'too few readings of the last half hour to know where glucose is heading',
  GLUCOSE_IMPLAUSIBLE: 'a reading of the last half hour is outside 20–600 mg/dL',
  INSULIN_UNKNOWN: 'the boluses of the last six hours are not all known, so insulin on board is not',
  GLUCOSE_LOW: 'glucose is below 70 mg/dL: eat first',
}

export async function forecastDose(
  context: VerbContext,
  [modelPath = '', ...paths]: readonly string[],
  options: Options,
): VerbOutcome {
  const { carbs } = options
  if (typeof carbs !== 'number') throw usage('a dose is for a meal', 'state its carbohydrate with --carbs G')
  const settingsOf = await therapies(options)
  const limits = doseLimits(options)
  const model = await modelAt(modelPath)
  const people = await peopleOfFiles(paths, intakeOptions(options))
  const wanted = options['person']
  const person = wanted === undefined ? people[0] : people.find(({ id }) => id === wanted)
  if (person === undefined || (wanted === undefined && people.length > 1))
    throw usage(
      `the files hold ${people.length} people${wanted === undefined ? '' : ', none of that name'}`,
      'choose one with --person ID',
    )
  const record = doseRecordOf(person.records, settingsOf(person.id))
  const at = instantOf(options['at'], record)
  const situation = situationAt(record, at, quantity<Grams>(carbs), limits)
  const outcome = proposeDose(model, record, at, quantity<Grams>(carbs), limits)
  const document: ForecastDoseDocument = {
    schema: 'islet.forecast.dose/1',
    state: 'unsigned',
    model: modelMember(model),
    person: person.id,
    at: formatInstant(at),
    valid_until: formatInstant(quantity<UnixSeconds>(at + VALID_SECONDS)),
    meal: { carbs_grams: carbs },
    therapy: {
      carb_ratio_grams_per_unit: record.therapy.carbRatio,
      correction_factor_mgdl_per_unit: record.therapy.correctionFactor,
      target_mgdl: record.therapy.target,
    },
    limits: limitsMember(limits),
    formula: 'withheld' in situation ? null : formulaMember(situation),
    proposal: outcome.proposed ? proposalMember(outcome.proposal, model) : null,
    withheld: outcome.proposed ? null : { code: outcome.code, why: WHY[outcome.code] },
    assumes: [
      'the files hold every bolus from the first one on',
      'basal insulin, activity, illness and what is eaten without being written down are not looked at',
    ],
  }
  if (context.json) printDocument(document, context.terminal)
  else context.terminal.out(doseWords(document))
  return outcome.proposed ? EXIT.done : EXIT.checkFailed
}

async function modelAt(path: string): Promise<DoseModel> {
  const { size } = await fs.stat(path)
  try {
    return readDoseModel(size > LARGEST_MODEL ? '' : await fs.readFile(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof IsletError)) throw error
    const { code, message, facts, remedy } = error
    throw new IsletError(code, message, facts, {
      at: { file: path },
      ...(remedy === undefined ? {} : { remedy }),
      cause: error,
    })
  }
}

/** The instant asked for, else that of the latest reading. */
function instantOf(asked: unknown, { glucose }: DoseRecord): UnixSeconds {
  if (typeof asked === 'string') return parseInstant(asked)
  const latest = glucose.at.at(-1)
  if (latest !== undefined) return quantity<UnixSeconds>(latest)
  throw new IsletError(
    'NO_GLUCOSE',
    'the files hold no sensor glucose of this person',
    {},
    { remedy: 'add an export with continuous glucose readings' },
  )
}

export function modelMember({ hash, forecaster, simulated }: DoseModel): ForecastDoseDocument['model'] {
  return { sha256: hash, kind: forecaster === undefined ? 'boosting' : 'hybrid', simulated }
}

function limitsMember(limits: DoseLimits): ForecastDoseDocument['limits'] {
  return {
    share_percent: limits.share * 100,
    most_units: limits.mostUnits,
    most_on_board_units: limits.mostOnBoard,
    correct_from_mgdl: limits.correctFrom,
    falling_mgdl_per_minute: limits.fallingRate,
    low_mgdl: limits.lowGlucose,
    increment_units: limits.increment,
  }
}

function formulaMember({ glucose, rate, formula }: Situation): ForecastDoseDocument['formula'] {
  return {
    glucose_mgdl: glucose,
    rate_mgdl_per_minute: rounded(rate, 2),
    meal_units: rounded(formula.meal, 3),
    correction_units: rounded(formula.correction, 3),
    on_board_units: rounded(formula.onBoard, 3),
    total_units: rounded(formula.total, 3),
  }
}

function proposalMember(proposal: Proposal, model: DoseModel): ForecastDoseDocument['proposal'] {
  const { reasons, explanation } = proposal
  const { columns } = model[explanation.of]
  return {
    state: proposal.state,
    units: proposal.units,
    formula_units: proposal.formulaUnits,
    factor: rounded(proposal.factor, 4),
    choice: proposal.choice,
    cut: proposal.cut,
    later_mgdl: proposal.later,
    lowest_mgdl: proposal.lowest,
    meals_seen: proposal.mealsSeen,
    reasons: reasons.map(({ column, effect, words }) => ({ column, effect_mgdl: effect, words })),
    explanation: {
      of: explanation.of,
      base_mgdl: explanation.base,
      effects: columns.map((column, c) => ({ column, effect_mgdl: explanation.effects[c] ?? 0 })),
      own_meals_mgdl: explanation.ownMeals,
    },
    digest: proposalDigest(proposal),
  }
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
