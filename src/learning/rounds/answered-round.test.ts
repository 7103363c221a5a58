import { describe, expect, it } from 'vitest'
import { fromBase64Url } from '../../vocabulary/index.ts'
import { defaultRule, type Rule } from '../robust/rule.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { Bench, FIRST } from '../testing/round-bench.ts'
import { answeredRound } from './answered-round.ts'
import { memoryOf, modelOf } from './machine.ts'
import type { RoundPlan } from './plan.ts'
import type { Site } from './site.ts'

/** Ten sites that learn towards targets of their own; the third says no number, the eighth is far off. */
const unlike = ({ id }: Site): Site => {
  const i = Number(id.slice('site '.length))
  const [x, y, z] = i === 2 ? [Number.NaN, 1, 1] : [1 + i / 50, 2 - i / 70, i === 7 ? 60 : 3 + i / 90]
  return quadraticSite(id, [x ?? 0, y ?? 0, z ?? 0], { rate: 0.5, examples: 40 + 30 * i })
}

async function byMachine(plan: Partial<RoundPlan>) {
  const bench = new Bench(10, { rounds: 1, attempts: 1, quorum: 1, ...plan }, unlike)
  const asked = [...bench.asked]
  const answers = await Promise.all(
    asked.map(async (ask) => {
      const { site, payload } = await bench.answer(ask)
      const examples = bench.state.members[site]?.examples ?? 0
      return { site, examples, answer: fromBase64Url(payload) }
    }),
  )
  await bench.turn()
  return { bench, answers }
}

describe('a round of answers that are at hand is the state machine’s, bit for bit', () => {
  const strategies: readonly Strategy[] = [
    { name: 'fedavg', momentum: 0.5 },
    { name: 'fedprox', mu: 0.1 },
    { name: 'fedadam', rate: 0.01 },
    { name: 'scaffold' },
  ]
  const rules: readonly Rule[] = [{ name: 'mean' }, { name: 'median' }, defaultRule(10)]
  it.each(strategies.flatMap((strategy) => rules.map((rule) => ({ strategy, rule }))))(
    '$strategy.name, $rule.name',
    async ({ strategy, rule }) => {
      const { bench, answers } = await byMachine({ strategy, rule, clip: 5 })
      const { plan } = bench.state
      const made = answeredRound({ plan, rule: () => rule, base: FIRST, memory: {}, answers })
      expect(made.model).toEqual(modelOf(bench.state))
      expect(made.memory).toEqual(memoryOf(bench.state))
      const [report] = bench.state.reports
      expect(made.counted).toEqual(report?.contributors.filter((site) => !report.excluded.includes(site)))
      expect(made.counted).not.toContain('site 2')
      expect(made.counted.includes('site 7')).toBe(rule.name !== 'multi-krum')
    },
  )
})

it('who writes nonsense is as one who is silent, and the rule is that for those who were read', async () => {
  const { bench, answers } = await byMachine({})
  const { plan } = bench.state
  const five = answers.slice(0, 5)
  const rules: number[] = []
  const rule = (read: number): Rule => {
    rules.push(read)
    return defaultRule(5, read)
  }
  const round = (given: typeof answers) =>
    answeredRound({ plan, rule, base: FIRST, memory: {}, answers: given })
  const silent = round(five.filter(({ site }) => site !== 'site 2'))
  expect(round(five)).toEqual(silent)
  const short = five.map((one) => (one.site === 'site 2' ? { ...one, answer: one.answer.slice(1) } : one))
  expect(round(short)).toEqual(silent)
  expect(rules).toEqual([4, 4, 4])
  expect(() => round([])).toThrow(expect.objectContaining({ code: 'TOO_FEW_SITES' }))
})
