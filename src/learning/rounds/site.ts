/**
 * A site as the rounds see it: it trains from a model on data that never leaves it, and may judge a model on its own data.
 */

export interface Task {
  readonly round: number
  /** The model to start from; not to be changed. */
  readonly parameters: Float32Array
  /** FedProx: pull towards the start. */
  readonly proximal?: number
  /** SCAFFOLD: added to every gradient. */
  readonly correction?: Float32Array
}

export interface Reply {
  /** Parameters after training − `task.parameters`. */
  readonly update: Float32Array
  /** Mean loss of the last pass. */
  readonly loss: number
  /** Steps of the local optimiser. */
  readonly steps: number
  /** Rate of the local optimiser; SCAFFOLD needs it. */
  readonly rate?: number
}

/** Names and finite values, small: they travel as JSON. */
export type Metrics = Readonly<Record<string, number>>

export interface Site {
  readonly id: string
  /** Windows that it learns from, at least 1. */
  readonly examples: number
  train(task: Task): Reply | Promise<Reply>
  /** What the site's own data say of a model. */
  evaluate?(parameters: Float32Array): Metrics | Promise<Metrics>
}
