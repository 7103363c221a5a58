/**
 * Where each weight lies in the one flat vector of a network's parameters.
 *
 * Law: no padding; order and meaning are those of torch.nn.GRU / torch.nn.LSTM followed by one dense layer: weight_ih,
 * weight_hh, bias_ih, bias_hh (gates r, z, n or i, f, g, o), dense weight (outputs × hidden), dense bias.
 */
import type { NetworkShape } from './network.ts'
import { refuse } from './refusals.ts'

export interface ParameterLayout {
  /** Gates of the cell: 3 (GRU) or 4 (LSTM). */
  readonly gates: number
  /** Cells of the path, then the levels at 30 minutes, then those at 60. */
  readonly outputs: number
  /** Offsets, in floats. */
  readonly inputWeight: number
  readonly hiddenWeight: number
  readonly inputBias: number
  readonly hiddenBias: number
  readonly headWeight: number
  readonly headBias: number
  readonly count: number
}

/** Positions in the path of the cells 30 and 60 minutes ahead, on the grid of 5 minutes. */
export const QUANTILE_CELLS = [5, 11] as const

/** Offsets of a shape; refuses with `NETWORK_SHAPE_UNFIT`. */
export function layoutOf(shape: NetworkShape): ParameterLayout {
  const { features, hidden, horizon, quantiles } = shape
  if (!isCount(features, 64) || !isCount(hidden, 512) || hidden % 4 !== 0 || !isCount(horizon, 48)) {
    refuse(
      'NETWORK_SHAPE_UNFIT',
      'the network has no such shape',
      { features, hidden, horizon },
      'give 1–64 features, 4–512 hidden units in fours, 1–48 cells of horizon',
    )
  }
  const ascending = quantiles.every((level, i) => level > (quantiles[i - 1] ?? 0) && level < 1)
  if (!ascending || quantiles.length > 32 || (quantiles.length > 0 && horizon < 12)) {
    refuse(
      'NETWORK_SHAPE_UNFIT',
      'these quantile levels cannot be forecast',
      { levels: quantiles.length, horizon },
      'give at most 32 levels, ascending between 0 and 1, with a horizon of 12 or more',
    )
  }
  const gates = shape.cell === 'gru' ? 3 : 4
  const rows = gates * hidden
  const outputs = horizon + QUANTILE_CELLS.length * quantiles.length
  const hiddenWeight = rows * features
  const inputBias = hiddenWeight + rows * hidden
  const headWeight = inputBias + 2 * rows
  const headBias = headWeight + outputs * hidden
  return {
    gates,
    outputs,
    inputWeight: 0,
    hiddenWeight,
    inputBias,
    hiddenBias: inputBias + rows,
    headWeight,
    headBias,
    count: headBias + outputs,
  }
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}
