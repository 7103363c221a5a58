/**
 * The plan of a study: parsed, checked, hashed, and reduced to the words that the ledger keeps.
 *
 * Law: a plan is refused at the first field that is wrong, by its name; two texts that say the same have the same hash
 * (canonical JSON, RFC 8785), and a changed value has another one, so approvals of it are void.
 */
import { Compile, type Validator } from 'typebox/compile'
import { StudyPlanDocument } from '../api/study.door.ts'
import {
  DUO_PERMISSIONS,
  type Hash32,
  IsletError,
  isDuoCode,
  isDuoPermission,
  parseInstant,
} from '../vocabulary/index.ts'
import { faultOf } from './field-at-fault.ts'
import { atItsLine, readPlainText } from './plan-text.ts'
import { privacyTerms } from './privacy-terms.ts'
import { documentHash, type LedgerPlan } from './study-hash.ts'

export type StudyPlan = StudyPlanDocument

/** Fewest sites of a masked sum: with two, each learns the other's update. */
const FEWEST_MASKED = 3

let validator: Validator<Record<never, never>, typeof StudyPlanDocument> | undefined

/** Reads a plan in YAML or JSON. Throws `TEXT_UNREADABLE` with the line, `PLAN_REFUSED` with line and field at fault. */
export function readPlan(text: string): StudyPlan {
  const plain = readPlainText(text)
  return atItsLine(plain, () => checkedPlan(plain.value))
}

/** A value as a plan. Throws `PLAN_REFUSED` with the field at fault. */
export function checkedPlan(value: unknown): StudyPlan {
  validator ??= Compile(StudyPlanDocument)
  if (!validator.Check(value)) {
    const { field, words } = faultOf(validator.Errors(value))
    throw refused(field, words)
  }
  for (const [field, isRight, words] of rulesOf(value)) if (!isRight) throw refused(field, words)
  return value
}

/** What a schema cannot say, in the order of the document's fields. */
function* rulesOf(plan: StudyPlan): Generator<readonly [field: string, isRight: boolean, words: string]> {
  const { duo, disease } = plan.purpose
  yield ['purpose.duo', duo.every(isDuoCode), 'names a code that the Data Use Ontology does not have']
  yield ['purpose.duo', duo.filter(isDuoPermission).length === 1, 'needs exactly one permission']
  const isDisease = duo.some((code) => isDuoPermission(code) && DUO_PERMISSIONS[code][0] === 'DS')
  yield ['purpose.disease', isDisease === (disease !== undefined), 'is named with DS and with nothing else']
  const [from, until] = [seconds(plan.data.from), seconds(plan.data.until)]
  yield ['data.from', from !== undefined, 'is no instant']
  yield ['data.until', until !== undefined && until > (from ?? 0), 'must be an instant after data.from']
  const isRidge = plan.strategy.name === 'ridge'
  for (const name of ['local_epochs', 'learning_rate'] as const) {
    const isNamed = plan.strategy[name] !== undefined
    yield [`strategy.${name}`, isNamed !== isRidge, isRidge ? 'is nothing that a ridge has' : 'is missing']
  }
  const hasShift = plan.strategy.level_shift_mgdl !== undefined
  yield ['strategy.level_shift_mgdl', !(hasShift && isRidge), 'is nothing that a ridge has']
  const { aggregation } = plan.privacy
  const fewest = aggregation === 'masked' ? FEWEST_MASKED : 1
  yield ['quorum.minimum_sites', plan.quorum.minimum_sites >= fewest, `must be ${fewest} or more`]
  const budget = plan.privacy.differential_privacy
  yield [
    'privacy.differential_privacy',
    !(isRidge && budget !== null),
    'is kept by no noise on sums of a ridge',
  ]
  const isKept = budget === null || privacyTerms(plan) !== undefined
  yield [
    'privacy.differential_privacy.noise_multiplier',
    isKept || budget.noise_multiplier === undefined,
    'is too small: the rounds would spend more than epsilon',
  ]
  yield ['privacy.differential_privacy.epsilon', isKept, 'is kept over the rounds by no noise']
  const wantsContribution = plan.outputs.includes('contribution')
  yield ['outputs', !(wantsContribution && aggregation === 'masked'), 'has no contribution when masked']
  const expires = seconds(plan.expires)
  yield [
    'extract',
    (plan.extract !== undefined) === plan.outputs.includes('extract'),
    'is named with the output extract and with nothing else',
  ]
  yield ['expires', expires !== undefined && Number.isInteger(expires), 'must be an instant in whole seconds']
}

/** Hash of the plan document; the order of its members and the white space do not matter. */
export function planDocumentHash(plan: StudyPlan): Hash32 {
  return documentHash('plan', plan)
}

/** The words of a plan that stand on the ledger. */
export function ledgerPlanOf(plan: StudyPlan): LedgerPlan {
  return {
    document: planDocumentHash(plan),
    sheet: plan.information_sheet,
    model: plan.model.initial_hash,
    aggregation: plan.privacy.aggregation,
    minimumSites: plan.quorum.minimum_sites,
    rounds: plan.rounds,
    stepSeconds: plan.deadlines.step_seconds,
    ends: parseInstant(plan.expires),
  }
}

function seconds(text: string): number | undefined {
  try {
    return parseInstant(text)
  } catch {
    return undefined
  }
}

function refused(field: string, words: string): IsletError {
  return new IsletError(
    'PLAN_REFUSED',
    `the plan's ${field === '' ? 'document' : field} ${words}`,
    {},
    { at: { field }, remedy: 'Correct the field; an approved plan then needs new approvals.' },
  )
}
