/**
 * Fine-tuning per person: the common model learns on from the person's own training windows.
 *
 * Law: only the person's own training windows are used; where fewer than twelve hours of them exist, the common model
 * stays. How deep it learns, the dense head alone or the whole network, is chosen once for everybody by the error on
 * validation windows, which adds over sites; under protocol F nothing is chosen and the head alone learns.
 * Source: one pass at a small rate, as in the protocol's study. The depth is chosen because people differ: on validation
 * windows the whole network ended up to 7 % below the head on one public set and 3 % above it on another.
 */
import { joinWindows } from '../data/join-windows.ts'
import { everyNth } from '../data/select-windows.ts'
import type { Windows } from '../data/windows.ts'
import { byModel } from './by-model.ts'
import type { Fold } from './protocols.ts'
import { aloneTraining, validationError, type Workshop } from './workshop.ts'

const PASSES = 2
const RATE = 1e-3
const BATCH = 32
/** Windows a person needs: 12 hours of them. */
const FEWEST = 144
/** Windows a person's model learns on from, at most, evenly taken: two weeks of them. */
const MOST = 4_032
/** People whose windows are held at once: keeps every core busy and memory small. */
const AT_ONCE = 16

const DEPTHS = ['head', 'whole network'] as const
type Depth = (typeof DEPTHS)[number]

/** What came of fine-tuning everybody of a fold. */
export interface FineTuned {
  /** Forecasts of the fold's test windows by each person's own model. */
  readonly path: Float32Array
  /** The same of the sites' validation windows, site after site. */
  readonly validation: Float32Array
  readonly depth: Depth
}

/** Fine-tunes the common model for each person of the fold. */
export async function fineTune(workshop: Workshop, fold: Fold, common: Float32Array): Promise<FineTuned> {
  const { network } = workshop
  const depths = workshop.protocol === 'F' ? DEPTHS.slice(0, 1) : DEPTHS
  const tunings = depths.map((depth) => ({ depth, own: new Map<string, Float32Array>() }))
  const people = [...fold.test.people.entries()]
  for (let from = 0; from < people.length; from += AT_ONCE) {
    await Promise.all(
      people.slice(from, from + AT_ONCE).map(async ([person, name]) => {
        const windows = fold.ownTrain(person)
        if (windows.count < FEWEST) return
        const few = everyNth(windows, Math.ceil(windows.count / MOST))
        for (const { depth, own } of tunings) own.set(name, await tuned(workshop, few, common, depth))
      }),
    )
    workshop.onRound?.()
  }
  const forecast = (own: ReadonlyMap<string, Float32Array>, windows: Windows): Float32Array =>
    byModel(
      windows,
      windows.person,
      (person, part) => network.predict(own.get(windows.people[person] ?? '') ?? common, part).path,
    )
  const chosenBy = joinWindows(fold.sites.map(({ validation }) => validation))
  const judged = tunings.map(({ depth, own }) => {
    const parts = fold.sites.map(({ validation }) => forecast(own, validation))
    const validation = oneAfterAnother(parts)
    return { depth, own, validation, error: validationError(chosenBy, validation) }
  })
  const [first, ...others] = judged
  if (first === undefined) throw new RangeError('there is always one depth')
  const best = others.reduce((least, one) => (one.error < least.error ? one : least), first)
  return { path: forecast(best.own, fold.test), validation: best.validation, depth: best.depth }
}

function oneAfterAnother(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

async function tuned(
  workshop: Workshop,
  windows: Windows,
  common: Float32Array,
  depth: Depth,
): Promise<Float32Array> {
  const trained = await workshop.trainer.train(common, windows, {
    ...aloneTraining(workshop),
    passes: PASSES,
    batch: BATCH,
    learningRate: RATE,
    schedule: 'cosine',
    headOnly: depth === 'head',
    // A person's own level is what is to be learned here.
    levelShift: 0,
  })
  return trained.parameters
}
