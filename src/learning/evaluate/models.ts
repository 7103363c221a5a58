/**
 * The rows that an evaluation can print, by name, and what each is.
 *
 * Law: persistence and ridge are always printed, first and second: a row that does not beat them is shown beside them.
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { ProtocolName } from './protocols.ts'

const MODELS = [
  'persistence',
  'ridge',
  'local',
  'local-as-rounds',
  'fedavg',
  'fedavg-float32',
  'fedprox',
  'fedadam',
  'scaffold',
  'median',
  'trimmed-mean',
  'multi-krum',
  'fltrust',
  'fedavg-masked',
  'fedavg-dp',
  'fedavg-finetuned',
  'pooled',
  'pooled-finetuned',
  'boosting',
  'hybrid',
] as const
export type ModelName = (typeof MODELS)[number]

/** Every row that a protocol has: `local-as-rounds` is one of the cold start, whose `local` is the study's own. */
export function modelsFor(protocol: ProtocolName): readonly ModelName[] {
  return protocol === 'F' ? MODELS : MODELS.filter((model) => model !== 'local-as-rounds')
}

/** Names as a person gave them → models in the table's order. Throws `MODEL_UNKNOWN` with the nearest name. */
export function modelsNamed(names: readonly string[]): readonly ModelName[] {
  const wanted = new Set<string>(['persistence', 'ridge'])
  for (const name of names) {
    if (!MODELS.some((model) => model === name)) {
      const near = nearest(name, MODELS)
      throw new IsletError(
        'MODEL_UNKNOWN',
        `there is no model '${name.slice(0, 40)}'`,
        {},
        { remedy: near === undefined ? `one of: ${MODELS.join(', ')}` : `did you mean ${near}?` },
      )
    }
    wanted.add(name)
  }
  return MODELS.filter((model) => wanted.has(model))
}

/** The listed name fewest edits away, if at most a third of it has to change. */
export function nearest<T extends string>(name: string, list: readonly T[]): T | undefined {
  let best: T | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of list) {
    const distance = edits(name.toLowerCase(), candidate)
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best !== undefined && least <= Math.max(2, Math.floor(best.length / 3)) ? best : undefined
}

/** Levenshtein's distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= Math.min(a.length, 64); i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? Number.POSITIVE_INFINITY
}
