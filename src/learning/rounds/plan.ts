/**
 * The plan of a federated run: everything on which coordinator and sites must agree before the first round. Plain JSON,
 * so that a study can hash it.
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { Codec } from '../compression/codec.ts'
import type { Depth } from '../masking/ring.ts'
import { defaultRule, fewestSites, type Rule } from '../robust/rule.ts'
import type { Strategy } from '../strategies/strategy.ts'

/**
 * `open`: the coordinator sees each site's update; robust rules hold. `masked`: it sees the sum alone. `grouped`: sums
 * of masked groups, a robust rule across them; simulation.
 */
export type Mode = 'open' | 'masked' | 'grouped'

export interface RoundPlan {
  /** Names the run; bound into masks. */
  readonly study: string
  readonly mode: Mode
  /** Rounds to aggregate, at least 1. */
  readonly rounds: number
  /** Values of the model. */
  readonly parameters: number
  readonly strategy: Strategy
  /** Across sites in `open`, across groups in `grouped`; `masked` has the mean. */
  readonly rule: Rule
  /** The way up in `open`; masked ways have their own, common steps. */
  readonly up: Codec
  readonly down: Codec
  /** Largest Euclidean norm of an update; absent: not bounded. */
  readonly clip?: number
  /** A site's weight is its examples, at most this many times the median's. */
  readonly weightCap: number
  /** Fewest answers that make a round. */
  readonly quorum: number
  /** How often a round is tried before the run stops. */
  readonly attempts: number
  /** Seconds that each stage waits at most. */
  readonly seconds: { readonly train: number; readonly masks: number; readonly evaluate: number }
  /** Whether sites judge each new model on data of their own. */
  readonly evaluate: boolean
  /** Masked ways: largest absolute value of an update's coordinate in the first round. */
  readonly range: number
  /** Masked ways: bits of a site's value. With 16 a range that nothing exceeds can stand and no value is cut. */
  readonly maskDepth: Depth
}

/** Fewest sites of a masked sum: of two, each reads the other's update. */
export const FEWEST_MASKED = 3

/** A whole plan from what differs. Throws `BAD_PLAN`, `TOO_FEW_SITES`. */
export function roundPlan(
  sites: number,
  given: Partial<RoundPlan> & Pick<RoundPlan, 'parameters'>,
): RoundPlan {
  const mode = given.mode ?? 'open'
  const groups = Math.floor(sites / FEWEST_MASKED)
  const plan: RoundPlan = {
    study: 'simulation',
    mode,
    rounds: 30,
    strategy: { name: 'fedavg' },
    rule: mode === 'masked' ? { name: 'mean' } : defaultRule(mode === 'grouped' ? groups : sites),
    up: { name: 'int8' },
    down: { name: 'int8' },
    weightCap: 2,
    quorum: Math.floor((2 * sites) / 3) + 1,
    attempts: 3,
    seconds: { train: 600, masks: 60, evaluate: 300 },
    evaluate: false,
    range: 0.1,
    maskDepth: 8,
    ...given,
  }
  const bad = (field: string, why: string) =>
    new IsletError('BAD_PLAN', `${field} of the plan ${why}`, {}, { at: { field } })
  if (!(Number.isInteger(plan.parameters) && plan.parameters > 0))
    throw bad('parameters', 'is a whole number above 0')
  if (!(Number.isInteger(plan.rounds) && plan.rounds > 0)) throw bad('rounds', 'is a whole number above 0')
  if (!(plan.quorum >= 1 && plan.quorum <= sites)) throw bad('quorum', 'lies between 1 and the sites')
  if (plan.clip !== undefined && !(plan.clip > 0)) throw bad('clip', 'is above 0')
  if (!(plan.range > 0)) throw bad('range', 'is above 0')
  if (mode === 'masked' && plan.rule.name !== 'mean')
    throw bad('rule', 'is the mean where single updates are hidden')
  if (mode !== 'open' && plan.strategy.name === 'scaffold')
    throw bad('strategy', 'sends variates, which masks do not carry')
  const voters = mode === 'grouped' ? groups : sites
  const needed = Math.max(fewestSites(plan.rule), 1) * (mode === 'grouped' ? FEWEST_MASKED : 1)
  if (mode === 'masked' && sites < FEWEST_MASKED) throw tooFew(FEWEST_MASKED, sites)
  if (voters < fewestSites(plan.rule)) throw tooFew(needed, sites)
  return plan
}

function tooFew(needed: number, sites: number): IsletError {
  return new IsletError(
    'TOO_FEW_SITES',
    `the plan needs ${needed} sites, there are ${sites}`,
    { needed, sites },
    { remedy: 'Let more sites take part, or plan for fewer faulty ones.' },
  )
}
