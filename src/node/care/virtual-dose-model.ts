/**
 * The dose model of a node to which nobody gave one: learned from a few virtual patients when somebody first asks.
 *
 * Limit, stated: it is marked as simulated and shows the way, not a dose for anybody real.
 */

import { virtualDoses } from '../../forecast/index.ts'
import { type DoseLimits, type DoseModel, trainDoseModel } from '../../learning/index.ts'

const PEOPLE = 6
const SEED = 3

/** Gives the same model every time; made once. */
export function virtualDoseModel(limits: DoseLimits): () => DoseModel {
  let made: DoseModel | undefined
  return () => {
    made ??= trainDoseModel([[...virtualDoses(PEOPLE, SEED, limits)].map(({ record }) => record)], limits, {
      simulated: true,
    })
    return made
  }
}
