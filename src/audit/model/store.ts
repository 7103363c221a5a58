/**
 * A map whose changes can be taken back: what a contract's storage is to a call that reverts.
 */

import type { Address } from '../../vocabulary/index.ts'

export interface Undoable {
  commit(): void
  rollback(): void
}

export class Store<V> implements Undoable {
  readonly #values = new Map<string, V>()
  readonly #before: (readonly [string, V | undefined])[] = []

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: V): void {
    this.#before.push([key, this.#values.get(key)])
    this.#values.set(key, value)
  }

  commit(): void {
    this.#before.length = 0
  }

  rollback(): void {
    for (const [key, value] of this.#before.toReversed()) {
      if (value === undefined) this.#values.delete(key)
      else this.#values.set(key, value)
    }
    this.#before.length = 0
  }
}

/** The call reverts: everything it changed is taken back. */
export class Reverted extends Error {}

export function require(condition: boolean): asserts condition {
  if (!condition) throw new Reverted()
}

/** What a call knows of its surroundings. */
export interface CallContext {
  readonly sender: Address
  /** Timestamp of its block, seconds since 1970. */
  readonly now: bigint
}
