/** Runs an evaluation in this process: chooses the number of sites, measures CPU, stops on Ctrl-C. */
import type { ForecastEvaluateDocument } from '../../api/documents.door.ts'
import {
  evaluate,
  FORECAST_NETWORK,
  type Forecaster,
  federatedRidge,
  type ModelName,
  type NetworkShape,
  network,
  networkForecasters,
  type PersonTrace,
  type ProtocolName,
  persistence,
  usablePeople,
  usualRounds,
} from '../../learning/index.ts'
import { nodeMaskSuite, openTrainers } from '../../learning/worker.door.ts'
import { evaluateDocument } from './evaluate-document.ts'

/** Sites where nothing else is asked for. */
const USUAL_SITES = 10
/** People a site under protocol F. */
const COLD_PEOPLE = 3

export interface RunOptions {
  readonly protocol: ProtocolName
  readonly models: readonly ModelName[]
  readonly seed: number
  /** Undefined: as many as usual, or fewer where the people do not reach. */
  readonly sites: number | undefined
  readonly rounds: number | undefined
  readonly stride: number | undefined
  readonly mode: 'gridded' | 'online'
  readonly say: (line: string) => void
  /** 0–1. */
  readonly onShare: (share: number) => void
  readonly signal: AbortSignal
}

export async function runEvaluation(
  traces: readonly PersonTrace[],
  options: RunOptions,
): Promise<ForecastEvaluateDocument> {
  const sites = sitesFor(traces, options)
  const shape: NetworkShape = { ...FORECAST_NETWORK, features: 4 }
  const trainers = openTrainers(shape)
  const stop = (): void => void trainers.close()
  options.signal.addEventListener('abort', stop, { once: true })
  let within = 0
  let step = 0
  let total = 1
  const forecasters = networkForecasters({
    network: network(shape),
    trainer: trainers,
    protocol: options.protocol,
    rounds: options.rounds ?? usualRounds(options.protocol),
    seed: options.seed,
    cpuSeconds,
    suite: nodeMaskSuite,
    onRound: () => {
      options.signal.throwIfAborted()
      // How many rounds a row has is its own affair: each brings the bar nearer to the row's end.
      within += (1 - within) / 20
      options.onShare((step + within) / total)
    },
  })
  const forecasterOf = (model: ModelName): Forecaster =>
    model === 'persistence' ? persistence : model === 'ridge' ? federatedRidge : forecasters(model)
  try {
    const evaluation = await evaluate(traces, forecasterOf, {
      protocol: options.protocol,
      sites,
      mode: options.mode,
      withEvents: false,
      ...(options.stride === undefined ? {} : { stride: options.stride }),
      models: options.models,
      cpuSeconds,
      onStep: (done, all) => {
        options.signal.throwIfAborted()
        step = done
        total = all
        within = 0
        options.onShare(done / all)
      },
    })
    return evaluateDocument(evaluation, { protocol: options.protocol, sites, seed: options.seed })
  } finally {
    options.signal.removeEventListener('abort', stop)
    await trainers.close()
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function sitesFor(traces: readonly PersonTrace[], options: RunOptions): number {
  if (options.sites !== undefined) return options.sites
  const people = usablePeople(traces, options.protocol)
  const held = options.protocol === 'subject' ? Math.max(1, people - 1) : people
  const most = options.protocol === 'F' ? Math.floor(people / COLD_PEOPLE) : held
  const sites = Math.max(1, Math.min(USUAL_SITES, most))
  if (sites < USUAL_SITES) options.say(`${people} usable people: ${sites} sites instead of ${USUAL_SITES}`)
  return sites
}
