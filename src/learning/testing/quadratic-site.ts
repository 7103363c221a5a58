/** Sites whose loss is ½‖x − target‖²: every strategy's steps can be written down by hand. */
import type { Reply, Site, Task } from '../rounds/site.ts'

/** Plain gradient descent on the quadratic: y ← y − rate·(y − target + μ(y − x) + correction). */
export function quadraticSite(
  id: string,
  target: readonly number[],
  { rate = 0.1, steps = 1, examples = 100 } = {},
): Site {
  return {
    id,
    examples,
    train: ({ parameters, proximal = 0, correction }: Task): Reply => {
      const at = Float64Array.from(parameters)
      for (let step = 0; step < steps; step++) {
        for (let i = 0; i < at.length; i++) {
          const value = at[i] ?? 0
          const gradient =
            value - (target[i] ?? 0) + proximal * (value - (parameters[i] ?? 0)) + (correction?.[i] ?? 0)
          at[i] = value - rate * gradient
        }
      }
      return {
        update: Float32Array.from(at, (value, i) => value - (parameters[i] ?? 0)),
        loss: 0,
        steps,
        rate,
      }
    },
    evaluate: (parameters) => ({
      distance: Math.hypot(...Array.from(parameters, (value, i) => value - (target[i] ?? 0))),
    }),
  }
}
