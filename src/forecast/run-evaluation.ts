/** Runs an evaluation in this process and says how far it is. */
import type { ForecastEvaluateDocument } from '../api/documents.door.ts'
import {
  evaluate,
  federatedRidge,
  type ModelName,
  networkForecasters,
  type OutlierRule,
  type PersonTrace,
  type ProtocolName,
  persistence,
} from '../learning/index.ts'
import { evaluateDocument } from './evaluate-document.ts'
import { sitesFor } from './sites-for.ts'
import { withWorkshop } from './with-workshop.ts'

export interface RunOptions {
  readonly protocol: ProtocolName
  readonly models: readonly ModelName[]
  readonly seed: number
  /** Undefined: as many as usual, or fewer where the people do not reach. */
  readonly sites: number | undefined
  readonly rounds: number | undefined
  readonly stride: number | undefined
  /** Protocol F: days of data a site learns from; as the study unless given. */
  readonly coldDays: number | undefined
  readonly mode: 'gridded' | 'online'
  /** Readings that are taken away first. */
  readonly outliers: readonly OutlierRule[]
  readonly say: (line: string) => void
  /** How much is done, 0–1, and which model is at work. */
  readonly onShare: (share: number, model: string) => void
  readonly signal: AbortSignal
}

export async function runEvaluation(
  traces: readonly PersonTrace[],
  options: RunOptions,
): Promise<ForecastEvaluateDocument> {
  const { protocol, mode, seed, signal, onShare, say } = options
  const sites = sitesFor(traces, protocol, options.sites, say)
  let [within, step, total, model] = [0, 0, 1, '']
  const onRound = (): void => {
    // How many rounds a row has is its own affair: each brings the bar nearer to the row's end.
    within += (1 - within) / 20
    onShare((step + within) / total, model)
  }
  const evaluation = await withWorkshop(
    { protocol, rounds: options.rounds, seed, features: 4, signal, onRound },
    async (workshop) => {
      const forecasters = networkForecasters(workshop)
      return await evaluate(
        traces,
        (name) =>
          name === 'persistence' ? persistence : name === 'ridge' ? federatedRidge : forecasters(name),
        {
          protocol,
          sites,
          mode,
          withEvents: false,
          ...(options.stride === undefined ? {} : { stride: options.stride }),
          ...(options.coldDays === undefined ? {} : { coldDays: options.coldDays }),
          models: options.models,
          cpuSeconds: workshop.cpuSeconds,
          outliers: options.outliers,
          onLeftOut: () => signal.throwIfAborted(),
          onStep: (done, all, name) => {
            signal.throwIfAborted()
            ;[within, step, total, model] = [0, done, all, name]
            onShare(done / all, name)
          },
        },
      )
    },
  )
  return evaluateDocument(evaluation, { protocol, sites, seed })
}
