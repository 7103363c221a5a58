/**
 * What two lying sites of ten do to a study, in `open` mode and under masks, and how often an honest site is taken for a
 * liar.
 *
 * Seeded studies on simulated people, a hundred in `open` mode and fifty under masks: ten sites of 200 windows, five
 * rounds, gru-8, four passes, the rule that a study takes by itself; each once clean and once per lie, from the same
 * first model on the same windows. Under masks there is no rule, and the clip bounds what a site says; so each lie is
 * told under two clips. The error is RMSE at 30 minutes on windows that nobody trained on, divided by that of the clean
 * run of the same seed and the same clip.
 */
import { LIES, type Lie, peopleOf, poisonedRun, ROUNDS, SITES, WINDOWS } from './support/poisoned-runs.ts'
import { median, quantile, type Row, row } from './support/rows.ts'

const RUNS = 100
const MASKED_RUNS = 50
/** Longest update of a site: that of the plan's template, and a fifth of it. */
const CLIPS = [5, 1] as const
const WITHIN = 1.05
const HONEST_OUT_PERCENT = 1
const ALLOWED = 'the 1.05 allowed'

/** Rows of `islet.bench/1`. */
export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const count = quick ? 3 : RUNS
  const ratios = new Map<string, number[]>(LIES.map((lie) => [lie, []]))
  const caught = new Map<string, number[]>(LIES.map((lie) => [lie, []]))
  const honestOut: number[] = []
  for (let seed = 1; seed <= count; seed++) {
    const people = peopleOf(seed)
    const clean = await poisonedRun(people, seed)
    honestOut.push(clean.honestOut)
    for (const lie of LIES) {
      const run = await poisonedRun(people, seed, lie)
      ratios.get(lie)?.push(run.error / clean.error)
      caught.get(lie)?.push(100 * run.liarsOut)
      honestOut.push(run.honestOut)
    }
  }
  const runs = `${SITES} sites of ${WINDOWS} windows, ${ROUNDS} rounds`
  const share = (100 * honestOut.reduce((sum, one) => sum + one, 0)) / honestOut.length
  return [
    row(
      `honest sites left out of a round, all runs together, ${runs}`,
      share,
      '%',
      'the 1 % allowed',
      HONEST_OUT_PERCENT,
      honestOut.length,
    ),
    ...LIES.flatMap((lie) => lieRows(lie, ratios.get(lie) ?? [], caught.get(lie) ?? [])),
    ...(await maskedRows(quick ? 1 : MASKED_RUNS)),
  ]
}

/** The same lies in sums that nobody looks into, under each clip. */
async function maskedRows(count: number): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const clip of CLIPS) {
    const beside: number[] = []
    const ratios = new Map<Lie, number[]>(LIES.map((lie) => [lie, []]))
    const caught = new Map<Lie, number[]>(LIES.map((lie) => [lie, []]))
    const privacy = { aggregation: 'masked', clip_norm: clip } as const
    for (let seed = 1; seed <= count; seed++) {
      const people = peopleOf(seed)
      const clean = await poisonedRun(people, seed, undefined, privacy)
      beside.push(clean.error / (await poisonedRun(people, seed)).error)
      for (const lie of LIES) {
        const run = await poisonedRun(people, seed, lie, privacy)
        ratios.get(lie)?.push(run.error / clean.error)
        caught.get(lie)?.push(100 * run.liarsOut)
      }
    }
    const where = `masked, clip ${clip}`
    rows.push(
      row(`clean error, ${where}, median`, median(beside), '×', 'the clean run in open mode', 1, count),
      ...LIES.flatMap((lie) => lieRows(`${lie}, ${where}`, ratios.get(lie) ?? [], caught.get(lie) ?? [])),
    )
  }
  return rows
}

function lieRows(name: string, ratios: readonly number[], caught: readonly number[]): readonly Row[] {
  const count = ratios.length
  return [
    row(`error beside the clean run, ${name}, median`, median(ratios), '×', ALLOWED, WITHIN, count),
    row('the same, 95 of 100', quantile(ratios, 0.95), '×', ALLOWED, WITHIN, count),
    row('the same, worst', quantile(ratios, 1), '×', ALLOWED, WITHIN, count),
    row(`updates of the two left out, ${name}`, mean(caught), '%', null, null, count),
  ]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
