/**
 * `islet forecast evaluate FILE…`: every model judged on the same windows of the people in the files.
 *
 * Law: what is printed depends on the files, the options and the seed alone, but for the CPU seconds.
 */
import type { ForecastEvaluateDocument } from '../../api/documents.door.ts'
import { evaluationTable, readPeople, runEvaluation } from '../../forecast/index.ts'
import {
  JUMP_RULE,
  type ModelName,
  modelsFor,
  modelsNamed,
  PROTOCOLS,
  type ProtocolName,
  RANGE_RULE,
} from '../../learning/index.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import { startProgress } from './progress.ts'
import { intakeOptions } from './read-files.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

export async function forecastEvaluate(
  context: VerbContext,
  paths: readonly string[],
  options: Options,
): VerbOutcome {
  const { terminal, signal } = context
  const protocol = protocolOf(options['protocol'])
  const models = modelsOf(options['models'], protocol)
  const coldDays = atLeastOne(options['days'], 'days')
  if (coldDays !== undefined && protocol !== 'F') {
    throw usage('--days belongs to --protocol F', 'leave --days out, or add --protocol F')
  }
  const say = (line: string): void => terminal.err(`${line}\n`)
  const people = await readPeople(paths, intakeOptions(options), { say, signal })
  const progress = startProgress('evaluating', 1000, terminal)
  let document: ForecastEvaluateDocument
  try {
    document = await runEvaluation(people, {
      protocol,
      models,
      seed: context.seed,
      sites: atLeastOne(options['sites'], 'sites'),
      coldDays,
      rounds: atLeastOne(options['rounds'], 'rounds'),
      stride: atLeastOne(options['stride'], 'stride'),
      mode: options['context'] === 'online' ? 'online' : 'gridded',
      outliers: options['outliers'] === 'drop' ? [RANGE_RULE, JUMP_RULE] : [],
      say,
      onShare: (share, model) => progress.advance(Math.round(share * 1000), model),
      signal,
    })
  } finally {
    progress.finish()
  }
  if (context.json) printDocument(document, terminal)
  else terminal.out(evaluationTable(document))
  // Whoever named a model wanted its row.
  const wanted = options['models'] !== undefined && document.left_out.length > 0
  return wanted ? EXIT.checkFailed : EXIT.done
}

function protocolOf(value: unknown): ProtocolName {
  return PROTOCOLS.find((name) => name === value) ?? 'W'
}

function modelsOf(value: unknown, protocol: ProtocolName): readonly ModelName[] {
  if (typeof value !== 'string') return modelsFor(protocol)
  const names = value.split(',').map((name) => name.trim())
  return modelsNamed(names.filter((name) => name !== ''))
}

export function atLeastOne(value: unknown, name: string): number | undefined {
  if (typeof value !== 'number') return undefined
  if (value < 1) throw usage(`--${name} must be at least 1`, `leave --${name} out for the usual number`)
  return value
}
