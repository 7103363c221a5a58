/**
 * A round in `open` mode at a site: train, and add up what everybody revealed.
 */
import type { Aggregation, PersonData } from './learner.ts'
import type { RoundWay } from './round-way.ts'

export function openWay<Data extends PersonData>(): RoundWay<Data> {
  return {
    prepare: async () => undefined,
    update: async (at, people) => {
      const task = await at.task(people)
      at.notice('TRAINING')
      const training = await at.ports.learner.train(task)
      at.notice('TRAINED')
      return { update: await at.keep(training), refused: [] }
    },
    aggregate: async (at, parts): Promise<Aggregation> => {
      const { base } = await at.base()
      const usable = parts.flatMap(({ part }) => part ?? [])
      return at.ports.learner.aggregate(base, usable)
    },
  }
}
