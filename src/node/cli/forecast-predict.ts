/** `islet forecast predict MODEL FILE`: the next hour of everybody in a file, as figures and as a picture. */
import { promises as fs } from 'node:fs'
import type { ForecastPredictDocument } from '../../api/documents.door.ts'
import { plotForecast, readPeople, requirePlace, writeWhole } from '../../forecast/index.ts'
import {
  type ForecastModel,
  forecastWith,
  latestWindow,
  modelDigest,
  type PersonTrace,
  readModel,
} from '../../learning/index.ts'
import {
  formatInstant,
  IsletError,
  isIsletError,
  type LocalSeconds,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { EXIT, printDocument } from './outcome.ts'
import { intakeOptions } from './read-files.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type PersonForecast = ForecastPredictDocument['people'][number]

/** Larger files are no model of ours. */
const LARGEST_MODEL = 16 * 2 ** 20

export async function forecastPredict(
  context: VerbContext,
  [modelPath = '', ...paths]: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal, signal } = context
  const { svg } = options
  const say = (line: string): void => terminal.err(`${line}\n`)
  if (typeof svg === 'string') await requirePlace(svg)
  const model = await modelAt(modelPath)
  const traces = await readPeople(paths, intakeOptions(options), { say, signal })
  const people: PersonForecast[] = []
  const left: { id: string; code: string }[] = []
  let refused: unknown
  for (const trace of traces) {
    try {
      people.push(forecastOf(model, trace))
    } catch (error) {
      if (!isIsletError(error, 'CONTEXT_TOO_SHORT')) throw error
      refused ??= error
      left.push({ id: trace.id, code: error.code })
    }
  }
  const [first] = people
  if (first === undefined) throw refused
  if (typeof svg === 'string') {
    const trace = traces.find(({ id }) => id === first.id)
    if (trace !== undefined) await writeWhole(svg, pictureOf(trace, first))
    if (people.length > 1) say(`${people.length} people in the input: the picture shows person ${first.id}`)
  }
  const document: ForecastPredictDocument = {
    schema: 'islet.forecast.predict/1',
    model: { sha256: modelDigest(model), data_sha256: model.data },
    people,
    left_out: left,
  }
  if (context.json) printDocument(document, terminal)
  else terminal.out(words(document))
  return EXIT.done
}

async function modelAt(path: string): Promise<ForecastModel> {
  const stat = await fs.stat(path)
  if (stat.isDirectory()) {
    throw new IsletError(
      'NOT_A_FILE',
      'this is a folder, not a file',
      {},
      { at: { file: path }, remedy: 'name the file that islet forecast train --out wrote' },
    )
  }
  const { size } = stat
  try {
    return readModel(size > LARGEST_MODEL ? '' : await fs.readFile(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof IsletError)) throw error
    throw new IsletError(error.code, error.message, error.facts, {
      at: { file: path },
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      cause: error,
    })
  }
}

function forecastOf(model: ForecastModel, trace: PersonTrace): PersonForecast {
  const window = latestWindow(trace, model.shape.features > 4)
  const { path, quantiles } = forecastWith(model, window)
  const { at, local } = trace.glucose
  const anchor = at.at(-1) ?? 0
  const clock = local.at(-1) ?? anchor
  const levels = model.shape.quantiles
  const rounded = (value: number | undefined): number => Math.round((value ?? 0) * 10) / 10
  const at30 = path[5] ?? 0
  return {
    id: trace.id,
    anchor: formatInstant(quantity<UnixSeconds>(anchor), quantity<LocalSeconds>(clock)),
    last_mgdl: rounded(window.last[0]),
    path: [...path].map((value, i) => ({ minutes: 5 * (i + 1), mgdl: rounded(value) })),
    quantiles: [30, 60].flatMap((minutes, s) =>
      levels.map((level, q) => ({ minutes, level, mgdl: rounded(quantiles[s * levels.length + q]) })),
    ),
    alarm_threshold_mgdl: model.alarm,
    alarm: at30 < model.alarm,
  }
}

function pictureOf({ glucose }: PersonTrace, forecast: PersonForecast): string {
  const band = [30, 60].map((minutes) => {
    const own = forecast.quantiles.filter((one) => one.minutes === minutes)
    return [minutes, own[0]?.mgdl ?? 0, own.at(-1)?.mgdl ?? 0] as const
  })
  const levels = forecast.quantiles.map(({ level }) => level)
  return plotForecast({
    history: [...glucose.at].map((at, i) => [at, glucose.value[i] ?? 0] as const),
    anchor: glucose.at.at(-1) ?? 0,
    local: glucose.local.at(-1) ?? 0,
    last: forecast.last_mgdl,
    path: forecast.path.map(({ mgdl }) => mgdl),
    band,
    level: 100 * (Math.max(...levels) - Math.min(...levels)),
  })
}

function words({ people, left_out: left }: ForecastPredictDocument): string {
  const lines = people.flatMap((person) => [
    `Person ${person.id}, ${person.anchor}: ${person.last_mgdl.toFixed(0)} mg/dL`,
    ...[30, 60].map((minutes) => `  ${inWords(person, minutes)}`),
    ...(person.alarm
      ? [`  below ${person.alarm_threshold_mgdl.toFixed(0)} mg/dL in 30 minutes: a low may be ahead`]
      : []),
  ])
  const missing =
    left.length === 0
      ? []
      : [`Left out: ${left.length} without two hours of readings before the latest one (${codesOf(left)})`]
  return `${[...lines, ...missing, ...HONESTY].join('\n')}\n`
}

function inWords({ path, quantiles, last_mgdl: last }: PersonForecast, minutes: number): string {
  const own = quantiles.filter((one) => one.minutes === minutes)
  const value = path.find((one) => one.minutes === minutes)?.mgdl ?? last
  const [low, high] = [own[0], own.at(-1)]
  const band =
    low === undefined || high === undefined
      ? ''
      : `, ${(100 * (high.level - low.level)).toFixed(0)} % band ${low.mgdl.toFixed(0)}–${high.mgdl.toFixed(0)}`
  return `in ${minutes} minutes ${value.toFixed(0)} mg/dL${band}`
}

function codesOf(left: ForecastPredictDocument['left_out']): string {
  return [...new Set(left.map(({ code }) => code))].join(', ')
}

/** Stands under every forecast in words. */
const HONESTY = [
  'A forecast from past readings, which knows of no meal, dose or exercise to come. Research use:',
  'no alarm, no advice; never dose by it.',
]
