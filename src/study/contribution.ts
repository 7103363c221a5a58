/**
 * What each site's updates were worth to a study's model: Shapley values over the rounds that it is built of.
 *
 * Laws: once per study, on request, in `open` mode only (PROTOCOL 27): under masks nobody holds a single update. The worth
 * of a coalition in a round is by how much the error falls from the round's base to the model that the round's rule makes
 * of these sites' updates alone; values add up over rounds, and over sites to what the rounds brought. A site that a
 * coalition's rule leaves out brings nothing to it. The error is the mean of the judging sites' own errors, weighted by
 * their windows, and Shapley values are linear: each site judges at home, all coalitions of the updates that the ledger
 * names and no model that it is sent, and tells one number a site. Limit: each round starts from the base that all made
 * together.
 * Source: Shapley 1953; per round as in Wang et al. 2020 ("A Principled Approach to Data Valuation for Federated Learning").
 */
import type { StudyContributionDocument } from '../api/study.door.ts'
import type { Shelf } from '../consent/browser.door.ts'
import { contribution } from '../learning/index.ts'
import { type Bytes, type Hash32, type InstitutionId, IsletError } from '../vocabulary/index.ts'
import type { Learner, SitePart } from './learner.ts'
import type { StudyPlan } from './plan.ts'
import type { LedgerRound, LedgerVersion, StudyReads } from './study-chain.ts'
import { readUpdate } from './update-document.ts'

export interface ContributionSources {
  readonly chain: StudyReads
  readonly objects: Pick<Shelf, 'get'>
  readonly learner: Pick<Learner, 'aggregate' | 'firstModel'>
  readonly plan: Pick<StudyPlan, 'outputs' | 'privacy'>
  /** Error of a model on readings that sites hold back; smaller is better. */
  readonly error: (model: Bytes) => number
  /** Told after each round. */
  readonly progress?: (done: number, of: number) => void
}

/** What updates were worth on some readings. */
export type UpdatesWorth = Pick<
  StudyContributionDocument,
  'coalitions' | 'method' | 'rounds' | 'values' | 'version'
>

/** Refuses a plan under which nothing is told of single sites: `MODE_HIDES_SITES`, `CONTRIBUTION_NOT_PLANNED`, `FIGURES_NOT_COVERED`. */
export async function requireContributions({ outputs, privacy }: ContributionSources['plan']): Promise<void> {
  const mode = privacy.aggregation
  // Refused by learning's own rule, before anything is read.
  if (mode !== 'open') await contribution([], () => 0, { mode })
  if (!outputs.includes('contribution')) throw notPlanned()
  if (privacy.differential_privacy !== null) throw notCovered()
}

/** Throws as `requireContributions`, `NO_MODEL_YET`, `STUDY_OBJECT_MISSING`. */
export async function updatesWorth(sources: ContributionSources, study: Hash32): Promise<UpdatesWorth> {
  const { chain, plan, progress = () => undefined } = sources
  await requireContributions(plan)
  const head = await chain.headVersion(study)
  if (head === undefined) throw noModel()
  const sums = new Map<InstitutionId, number>()
  const rounds: number[] = []
  let [coalitions, method]: [number, 'exact' | 'truncated'] = [0, 'exact']
  for (let version: LedgerVersion | undefined = head; version !== undefined; ) {
    const round = await chain.round(study, version.round)
    if (round === undefined) break
    const below: LedgerVersion | undefined =
      round.base === 0 ? undefined : await chain.version(study, round.base)
    const worths = await roundContribution(sources, round, await baseModel(sources, round, below))
    for (const site of round.survivors) sums.set(site, (sums.get(site) ?? 0) + (worths.values[site] ?? 0))
    coalitions += worths.coalitions
    if (worths.method === 'truncated') method = 'truncated'
    rounds.unshift(version.round)
    progress(rounds.length, head.depth)
    version = below
  }
  return {
    version: head.number,
    method,
    rounds,
    values: [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([site, value]) => ({ site, value })),
    coalitions,
  }
}

