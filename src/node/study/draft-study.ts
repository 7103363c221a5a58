/**
 * A plan and an information sheet to begin with: accepted as they stand, with this version's code and its first model.
 */
import {
  LEARNER_CODE,
  networkLearner,
  planTemplate,
  readPlan,
  readSheet,
  SHEET_TEMPLATE,
  sheetHash,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Hash32, hash32, toHex, type UnixSeconds, utf8 } from '../../vocabulary/index.ts'

export interface DraftFacts {
  /** Data window and end of the study; whole seconds. */
  readonly from: UnixSeconds
  readonly until: UnixSeconds
  readonly expires: UnixSeconds
  /** Days of data that a person must have. */
  readonly minimumDays: number
}

/** Both as commented YAML, and the hash of the sheet that the plan names. */
export function draftStudy(facts: DraftFacts): {
  readonly plan: string
  readonly sheet: string
  readonly informationSheet: Hash32
} {
  const sheet = sheetHash(readSheet(SHEET_TEMPLATE))
  const told = { ...facts, sheet, codeHash: LEARNER_CODE }
  const draft = readPlan(planTemplate({ ...told, initialModel: hashOf('drawn below') }))
  const learner = networkLearner(draft, { hasher: nodeCrypto.hasher })
  const plan = planTemplate({ ...told, initialModel: learner.modelHash(learner.firstModel()) })
  return { plan, sheet: SHEET_TEMPLATE, informationSheet: sheet }
}

function hashOf(text: string): Hash32 {
  return hash32(toHex(nodeCrypto.hasher.sha256(utf8(text))))
}
