/**
 * The attack table: what lying sites do to a federated network, and what each rule of aggregation takes back.
 *
 * Law: every row starts from the same first model, windows and seed; the clean run comes first, then each rule on clean
 * sites, then per attack the plain mean and each rule. The network stands alone here: a ridge beside it would hide damage.
 * Measure: removed = 1 − (defended − clean) / (undefended − clean), of RMSE at 30 minutes; unknown where the attack did
 * less than half a percent of damage to the plain mean. Large cohorts are thinned: the study's runs learned from 22,000
 * windows, these from at most 40,000, and are judged on at most 100,000, evenly taken.
 */
import { isIsletError } from '../../vocabulary/index.ts'
import { type Attack, type AttackName, attacked, withTrigger } from '../attacks/attack.ts'
import { dataHash } from '../data/data-hash.ts'
import type { PersonTrace } from '../data/trace.ts'
import { score } from '../metrics/score.ts'
import { type Rule, tolerantKrum } from '../robust/rule.ts'
import { federate, networkSites, siteName } from './federated.ts'
import { type DivisionOptions, divide, type Fold, protocolVersion } from './protocols.ts'
import { thinned } from './thinned.ts'
import { type Workshop, workshopFor } from './workshop.ts'

export const ATTACK_RULES = ['median', 'trimmed-mean', 'multi-krum', 'norm-clip', 'fltrust'] as const
export type AttackRule = (typeof ATTACK_RULES)[number]

export interface AttackOptions extends DivisionOptions {
  readonly attacks: readonly AttackName[]
  /** How many sites lie, one count after the other; with 0 the clean rows alone. */
  readonly attackers: readonly number[]
  readonly rules: readonly AttackRule[]
  /** Called before each run; may throw to stop. */
  readonly onStep?: (done: number, total: number) => void
}

export interface AttackRow {
  readonly attack: AttackName | 'none'
  readonly attackers: number
  readonly rule: 'mean' | AttackRule
  /** mg/dL; null where the rounds stopped for want of answers. */
  readonly rmse30: number | null
  readonly rmse60: number | null
  /** Percent of the damage at 30 minutes that the rule took back. */
  readonly removed30: number | null
  /** Percent of honest answers, and of liars' answers, that were left out. */
  readonly excludedHonest: number | null
  readonly excludedAttackers: number | null
  /** Backdoor: mean change of the forecast at 30 minutes where the trigger stands, against the clean model, mg/dL. */
  readonly triggerShift: number | null
}

export interface AttackTable {
  readonly sha256: string
  readonly people: number
  readonly windowsTrain: number
  readonly windowsTest: number
  readonly rows: readonly AttackRow[]
}

/** Damage below which nothing is said about what was removed, as a share of the clean error. */
const NOTEWORTHY = 0.005
/** Windows that a run learns from unless a stride is asked for, and windows it is judged on: a table has 42 runs. */
const MOST_LEARNED = 40_000
const MOST_JUDGED = 100_000
/** Share of sites that a rule is set to withstand. */
const FAULTY_SHARE = 0.2

/** Runs every row. Throws the codes of `divide`, and `TOO_FEW_SITES` where a rule promises nothing for so few. */
export async function attackTable(
  traces: readonly PersonTrace[],
  given: Workshop,
  options: AttackOptions,
): Promise<AttackTable> {
  const { cohort, folds } = divide(traces, options)
  const [whole] = folds
  if (whole === undefined) throw new RangeError('a division has at least one fold')
  const fold = thinned(whole, {
    learned: options.stride === undefined ? MOST_LEARNED : Number.POSITIVE_INFINITY,
    judged: MOST_JUDGED,
  })
  const windowsTrain = fold.sites.reduce((sum, { train }) => sum + train.count, 0)
  const workshop = workshopFor(given, windowsTrain, fold.sites.length)
  const rules = ['mean', ...options.rules] as const
  const counts = options.attackers.filter((count) => count > 0)
  const runs = options.attacks.flatMap((attack) => counts.map((count) => ({ attack, count })))
  const total = rules.length * (1 + runs.length)
  const rows: AttackRow[] = []
  let done = 0
  const next = async (
    attack: AttackName | 'none',
    count: number,
    rule: 'mean' | AttackRule,
  ): Promise<Outcome> => {
    options.onStep?.(done++, total)
    return await attackRun(workshop, fold, attack, count, rule)
  }
  const clean = await next('none', 0, 'mean')
  rows.push(rowOf(clean, clean, clean))
  for (const rule of options.rules) rows.push(rowOf(await next('none', 0, rule), clean, clean))
  for (const { attack, count } of runs) {
    const undefended = await next(attack, count, 'mean')
    rows.push(rowOf(undefended, clean, undefended))
    for (const rule of options.rules) rows.push(rowOf(await next(attack, count, rule), clean, undefended))
  }
  return {
    sha256: dataHash(traces, protocolVersion(options)),
    people: cohort.members.length,
    windowsTrain,
    windowsTest: fold.test.count,
    rows,
  }
}