/** What several have judged, each on its own windows, as one. Throws `NOBODY_TO_JUDGE_BY`, `WORTHS_DISAGREE`. */
export function studyContribution(
  study: Hash32,
  judged: readonly { readonly windows: number; readonly worth: UpdatesWorth }[],
): StudyContributionDocument {
  const counted = judged.filter(({ windows }) => windows > 0)
  const [first] = counted
  if (first === undefined) throw nobodyToJudge()
  const all = counted.reduce((sum, { windows }) => sum + windows, 0)
  const alike = JSON.stringify(aboutWhat(first.worth))
  if (counted.some(({ worth }) => JSON.stringify(aboutWhat(worth)) !== alike)) throw disagree()
  return {
    schema: 'islet.study.contribution/1',
    study,
    ...first.worth,
    unit: 'rmse_30_mgdl_removed',
    values: first.worth.values.map(({ site }, at) => ({
      site,
      value: counted.reduce(
        (sum, { windows, worth }) => sum + (windows / all) * (worth.values[at]?.value ?? 0),
        0,
      ),
    })),
  }
}

/** What a judgement is about, and not what came of it. */
function aboutWhat({ version, method, rounds, coalitions, values }: UpdatesWorth) {
  return { version, method, rounds, coalitions, sites: values.map(({ site }) => site) }
}

async function roundContribution(
  { chain, objects, learner, error }: ContributionSources,
  { study, round, survivors }: LedgerRound,
  base: Bytes,
) {
  const parts = new Map<string, SitePart>()
  for (const site of survivors) {
    const { update } = await chain.contribution(study, round, site)
    const bytes = update === undefined ? undefined : await objects.get(update)
    if (update === undefined || bytes === undefined) throw missing()
    parts.set(site, readUpdate(bytes, update, { study, round, site }).part)
  }
  const before = error(base)
  return contribution(
    survivors,
    (coalition) => {
      if (coalition.length === 0) return 0
      const theirs = coalition.flatMap((site) => parts.get(site) ?? [])
      return before - error(learner.aggregate(base, theirs).model)
    },
    { mode: 'open' },
  )
}

async function baseModel(
  { objects, learner }: ContributionSources,
  { base }: LedgerRound,
  below: LedgerVersion | undefined,
): Promise<Bytes> {
  const model = base === 0 ? learner.firstModel() : below && (await objects.get(below.model))
  if (model === undefined) throw missing()
  return model
}

function notPlanned(): IsletError {
  return new IsletError(
    'CONTRIBUTION_NOT_PLANNED',
    'the plan does not name contributions of single sites among its outputs',
    {},
    { at: { field: 'outputs' }, remedy: 'Amend the plan, which then needs new approvals.' },
  )
}

/** Errors on readings held back are figures of the people, and the budget's noise is on updates only. */
function notCovered(): IsletError {
  return new IsletError(
    'FIGURES_NOT_COVERED',
    'under a privacy budget no figure on single sites’ readings is told, because no noise covers it',
    {},
    { at: { field: 'privacy.differential_privacy' }, remedy: 'Ask in a study without a privacy budget.' },
  )
}

function noModel(): IsletError {
  return new IsletError(
    'NO_MODEL_YET',
    'the study has made no model that stands',
    {},
    { remedy: 'Run a round first.' },
  )
}

function nobodyToJudge(): IsletError {
  return new IsletError(
    'NOBODY_TO_JUDGE_BY',
    'no readings are at hand that the model could be judged by',
    {},
    { remedy: 'Some site must have somebody whose consent holds.' },
  )
}

function disagree(): IsletError {
  return new IsletError(
    'WORTHS_DISAGREE',
    'sites judged other rounds or another version of the model',
    {},
    { remedy: 'Ask again when no round is under way.' },
  )
}

function missing(): IsletError {
  return new IsletError(
    'STUDY_OBJECT_MISSING',
    'an update or a model that the ledger names is not at hand',
    {},
    { remedy: 'Fetch it from a member that took part in the round.' },
  )
}
