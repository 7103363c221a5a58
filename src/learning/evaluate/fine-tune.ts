/**
 * Fine-tuning per person: the common model's head learns on from the person's own training windows.
 *
 * Law: only the person's own training windows are used; where fewer than a day of them exists, the common model stays.
 * Source: one pass at a small rate, as in the protocol's study; the head alone, so that a person's model differs from the
 * common one in the dense layer only.
 */
import type { Windows } from '../data/windows.ts'
import { byModel } from './by-model.ts'
import type { Fold } from './protocols.ts'
import { aloneTraining, type Workshop } from './workshop.ts'

const PASSES = 2
const RATE = 1e-3
const BATCH = 32
/** Windows a person needs: 12 hours of them. */
const FEWEST = 144
/** People whose windows are held at once: keeps every core busy and memory small. */
const AT_ONCE = 16

/** Forecasts of the fold's test and validation windows by each person's own model. */
export async function fineTune(
  workshop: Workshop,
  fold: Fold,
  common: Float32Array,
): Promise<{ readonly path: Float32Array; readonly validation: Float32Array }> {
  const ofPerson = async (person: number): Promise<Float32Array> => {
    const windows = fold.ownTrain(person)
    return windows.count < FEWEST ? common : await tuned(workshop, windows, common)
  }
  const people = [...fold.test.people.keys()]
  const own: Float32Array[] = []
  for (let from = 0; from < people.length; from += AT_ONCE) {
    own.push(...(await Promise.all(people.slice(from, from + AT_ONCE).map(ofPerson))))
  }
  const byName = new Map(fold.test.people.map((name, person) => [name, own[person]]))
  const validation = fold.sites.map(({ validation: windows }) =>
    byModel(
      windows,
      windows.person,
      (person, part) =>
        workshop.network.predict(byName.get(windows.people[person] ?? '') ?? common, part).path,
    ),
  )
  const all = new Float32Array(validation.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of validation) {
    all.set(part, offset)
    offset += part.length
  }
  return {
    path: byModel(
      fold.test,
      fold.test.person,
      (person, part) => workshop.network.predict(own[person] ?? common, part).path,
    ),
    validation: all,
  }
}

async function tuned(workshop: Workshop, windows: Windows, common: Float32Array): Promise<Float32Array> {
  const trained = await workshop.trainer.train(common, windows, {
    ...aloneTraining(workshop),
    passes: PASSES,
    batch: BATCH,
    learningRate: RATE,
    schedule: 'cosine',
    headOnly: true,
    // A person's own level is what is to be learned here.
    levelShift: 0,
  })
  return trained.parameters
}
