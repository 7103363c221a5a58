/**
 * `islet forecast train --doses`: a dose model from people's own records, or from virtual patients.
 *
 * Law: what is printed of a model was measured on meals after those that taught it; the model that is written is that one.
 */
import type { ForecastTrainDosesDocument } from '../../api/documents.door.ts'
import {
  doseRecordOf,
  figure,
  QUANTILES,
  requirePlace,
  tableText,
  virtualDoses,
  withWorkshop,
  writeWhole,
} from '../../forecast/index.ts'
import {
  type DoseLimits,
  type DoseModel,
  type DoseRecord,
  type ForecastModel,
  judgeDoseModel,
  trainDoseModel,
  trainModel,
  writeDoseModel,
} from '../../learning/index.ts'
import { doseLimits, therapies } from './dose-settings.ts'
import { modelMember } from './forecast-dose.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import { peopleOfFiles } from './people-of-files.ts'
import { startProgress } from './progress.ts'
import { intakeOptions } from './read-files.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

/** Of each person's time; the rest judges. */
const TRAIN_SHARE = 0.8
/** Cells between the windows that teach the network: enough for it, and done in a minute or two. */
const STRIDE = 12
/** Cycles of training at most: how far the bar reaches. */
const CYCLES = 8

interface Taught {
  readonly id: string
  readonly record: DoseRecord
  /** The instant at which teaching ends and judging begins. */
  readonly from: number
}

export async function forecastTrainDoses(
  context: VerbContext,
  paths: readonly string[],
  options: Options,
): VerbOutcome {
  const { terminal } = context
  const { out } = options
  if (typeof out !== 'string') throw usage('there is no place for the model', 'name one with --out MODEL')
  await requirePlace(out)
  const limits = doseLimits(options)
  const simulated = typeof options['virtual'] === 'number'
  if (simulated === paths.length > 0)
    throw usage('records come from files or from virtual patients', 'name files, or give --virtual N')
  const people = await recordsOf(context, paths, options, limits)
  const early = people.map(({ record, from }) => before(record, from))
  const progress = startProgress('training', CYCLES, terminal)
  let alone: DoseModel
  let hybrid: DoseModel | undefined
  try {
    alone = trainDoseModel([early], limits, { simulated })
    if (options['kind'] !== 'boosting') {
      const forecaster = await forecasterOf(context, people, early, (done) => progress.advance(done))
      hybrid = trainDoseModel([early], limits, { simulated, forecaster })
    }
  } finally {
    progress.finish()
  }
  context.signal.throwIfAborted()
  const model = hybrid ?? alone
  await writeWhole(out, writeDoseModel(model))
  const taught = judgeDoseModel(
    alone,
    early.map((record) => ({ record, from: Number.NEGATIVE_INFINITY })),
    limits,
  )
  const rowOf = (name: string, one: DoseModel) => {
    const { laterRmse, lowLoss, belowLow } = judgeDoseModel(one, people, limits)
    return {
      model: name,
      later_rmse_mgdl: known(laterRmse),
      low_loss_mgdl: known(lowLoss),
      below_low_percent: known(belowLow),
    }
  }
  const judged = judgeDoseModel(alone, people, limits)
  const document: ForecastTrainDosesDocument = {
    schema: 'islet.forecast.train-doses/1',
    model: { path: out, ...modelMember(model) },
    data: { people: people.length, meals_train: taught.meals, meals_test: judged.meals },
    rows: [
      {
        model: 'mean',
        later_rmse_mgdl: known(judged.meanRmse),
        low_loss_mgdl: null,
        below_low_percent: null,
      },
      rowOf('boosting', alone),
      ...(hybrid === undefined ? [] : [rowOf('hybrid', hybrid)]),
    ],
  }
  if (context.json) printDocument(document, terminal)
  else terminal.out(words(document))
  return EXIT.done
}

async function recordsOf(
  { seed, signal }: VerbContext,
  paths: readonly string[],
  options: Options,
  limits: DoseLimits,
): Promise<readonly Taught[]> {
  const taught: Taught[] = []
  const { virtual } = options
  if (typeof virtual === 'number') {
    for (const { id, record } of virtualDoses(virtual, seed, limits)) {
      // Living takes a while: Ctrl-C is heard between two people.
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      taught.push(divided(id, record))
    }
    return taught
  }
  const settingsOf = await therapies(options)
  for (const { id, records } of await peopleOfFiles(paths, intakeOptions(options)))
    taught.push(divided(id, doseRecordOf(records, settingsOf(id))))
  return taught
}

function divided(id: string, record: DoseRecord): Taught {
  const first = record.glucose.at[0] ?? 0
  const last = record.glucose.at.at(-1) ?? 0
  return { id, record, from: first + TRAIN_SHARE * (last - first) }
}

/** What was known of a person at an instant. */
function before(record: DoseRecord, instant: number): DoseRecord {
  const end = (list: Float64Array): number => list.findLastIndex((at) => at <= instant) + 1
  const { glucose, boluses, meals } = record
  const [g, b, m] = [end(glucose.at), end(boluses.at), end(meals.at)]
  return {
    ...record,
    glucose: {
      at: glucose.at.subarray(0, g),
      local: glucose.local.subarray(0, g),
      value: glucose.value.subarray(0, g),
    },
    boluses: { at: boluses.at.subarray(0, b), amount: boluses.amount.subarray(0, b) },
    meals: { at: meals.at.subarray(0, m), amount: meals.amount.subarray(0, m) },
  }
}

async function forecasterOf(
  { seed, signal }: VerbContext,
  people: readonly Taught[],
  early: readonly DoseRecord[],
  onCycle: (done: number) => void,
): Promise<ForecastModel> {
  let cycles = 0
  const traces = early.map(({ glucose, boluses, meals }, i) => ({
    id: people[i]?.id ?? '',
    glucose,
    boluses,
    meals,
  }))
  const onRound = (): void => onCycle(Math.min(++cycles, CYCLES))
  const trained = await withWorkshop(
    { protocol: 'W', rounds: undefined, seed, features: 6, quantiles: QUANTILES, signal, onRound },
    async (workshop) =>
      await trainModel(traces, workshop, {
        protocol: 'W',
        sites: 1,
        mode: 'online',
        withEvents: true,
        stride: STRIDE,
      }),
  )
  return trained.model
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null)

function words({ model, data, rows }: ForecastTrainDosesDocument): string {
  return `${[
    `${model.path}: ${model.kind}, sha256 ${model.sha256}${model.simulated ? ', learned from virtual patients' : ''}`,
    `learned from ${data.meals_train} meals of ${data.people} people; judged on ${data.meals_test} later meals of them`,
    '',
    ...tableText(
      'glucose three hours after a meal, and the expected low (one in ten)',
      (row: (typeof rows)[number]) => row.model,
      [
        { head: 'RMSE mg/dL', cell: (row) => figure(row.later_rmse_mgdl, 2) },
        { head: 'low: loss mg/dL', cell: (row) => figure(row.low_loss_mgdl, 3) },
        { head: 'lower than it %', cell: (row) => figure(row.below_low_percent, 1) },
      ],
      rows,
    ),
  ].join('\n')}\n`
}
