/**
 * What two lying sites of ten do to a study in `open` mode, and how often an honest site is taken for a liar.
 *
 * A hundred seeded studies on simulated people: ten sites of 200 windows, five rounds, gru-8, four passes, the rule that
 * a study takes by itself; each once clean and once per lie, from the same first model on the same windows. The error is
 * RMSE at 30 minutes on windows that nobody trained on; it is divided by that of the clean run of the same seed.
 */
import { LIES, peopleOf, poisonedRun, ROUNDS, SITES, WINDOWS } from './support/poisoned-runs.ts'
import { median, quantile, type Row, row } from './support/rows.ts'

const RUNS = 100
const WITHIN = 1.05
const HONEST_OUT_PERCENT = 1

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
    ...LIES.flatMap((lie) => {
      const all = ratios.get(lie) ?? []
      const allowed = 'the 1.05 allowed'
      return [
        row(`error beside the clean run, ${lie}, median`, median(all), '×', allowed, WITHIN, count),
        row('the same, 95 of 100', quantile(all, 0.95), '×', allowed, WITHIN, count),
        row('the same, worst', quantile(all, 1), '×', allowed, WITHIN, count),
        row(`updates of the two left out, ${lie}`, mean(caught.get(lie) ?? []), '%', null, null, count),
      ]
    }),
  ]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
