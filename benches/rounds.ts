/**
 * Federated rounds: the machinery alone, masks for ten sites, and a whole run of a GRU of 48 on made-up windows.
 *
 * Times are processor seconds of this process, all threads together, so that a crowded machine changes them little;
 * ratios divide by a level of the house or by the plain sum of the same vectors in the same run. Bytes are those of the
 * messages, headers included, the largest of any site in any round after the first.
 */
import { network, runRounds, trainingSite, type Windows } from '../src/learning/index.ts'
import { nodeMaskSuite, openTrainers } from '../src/learning/worker.door.ts'
import { type Row, row, timed } from './support/rows.ts'

const SITES = 10
const SHAPE = { cell: 'gru', features: 4, hidden: 48, horizon: 12, quantiles: [] } as const

/** Rows of `islet.bench/1`. */
export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  return [...(await machinery(quick ? 5 : 30)), ...(await training(quick ? 2 : 30))]
}

async function machinery(rounds: number): Promise<readonly Row[]> {
  const values = network(SHAPE).parameterCount
  const sites = Array.from({ length: SITES }, (_, site) => {
    const update = Float32Array.from({ length: values }, (_, i) => 0.01 * Math.sin(i * (site + 1)))
    return { id: `site-${site}`, examples: 100, train: () => ({ update, loss: 0, steps: 1 }) }
  })
  const initial = new Float32Array(values)
  const plain = await timed(() => {
    for (let round = 0; round < rounds; round++) {
      const sum = new Float32Array(values)
      for (const { train } of sites) {
        const { update } = train()
        for (let i = 0; i < values; i++) sum[i] = (sum[i] ?? 0) + (update[i] ?? 0)
      }
    }
  })
  const rows: Row[] = []
  for (const mode of ['open', 'masked'] as const) {
    const run = () => runRounds({ sites, initial, suite: nodeMaskSuite, plan: { mode, rounds } })
    await run()
    const { core, result } = await timed(run)
    const bytes = result.reports.slice(1).flatMap((report) => Object.values(report.bytes))
    const each = core / rounds
    const level = mode === 'open' ? 20_000 : 24_000
    rows.push(
      row(`a round of ten sites without training, ${mode}`, each, 'ms', 'the 50 ms allowed', 50, rounds),
      row(`the same, ${mode}`, each, 'ms', 'the plain sum of ten vectors', plain.core / rounds, rounds),
      row(
        `bytes per client and round, both ways, ${mode}, ${values} values`,
        Math.max(...bytes.map(({ up, down }) => up + down)),
        'B',
        `the ${level} B allowed`,
        level,
        rounds,
      ),
    )
  }
  return rows
}

async function training(rounds: number): Promise<readonly Row[]> {
  const windows = 2200
  const one = network(SHAPE)
  const settings = {
    passes: 1,
    batch: 128,
    learningRate: 2e-3,
    schedule: 'constant',
    clip: 1,
    seed: 1,
  } as const
  const trainers = openTrainers(SHAPE)
  try {
    const sites = Array.from({ length: SITES }, (_, site) =>
      trainingSite({
        id: `site-${site}`,
        trainer: trainers,
        windows: curve(windows, site),
        training: settings,
      }),
    )
    const alone = await timed(() => {
      for (let pass = 0; pass < rounds; pass++) one.train(one.initial(1), curve(windows, 0), settings)
    })
    const { core, wall } = await timed(() => runRounds({ sites, initial: one.initial(1), plan: { rounds } }))
    return [
      row(
        `${rounds} rounds × 10 sites × ${windows} windows, GRU-48, processor time`,
        core / 1000,
        's',
        `${rounds} passes at one site × 10`,
        alone.core / 100,
        1,
      ),
      row(
        `the same by the clock, ${trainers.workers} workers`,
        wall / 1000,
        's',
        `its share of 45 s for 30 rounds`,
        (45 * rounds) / 30,
        1,
      ),
    ]
  } finally {
    await trainers.close()
  }
}

/** Windows of a made-up curve. */
function curve(count: number, site: number): Windows {
  const [steps, features, horizon] = [24, 4, 12]
  const level = (cell: number): number => 140 + 3 * site + 45 * Math.sin(cell / (9 + (site % 5)))
  const inputs = new Float32Array(count * steps * features)
  const targets = new Float32Array(count * horizon)
  const last = new Float32Array(count)
  for (let w = 0; w < count; w++) {
    for (let s = 0; s < steps; s++) {
      const at = (w * steps + s) * features
      inputs[at] = (level(w + s) - 150) / 60
      inputs[at + 1] = s === 0 ? 0 : (level(w + s) - level(w + s - 1)) / 10
    }
    last[w] = level(w + steps - 1)
    for (let h = 0; h < horizon; h++) targets[w * horizon + h] = level(w + steps + h)
  }
  return {
    count,
    steps,
    features,
    horizon,
    inputs,
    targets,
    last,
    scored: new Uint8Array(count * horizon).fill(1),
    person: new Int32Array(count),
    anchor: Float64Array.from({ length: count }, (_, w) => 1_700_000_000 + 300 * w),
    people: ['p'],
  }
}
