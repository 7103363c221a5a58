/** What the networks refuse, by code; the law of the house holds: no health value in an error, only shapes and counts. */
import { type Facts, IsletError } from '../../vocabulary/index.ts'

/**
 * `NETWORK_SHAPE_UNFIT`: the shape asks for what the kernel cannot hold. `TRAINING_UNFIT`: a setting is out of range.
 * `WINDOWS_UNFIT`: windows of another shape, or none. `NOT_FINITE`: NaN or infinity in parameters, corrections or windows.
 * `PARAMETERS_UNFIT`: not as many as the shape has. `TRAINING_DIVERGED`: training or forecasting left the finite numbers.
 */
export type NetworkRefusal =
  | 'NETWORK_SHAPE_UNFIT'
  | 'TRAINING_UNFIT'
  | 'WINDOWS_UNFIT'
  | 'PARAMETERS_UNFIT'
  | 'NOT_FINITE'
  | 'TRAINING_DIVERGED'

export function refuse(code: NetworkRefusal, message: string, facts: Facts, remedy: string): never {
  throw new IsletError(code, message, facts, { remedy })
}

/** Refuses with `NOT_FINITE` the first value that is NaN or infinite. */
export function assertFinite(what: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      refuse('NOT_FINITE', `${what} holds a number that is not finite`, { what, position: i }, 'drop it')
    }
  }
}
