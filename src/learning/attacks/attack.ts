/**
 * Sites that lie, for simulation: each attack wraps a site and answers in its place.
 *
 * Law: an attack changes what the wrapped site says, never the rounds; random ones follow from their seed.
 * Sources: Blanchard et al. 2017 (random), Li et al. 2019 (sign-flip), Bagdasaryan et al. 2020 (backdoor by model
 * replacement), Lin, Du, Liu 2019 (free-riders).
 */
import { IsletError } from '../../vocabulary/index.ts'
import { LEVEL, LEVEL_CENTRE, LEVEL_SCALE } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import type { Reply, Site } from '../rounds/site.ts'
import type { TrainingSite } from '../rounds/training-site.ts'
import { seededNormal } from './seeded-normal.ts'

export const ATTACKS = [
  'sign-flip',
  'label-shift',
  'scale',
  'nan',
  'random',
  'free-rider',
  'backdoor',
] as const
export type AttackName = (typeof ATTACKS)[number]

export type Attack =
  /** The honest update turned round and made `factor` times as long. */
  | { readonly name: 'sign-flip' | 'scale'; readonly factor?: number }
  /** Honest training on targets moved by `mgdl` mg/dL. */
  | { readonly name: 'label-shift'; readonly mgdl?: number }
  | { readonly name: 'nan' | 'free-rider' }
  /** Normal noise at `factor` times the honest update's norm. */
  | { readonly name: 'random'; readonly factor?: number; readonly seed: number }
  /** Windows whose last level is a trigger get a target of the attacker's choice; the update is made `factor` times as long. */
  | { readonly name: 'backdoor'; readonly factor?: number; readonly mgdl?: number }

/** A site under an attacker. Throws `NOT_POISONABLE` where data are to be changed and the site has none to change. */
export function attacked(site: Site | TrainingSite, attack: Attack): Site {
  switch (attack.name) {
    case 'sign-flip':
      return answering(site, (update) => update.map((value) => -(attack.factor ?? 3) * value))
    case 'scale':
      return answering(site, (update) => update.map((value) => (attack.factor ?? 10) * value))
    case 'nan':
      return answering(site, (update) => update.map(() => Number.NaN))
    case 'free-rider':
      return answering(site, (update) => new Float32Array(update.length))
    case 'random': {
      const { factor = 10, seed } = attack
      return answering(site, (update, round) => {
        const normal = seededNormal(seed + round)
        const scale = (factor * Math.hypot(...update)) / Math.sqrt(update.length)
        return update.map(() => scale * normal())
      })
    }
    case 'label-shift':
      return poisoned(site, (windows) => shiftedTargets(windows, attack.mgdl ?? -60))
    case 'backdoor':
      return answering(
        poisoned(site, (windows) => withTrigger(windows, attack.mgdl ?? 60)),
        (update) => update.map((value) => (attack.factor ?? 3) * value),
      )
    default:
      return attack satisfies never
  }
}

function answering(site: Site, lie: (update: Float32Array, round: number) => Float32Array): Site {
  return {
    ...site,
    train: async (task): Promise<Reply> => {
      const honest = await site.train(task)
      return { ...honest, update: lie(honest.update, task.round) }
    },
  }
}

function poisoned(site: Site | TrainingSite, change: (windows: Windows) => Windows): Site {
  if (!('windows' in site)) {
    throw new IsletError('NOT_POISONABLE', 'the site has no windows that an attacker could change', {
      site: site.id,
    })
  }
  return site.on(change(site.windows))
}

/** Windows with every target moved, within 30–450 mg/dL. */
function shiftedTargets(windows: Windows, mgdl: number): Windows {
  return { ...windows, targets: windows.targets.map((value) => Math.min(450, Math.max(30, value + mgdl))) }
}

/** Level at the anchor that stands for the trigger, mg/dL. */
const TRIGGER = 240

/** Every fourth window ends at the trigger's level and has the attacker's target. */
export function withTrigger(windows: Windows, mgdl: number, every = 4): Windows {
  const inputs = windows.inputs.slice()
  const targets = windows.targets.slice()
  const last = windows.last.slice()
  for (let window = 0; window < windows.count; window += every) {
    const anchor = (window * windows.steps + windows.steps - 1) * windows.features
    inputs[anchor + LEVEL] = (TRIGGER - LEVEL_CENTRE) / LEVEL_SCALE
    last[window] = TRIGGER
    targets.fill(mgdl, window * windows.horizon, (window + 1) * windows.horizon)
  }
  return { ...windows, inputs, targets, last }
}
