/**
 * Training by Adam: a pure function of parameters, windows, settings and seed.
 *
 * Law: the same arguments give the same bytes on every machine; what is not finite is refused before and after. Every
 * step's gradient is the batch's, plus FedProx and SCAFFOLD terms where asked, clipped by its Euclidean norm.
 */
import { LEVEL_SCALE } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { checkParameters, checkWindows } from './gather.ts'
import { layoutOf } from './layout.ts'
import type { NetworkShape, Trained, Training } from './network.ts'
import { type Engine, pack, packHead } from './passes.ts'
import { refuse } from './refusals.ts'
import { drawShifts, rateShare, shuffle, words } from './schedule.ts'
import { engineOf, lossAndGradient } from './step.ts'

/** Decay of Adam's two averages (Kingma and Ba 2015, their defaults). */
const BETA = [0.9, 0.999] as const
/** Parts the stream of the shifts from that of the windows' order. */
const SHIFT_STREAM = 0x5bd1e995

/** Refuses with `TRAINING_UNFIT`, `WINDOWS_UNFIT`, `PARAMETERS_UNFIT`, `NOT_FINITE`, `TRAINING_DIVERGED`. */
export function train(
  shape: NetworkShape,
  parameters: Float32Array,
  windows: Windows,
  training: Training,
): Trained {
  const layout = layoutOf(shape)
  checkTraining(training, windows.count)
  checkWindows(shape, windows, true)
  checkParameters('parameters', layout, parameters)
  if (training.correction) checkParameters('correction', layout, training.correction)
  const headOnly = training.headOnly ?? false
  const engine = engineOf(shape, parameters, windows.steps, training.batch, !headOnly)
  const { kernel, plan } = engine
  kernel.floats(plan.origin, layout.count).set(parameters)
  if (training.correction) kernel.floats(plan.correction, layout.count).set(training.correction)

  const { levelShift = 0 } = training
  const shifts = new Float32Array(levelShift === 0 ? 0 : training.batch)
  // A stream of its own, so that the windows' order does not depend on whether levels are moved.
  const nextShift = words(training.seed ^ SHIFT_STREAM)
  const options = { hypoWeight: training.hypoWeight ?? 1, headOnly, shifts }
  const order = Int32Array.from({ length: windows.count }, (_, i) => i)
  const next = words(training.seed)
  const perPass = Math.ceil(windows.count / training.batch)
  const total = training.passes * perPass
  const decay: [number, number] = [1, 1]
  const loss: number[] = []
  let steps = 0
  for (let pass = 0; pass < training.passes; pass++) {
    shuffle(order, next)
    let sum = 0
    for (let from = 0; from < windows.count; from += training.batch) {
      const count = Math.min(training.batch, windows.count - from)
      drawShifts(shifts, levelShift / LEVEL_SCALE, nextShift)
      sum += count * lossAndGradient(engine, windows, order, from, options)
      const rate = training.learningRate * rateShare(training.schedule, steps, total)
      move(engine, training, rate, decay)
      steps += 1
    }
    loss.push(sum / windows.count)
  }
  const moved = kernel.floats(plan.parameters, layout.count).slice()
  if (!moved.every(Number.isFinite) || !loss.every(Number.isFinite)) {
    refuse('TRAINING_DIVERGED', 'training left the finite numbers', { steps }, 'lower the learning rate')
  }
  return { parameters: moved, loss, steps }
}

/** One step of the optimiser; `decay` holds 0.9ᵗ and 0.999ᵗ. */
function move(engine: Engine, training: Training, rate: number, decay: [number, number]): void {
  const { kernel, layout, plan } = engine
  const { parameters, gradient } = plan
  if (training.proximal !== undefined || training.correction !== undefined) {
    kernel.pull(gradient, parameters, plan.origin, plan.correction, training.proximal ?? 0, layout.count)
  }
  // Only the dense layer moves: it is the tail of the vector.
  const skip = training.headOnly ? layout.headWeight : 0
  const size = layout.count - skip
  const at = (address: number): number => address + 4 * skip
  const norm = Math.sqrt(kernel.squaredNorm(at(gradient), size))
  // The 1e-6 is torch.nn.utils.clip_grad_norm_'s.
  const factor = Math.min(1, training.clip / (norm + 1e-6))
  decay[0] *= BETA[0]
  decay[1] *= BETA[1]
  kernel.adam(
    at(parameters),
    at(gradient),
    at(plan.first),
    at(plan.second),
    size,
    factor,
    rate / (1 - decay[0]),
    Math.sqrt(1 - decay[1]),
  )
  if (training.headOnly) packHead(engine)
  else pack(engine)
}

function checkTraining(training: Training, windows: number): void {
  const { passes, batch, learningRate, clip, hypoWeight = 1, levelShift = 0, proximal = 0, seed } = training
  const fits =
    windows > 0 &&
    Number.isInteger(passes) &&
    passes >= 0 &&
    Number.isInteger(batch) &&
    batch >= 8 &&
    batch <= 4096 &&
    batch % 8 === 0 &&
    Number.isSafeInteger(seed) &&
    [learningRate, clip, hypoWeight, levelShift, proximal].every(
      (value) => Number.isFinite(value) && value >= 0,
    )
  if (!fits) {
    refuse(
      'TRAINING_UNFIT',
      'these settings cannot be trained with',
      { windows, passes, batch, learningRate, clip, hypoWeight, levelShift, proximal, seed },
      'give at least one window, a batch of 8–4096 in eights, and rates that are not negative',
    )
  }
}