interface Outcome {
  readonly row: Omit<AttackRow, 'removed30' | 'triggerShift'>
  /** Mean forecast at 30 minutes where the trigger stands, mg/dL. */
  readonly atTrigger: number | null
}

function rowOf(outcome: Outcome, clean: Outcome, undefended: Outcome): AttackRow {
  const { row, atTrigger } = outcome
  const base = clean.row.rmse30
  const worst = undefended.row.rmse30
  const own = row.rmse30
  const known =
    base !== null && worst !== null && own !== null && row.rule !== 'mean' && worst > base * (1 + NOTEWORTHY)
  return {
    ...row,
    removed30: known ? 100 * (1 - (own - base) / (worst - base)) : null,
    triggerShift:
      row.attack === 'backdoor' && atTrigger !== null && clean.atTrigger !== null
        ? atTrigger - clean.atTrigger
        : null,
  }
}

async function attackRun(
  workshop: Workshop,
  fold: Fold,
  name: AttackName | 'none',
  attackers: number,
  rule: 'mean' | AttackRule,
): Promise<Outcome> {
  const honest = networkSites(fold, workshop)
  const liars = new Set(
    Array.from({ length: attackers }, (_, i) => Math.floor(((i + 0.5) * honest.length) / attackers)),
  )
  const sites = honest.map((site, i) =>
    name !== 'none' && liars.has(i) ? attacked(site, attackOf(name, workshop.seed + i)) : site,
  )
  const names = new Set([...liars].map((i) => honest[i]?.id ?? siteName(i)))
  const root = honest.find(({ id }) => !names.has(id))?.id ?? siteName(0)
  const unknown = { rmse30: null, rmse60: null, excludedHonest: null, excludedAttackers: null }
  try {
    const { parameters, reports } = await federate(workshop, sites, {
      rule: ruleOf(rule, honest.length, root),
      quorum: Math.floor(honest.length / 2) + 1,
    })
    const { at30, at60 } = score(fold.test, workshop.network.predict(parameters, fold.test).path)
    const left = (liar: boolean): number | null => {
      const asked = reports.flatMap(({ cohort }) => cohort).filter((id) => names.has(id) === liar).length
      const out = reports
        .flatMap(({ excluded, absent }) => [...excluded, ...Object.keys(absent)])
        .filter((id) => names.has(id) === liar).length
      return asked === 0 ? null : (100 * out) / asked
    }
    return {
      row: {
        attack: name,
        attackers,
        rule,
        rmse30: at30.rmse,
        rmse60: at60.rmse,
        excludedHonest: left(false),
        excludedAttackers: left(true),
      },
      atTrigger: meanAtTrigger(workshop, fold, parameters),
    }
  } catch (error) {
    if (!isIsletError(error, 'ROUNDS_STOPPED')) throw error
    return { row: { attack: name, attackers, rule, ...unknown }, atTrigger: null }
  }
}

function meanAtTrigger({ network }: Workshop, { test }: Fold, parameters: Float32Array): number {
  const triggered = withTrigger(test, 60, 1)
  const { path } = network.predict(parameters, triggered)
  let sum = 0
  for (let w = 0; w < test.count; w++) sum += path[w * test.horizon + 5] ?? 0
  return sum / Math.max(1, test.count)
}

function attackOf(name: AttackName, seed: number): Attack {
  return name === 'random' ? { name, seed } : { name }
}

function ruleOf(rule: 'mean' | AttackRule, sites: number, root: string): Rule {
  const faulty = Math.max(1, Math.floor(FAULTY_SHARE * sites))
  switch (rule) {
    case 'trimmed-mean':
      return { name: rule, faulty }
    case 'multi-krum':
      return tolerantKrum(faulty)
    case 'fltrust':
      return { name: rule, root }
    default:
      return { name: rule }
  }
}
