/**
 * What the coordinator does with a round's mean update: the server's half of FedAvg, FedProx, FedAdam and SCAFFOLD.
 *
 * Updates are differences: what a site's parameters are after training − what was sent down. The site's half (pull
 * towards the start, corrected gradients) is `localSettings`, which a site applies to its training.
 * Sources: McMahan et al. 2017 (FedAvg, algorithm 1); Hsu, Qi, Brown 2019 (FedAvgM); Li et al. 2020 (FedProx,
 * equation 2); Reddi et al. 2021 (FedAdam, algorithm 2); Karimireddy et al. 2020 (SCAFFOLD, algorithm 1, option II).
 */

export type Strategy =
  /** `momentum` in [0, 1): share of the last step that is taken again. */
  | { readonly name: 'fedavg'; readonly rate?: number; readonly momentum?: number }
  /** `mu`: pull towards the parameters sent down. */
  | { readonly name: 'fedprox'; readonly mu: number; readonly rate?: number }
  | {
      readonly name: 'fedadam'
      readonly rate: number
      readonly beta1?: number
      readonly beta2?: number
      /** Floor of the denominator, also v's first value's root. */
      readonly tau?: number
    }
  | { readonly name: 'scaffold'; readonly rate?: number }

/** What the server carries from round to round; empty before the first. */
export interface ServerMemory {
  readonly momentum?: Float32Array
  readonly square?: Float32Array
  /** SCAFFOLD's c. */
  readonly variate?: Float32Array
}

export interface ServerStep {
  /** Added to the model. */
  readonly step: Float32Array
  readonly memory: ServerMemory
}

/**
 * One server step.
 *
 * @param mean the round's aggregated update
 * @param variates SCAFFOLD: mean change of the sites' variates, and the share of all sites that took part, in (0, 1]
 */
export function serverStep(
  strategy: Strategy,
  memory: ServerMemory,
  mean: Float32Array,
  variates?: { readonly change: Float32Array; readonly share: number },
): ServerStep {
  const rate = strategy.rate ?? 1
  switch (strategy.name) {
    case 'fedprox':
      return { step: scaled(mean, rate), memory }
    case 'fedavg': {
      const beta = strategy.momentum ?? 0
      if (beta === 0) return { step: scaled(mean, rate), memory }
      const momentum = mean.map((value, i) => beta * (memory.momentum?.[i] ?? 0) + value)
      return { step: scaled(momentum, rate), memory: { momentum } }
    }
    case 'fedadam': {
      const { beta1 = 0.9, beta2 = 0.99, tau = 1e-3 } = strategy
      const momentum = mean.map((value, i) => beta1 * (memory.momentum?.[i] ?? 0) + (1 - beta1) * value)
      const square = mean.map(
        (value, i) => beta2 * (memory.square?.[i] ?? tau * tau) + (1 - beta2) * value * value,
      )
      const step = momentum.map((value, i) => (rate * value) / (Math.sqrt(square[i] ?? 0) + tau))
      return { step, memory: { momentum, square } }
    }
    case 'scaffold': {
      const share = variates?.share ?? 0
      const variate = mean.map((_, i) => (memory.variate?.[i] ?? 0) + share * (variates?.change[i] ?? 0))
      return { step: scaled(mean, rate), memory: { variate } }
    }
    default:
      return strategy satisfies never
  }
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return factor === 1 ? values : values.map((value) => factor * value)
}
