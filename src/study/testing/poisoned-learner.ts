/** Sites of a study that lie about what they learned, and how good a model is on windows that nobody trained on. */
import { type Attack, attacked, network, siteMetrics, trainingSite } from '../../learning/index.ts'
import { joinWindows, personWindows } from '../../learning/site.door.ts'
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import type { Bytes } from '../../vocabulary/index.ts'
import type { ForecastData } from '../forecast-data.ts'
import type { Learner } from '../learner.ts'
import { parametersOf } from '../model-bytes.ts'
import { networkLearner, networkOf } from '../network-learner.ts'
import type { StudyPlan } from '../plan.ts'
import { traceOf } from './round-town.ts'

/** The learner of a plan at a site under an attacker. */
export function poisonedLearner(plan: StudyPlan, attack: Attack): Learner<ForecastData> {
  const net = network(networkOf(plan))
  return networkLearner(plan, {
    hasher: nodeHasher,
    trainer: {
      train: async (parameters, windows, training) => {
        const honest = trainingSite({ id: 'liar', trainer: net, windows, training })
        const { update, loss, steps } = await attacked(honest, attack).train({ round: 1, parameters })
        return { parameters: parameters.map((value, i) => value + (update[i] ?? 0)), loss: [loss], steps }
      },
    },
  })
}

/** RMSE at 30 minutes of a model on what people keep from training, mg/dL. */
export function heldError(plan: StudyPlan, model: Bytes, people: readonly string[]): number {
  const net = network(networkOf(plan))
  const held = people.flatMap((person) => {
    const windows = personWindows(traceOf(person), { stride: 3, mode: 'online', withEvents: false })
    return windows === undefined ? [] : [windows.held]
  })
  const metrics = siteMetrics(net, parametersOf(model, net.parameterCount), joinWindows(held))
  return metrics['rmse_30_mgdl'] ?? Number.NaN
}
