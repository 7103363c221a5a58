/**
 * The table of sites: what each has of the common model, what it would have alone, and what its updates brought.
 *
 * Laws: every site is judged on its own people's test windows, by both models alike; contributions are judged on
 * validation windows, evenly taken from all sites, never on test windows. The network stands alone: a ridge beside it
 * would hide who gains. A site without windows stands in the table with nulls and stops no other.
 */
import { dataHash } from '../data/data-hash.ts'
import { joinWindows } from '../data/join-windows.ts'
import { everyNth, selectWindows } from '../data/select-windows.ts'
import type { PersonTrace } from '../data/trace.ts'
import type { Windows } from '../data/windows.ts'
import { gini, jain, type WorstSite, worstSite } from '../fairness/equality.ts'
import type { Contribution } from '../fairness/shapley.ts'
import { runContribution } from '../fairness/summed-updates.ts'
import { pointErrors } from '../metrics/point-errors.ts'
import { pairsAt, STEP_30, STEP_60 } from '../metrics/score.ts'
import type { RoundPlan } from '../rounds/plan.ts'
import { trainAlone } from './alone.ts'
import { federate, networkSites, siteName } from './federated.ts'
import { type DivisionOptions, divide, type Fold, protocolVersion } from './protocols.ts'
import { validationError, type Workshop, workshopFor } from './workshop.ts'

export interface SiteTableOptions extends DivisionOptions {
  readonly plan?: Partial<RoundPlan>
  /** Called before each part of the work; may throw to stop. */
  readonly onStep?: (done: number, total: number) => void
}

export interface SiteRow {
  readonly site: string
  readonly people: number
  readonly windows: number
  /** RMSE of the common model and of the site's own, mg/dL; null without a judged window. */
  readonly common30: number | null
  readonly common60: number | null
  readonly alone30: number | null
  readonly alone60: number | null
  /** Percent of its answers that the rule left out. */
  readonly excluded: number | null
  /** Shapley value of its updates: fall of the mean RMSE at 30 and 60 minutes, mg/dL; null where it sent none. */
  readonly contribution: number | null
}

export interface SiteTable {
  readonly sha256: string
  readonly rows: readonly SiteRow[]
  readonly rule: string
  readonly method: Contribution['method']
  readonly coalitions: number
  /** Of the common model's RMSE at 30 minutes. */
  readonly jain: number
  readonly gini: number
  readonly worst: WorstSite | undefined
}

/** Windows that contributions are judged on, at most. */
const JUDGED = 500

/** Trains alone and together, judges, shares out. Throws the codes of `divide`, of `runRounds` and of `runContribution`. */
export async function siteTable(
  traces: readonly PersonTrace[],
  given: Workshop,
  options: SiteTableOptions,
): Promise<SiteTable> {
  const { folds } = divide(traces, options)
  const [fold] = folds
  if (fold === undefined) throw new RangeError('a division has at least one fold')
  const workshop = workshopFor(
    given,
    fold.sites.reduce((sum, { train }) => sum + train.count, 0),
    fold.sites.length,
  )
  const { network } = workshop
  const steps = fold.sites.length + 2
  let done = 0
  options.onStep?.(done, steps)
  const own = await Promise.all(
    fold.sites.map(async ({ train, validation }) => {
      const parameters = await trainAlone(workshop, train, validation)
      options.onStep?.(++done, steps)
      return parameters
    }),
  )
  const { parameters, reports, log } = await federate(
    workshop,
    networkSites(fold, workshop),
    options.plan ?? {},
  )
  options.onStep?.(++done, steps)
  const all = joinWindows(fold.sites.map(({ validation }) => validation))
  const judged = everyNth(all, Math.max(1, Math.ceil(all.count / JUDGED)))
  const shares = await runContribution(log, {
    initial: network.initial(workshop.seed),
    error: (model) => validationError(judged, network.predict(model, judged).path),
  })
  const common = network.predict(parameters, fold.test).path
  const rows = fold.sites.map(({ train }, site): SiteRow => {
    const id = siteName(site)
    const test = ofSite(fold, site)
    const alone = network.predict(own[site] ?? parameters, test).path
    const [common30, common60] = errorsOn(fold.test, common, rowsOf(fold, site))
    const [alone30, alone60] = errorsOn(test, alone)
    const answers = reports.filter(({ contributors }) => contributors.includes(id)).length
    const out = reports.filter(({ excluded }) => excluded.includes(id)).length
    return {
      site: id,
      people: new Set(test.person).size,
      windows: train.count,
      common30,
      common60,
      alone30: train.count === 0 ? null : alone30,
      alone60: train.count === 0 ? null : alone60,
      excluded: answers === 0 ? null : (100 * out) / answers,
      contribution: shares.values[id] ?? null,
    }
  })
  const known = rows.flatMap(({ site, common30, alone30 }) =>
    common30 === null ? [] : [{ site, common30, alone30 }],
  )
  return {
    sha256: dataHash(traces, protocolVersion(options)),
    rows,
    rule: log.plan.rule.name,
    method: shares.method,
    coalitions: shares.coalitions,
    jain: jain(known.map(({ common30 }) => common30)),
    gini: gini(known.map(({ common30 }) => common30)),
    worst: worstSite(
      Object.fromEntries(known.map(({ site, common30 }) => [site, common30])),
      Object.fromEntries(
        known.flatMap(({ site, alone30 }) => (alone30 === null ? [] : [[site, alone30] as const])),
      ),
    ),
  }
}

function rowsOf({ testSite }: Fold, site: number): Int32Array {
  return Int32Array.from(testSite.keys()).filter((row) => testSite[row] === site)
}

function ofSite(fold: Fold, site: number): Windows {
  return selectWindows(fold.test, rowsOf(fold, site))
}

/** RMSE at 30 and 60 minutes, of some rows if named; null of none. */
function errorsOn(
  windows: Windows,
  path: Float32Array,
  rows?: Int32Array,
): readonly [number | null, number | null] {
  const at = (step: number): number | null => {
    const { n, rmse } = pointErrors(pairsAt(windows, path, step, rows))
    return n === 0 ? null : rmse
  }
  return [at(STEP_30), at(STEP_60)]
}
