/** `islet forecast train FILE… --out MODEL`: one forecaster for use, judged on windows that did not teach it. */
import type { ForecastTrainDocument } from '../../api/documents.door.ts'
import {
  figure,
  QUANTILES,
  readPeople,
  requirePlace,
  tableText,
  withWorkshop,
  writeWhole,
} from '../../forecast/index.ts'
import { modelDigest, type Score, type TrainedModel, trainModel, writeModel } from '../../learning/index.ts'
import { atLeastOne } from './forecast-evaluate.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import { startProgress } from './progress.ts'
import { intakeOptions } from './read-files.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

/** Cycles of training at most: how far the bar reaches. */
const CYCLES = 8

export async function forecastTrain(
  context: VerbContext,
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  if (options['doses'] === true)
    return (await import('./forecast-train-doses.ts')).forecastTrainDoses(context, paths, options)
  if (paths.length === 0) throw usage('there is nothing to learn from', 'name one or more files')
  const { terminal, signal, seed } = context
  const { out } = options
  if (typeof out !== 'string') throw usage('there is no place for the model', 'name one with --out MODEL')
  const stride = atLeastOne(options['stride'], 'stride')
  await requirePlace(out)
  const say = (line: string): void => terminal.err(`${line}\n`)
  const people = await readPeople(paths, intakeOptions(options), { say, signal })
  const progress = startProgress('training', CYCLES, terminal)
  let cycles = 0
  let trained: TrainedModel
  try {
    trained = await withWorkshop(
      {
        protocol: 'W',
        rounds: undefined,
        seed,
        features: 4,
        quantiles: QUANTILES,
        signal,
        onRound: () => progress.advance(Math.min(++cycles, CYCLES)),
      },
      async (workshop) =>
        await trainModel(people, workshop, {
          protocol: 'W',
          sites: 1,
          mode: 'online',
          withEvents: false,
          ...(stride === undefined ? {} : { stride }),
        }),
    )
  } finally {
    progress.finish()
  }
  signal.throwIfAborted()
  await writeWhole(out, writeModel(trained.model))
  const document = documentOf(out, trained)
  if (context.json) printDocument(document, terminal)
  else terminal.out(words(document))
  return EXIT.done
}

function documentOf(path: string, trained: TrainedModel): ForecastTrainDocument {
  const { model } = trained
  const row = (name: string, { at30, at60 }: Score) => ({
    model: name,
    rmse_30_mgdl: at30.rmse,
    rmse_60_mgdl: at60.rmse,
    mae_30_mgdl: at30.mae,
    mae_60_mgdl: at60.mae,
  })
  return {
    schema: 'islet.forecast.train/1',
    model: {
      path,
      sha256: modelDigest(model),
      parameters: model.parameters.length,
      network_share: model.share,
      alarm_threshold_mgdl: model.alarm,
    },
    data: {
      sha256: model.data,
      protocol: model.protocol,
      people: trained.people,
      windows_train: trained.windowsTrain,
      windows_test: trained.windowsTest,
    },
    rows: [row('persistence', trained.persistence), row('ridge', trained.ridge), row('model', trained.own)],
    coverage_30_percent: trained.coverage[0],
    coverage_60_percent: trained.coverage[1],
  }
}

function words(document: ForecastTrainDocument): string {
  const { model, data, rows } = document
  return `${[
    `${model.path}: ${model.parameters} parameters, sha256 ${model.sha256}`,
    `learned from ${data.windows_train} windows of ${data.people} people; judged on ${data.windows_test} later windows of them`,
    '',
    ...tableText(
      'mg/dL',
      (row: (typeof rows)[number]) => row.model,
      [
        { head: 'RMSE 30', cell: (row) => figure(row.rmse_30_mgdl, 2) },
        { head: '60', cell: (row) => figure(row.rmse_60_mgdl, 2) },
        { head: 'MAE 30', cell: (row) => figure(row.mae_30_mgdl, 2) },
        { head: '60', cell: (row) => figure(row.mae_60_mgdl, 2) },
      ],
      rows,
    ),
    `the 90 % band held ${figure(document.coverage_30_percent, 1)} % at 30 and ${figure(document.coverage_60_percent, 1)} % at 60 minutes`,
  ].join('\n')}\n`
}
