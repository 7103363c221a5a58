/**
 * What a plan's strategy means to a network: how a site learns from its own windows, and how updates become one step.
 *
 * Law: a strategy that a study cannot keep is refused by its name with the reason, before anybody trains. SCAFFOLD's sites
 * remember from round to round, which no other member could compute again and no unlearning take back. Boosting's sites
 * answer once for every level of every tree, some six hundred times a model, where a round has one answer of each site.
 */
import type { LocalTraining, Strategy } from '../learning/index.ts'
import { IsletError } from '../vocabulary/index.ts'
import type { StudyPlan } from './plan.ts'

const PROXIMAL = 0.01
/** Server's step of FedAdam, as in learning's own comparison. */
const ADAM_RATE = 0.01

type PlannedStrategy = StudyPlan['strategy']

/** Throws `STRATEGY_UNKNOWN`. */
export function networkStrategy(name: PlannedStrategy['name']): Strategy {
  switch (name) {
    case 'fedavg':
      return { name }
    case 'fedprox':
      return { name, mu: PROXIMAL }
    case 'fedadam':
      return { name, rate: ADAM_RATE }
    case 'scaffold':
      throw refused(name, 'its sites remember what no other member could compute again')
    case 'boosting':
      throw refused(name, 'its sites answer once for every level of every tree, and a round has one answer')
    case 'ridge':
      throw refused(name, 'it trains a ridge and no network')
    default:
      return name satisfies never
  }
}

/** How a site learns in a round. Throws `PLAN_REFUSED` where the plan leaves it open. */
export function localTraining({
  local_epochs: passes,
  learning_rate: learningRate,
  level_shift_mgdl: levelShift,
}: PlannedStrategy): Pick<LocalTraining, 'learningRate' | 'levelShift' | 'passes'> {
  if (passes === undefined || learningRate === undefined) {
    const field = `strategy.${passes === undefined ? 'local_epochs' : 'learning_rate'}`
    throw new IsletError('PLAN_REFUSED', `the plan’s ${field} is missing`, {}, { at: { field } })
  }
  return { passes, learningRate, ...(levelShift === undefined ? {} : { levelShift }) }
}

function refused(strategy: PlannedStrategy['name'], why: string): IsletError {
  return new IsletError(
    'STRATEGY_UNKNOWN',
    `a study cannot run this strategy: ${why}`,
    { strategy },
    {
      at: { field: 'strategy.name' },
      remedy: 'Name fedavg, fedprox or fedadam with a network, or ridge as model and strategy.',
    },
  )
}
