/**
 * The next nonce of every account that sends: one sequential lane an account.
 *
 * Law: a number is given out when its transaction enters a block, not before, so that a revoke may overtake what its
 * own sender has waiting; what did not come into the block gives its numbers back.
 */
import type { Address } from '../vocabulary/index.ts'

export class Nonces {
  readonly #ask: (account: Address) => Promise<number>
  readonly #next = new Map<Address, number>()
  readonly #asking = new Map<Address, Promise<void>>()
  /** Numbers as they were before the block now being put together. */
  readonly #before = new Map<Address, number>()

  constructor(ask: (account: Address) => Promise<number>) {
    this.#ask = ask
  }

  /** Makes sure that an account's number is known. */
  async load(account: Address): Promise<void> {
    if (this.#next.has(account)) return
    const asking =
      this.#asking.get(account) ??
      this.#ask(account)
        .then((nonce) => void this.#next.set(account, nonce))
        .finally(() => this.#asking.delete(account))
    this.#asking.set(account, asking)
    await asking
  }

  peek(account: Address): number | undefined {
    return this.#next.get(account)
  }

  take(account: Address): number {
    const nonce = this.#next.get(account) ?? 0
    if (!this.#before.has(account)) this.#before.set(account, nonce)
    this.#next.set(account, nonce + 1)
    return nonce
  }

  /** The block stands: what was taken is used. */
  settle(): void {
    this.#before.clear()
  }

  /** The block does not stand: what was taken is free again. */
  giveBack(): void {
    for (const [account, nonce] of this.#before) this.#next.set(account, nonce)
    this.#before.clear()
  }

  /** Asks anew for an account, where the engine may count differently. */
  async reload(account: Address): Promise<void> {
    this.#next.set(account, await this.#ask(account))
  }
}
