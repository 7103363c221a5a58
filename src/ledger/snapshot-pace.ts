/**
 * When a snapshot of the embedded chain is worth the pause that it costs. Pure.
 *
 * A snapshot costs by the length of the whole chain, so a long chain has them further apart: a fifth of it, and never
 * less than was asked for.
 */

/** Times over which a snapshot waits for a pause in the work before it is taken without one. */
const OVERDUE = 8

export class SnapshotPace {
  readonly #every: number
  #transactions: number
  #since = 0

  /** `every`: transactions between two snapshots at least; `transactions`: those of the chain so far. */
  constructor(every: number, transactions: number) {
    this.#every = every
    this.#transactions = transactions
  }

  /** Transactions of the chain. */
  get transactions(): number {
    return this.#transactions
  }

  /** Whether anything has happened since the last snapshot. */
  get isStale(): boolean {
    return this.#since > 0
  }

  /** Whether enough has happened since the last snapshot that one is worth its pause. */
  get isDue(): boolean {
    return this.#since >= this.#after
  }

  /** Whether one has waited for a pause so long that the next start would replay for very long. */
  get isOverdue(): boolean {
    return this.#since >= OVERDUE * this.#after
  }

  sealed(transactions: number): void {
    this.#transactions += transactions
    this.#since += transactions
  }

  /** What had to be replayed stands in no snapshot. */
  replayed(transactions: number): void {
    this.#since = transactions
  }

  taken(): void {
    this.#since = 0
  }

  get #after(): number {
    return Math.max(this.#every, Math.floor(this.#transactions / 5))
  }
}
