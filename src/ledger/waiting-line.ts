/**
 * Who goes into the next block: a bounded line of submissions, fair between senders, urgent ones first. Pure.
 *
 * Laws: an urgent item (a revoke) overtakes all others; within a class senders take turns, so that a flood by one
 * delays nobody else; a sender's own items keep their order within their class; a full line refuses, it never drops.
 */

export interface Waiting {
  readonly sender: string
  readonly urgent: boolean
  readonly gas: number
  readonly bytes: number
  /** Whether it may enter the coming block; a signed transaction waits for its nonce. */
  ready?(): boolean
  /** Called as it leaves the line for a block. */
  taken?(): void
}

export interface LineLimits {
  /** Items of one sender that may wait, per class. */
  readonly perSender: number
  /** Ordinary items that may wait in all; urgent ones have as many places of their own. */
  readonly total: number
}

export interface BlockLimits {
  readonly items: number
  readonly gas: number
  readonly bytes: number
}

export class WaitingLine<Item extends Waiting> {
  readonly #limits: LineLimits
  readonly #classes: readonly [Lane<Item>, Lane<Item>]

  constructor(limits: LineLimits) {
    this.#limits = limits
    this.#classes = [
      { turns: new Map(), size: 0 },
      { turns: new Map(), size: 0 },
    ]
  }

  get size(): number {
    return this.#classes[0].size + this.#classes[1].size
  }

  /** Whether the item has found a place. */
  add(item: Item): boolean {
    const lane = this.#classes[item.urgent ? 0 : 1]
    const own = lane.turns.get(item.sender)
    if (lane.size >= this.#limits.total || (own?.length ?? 0) >= this.#limits.perSender) return false
    if (own === undefined) lane.turns.set(item.sender, [item])
    else own.push(item)
    lane.size += 1
    return true
  }

  /** Puts items back at the front of their senders' turns, in order, whatever the limits. */
  putBack(items: readonly Item[]): void {
    for (const item of [...items].reverse()) {
      const lane = this.#classes[item.urgent ? 0 : 1]
      const own = lane.turns.get(item.sender)
      if (own === undefined) lane.turns.set(item.sender, [item])
      else own.unshift(item)
      lane.size += 1
    }
  }

  /** Takes what fits into a block: at least one item if one is ready. */
  take(limits: BlockLimits): readonly Item[] {
    const taken: Item[] = []
    let gas = 0
    let bytes = 0
    for (const lane of this.#classes) {
      let passed = 0
      while (lane.turns.size > passed && taken.length < limits.items) {
        const turn = lane.turns.entries().next().value
        if (turn === undefined) break
        const [sender, own] = turn
        const index = own.findIndex((item) => item.ready?.() ?? true)
        const item = index < 0 ? undefined : own[index]
        lane.turns.delete(sender)
        if (item === undefined) {
          lane.turns.set(sender, own)
          passed += 1
          continue
        }
        if (taken.length > 0 && (gas + item.gas > limits.gas || bytes + item.bytes > limits.bytes)) {
          lane.turns.set(sender, own)
          passed += 1
          continue
        }
        own.splice(index, 1)
        if (own.length > 0) lane.turns.set(sender, own)
        passed = 0
        lane.size -= 1
        gas += item.gas
        bytes += item.bytes
        item.taken?.()
        taken.push(item)
      }
    }
    return taken
  }

  /** Removes the items that a test names, and returns them. */
  remove(test: (item: Item) => boolean): readonly Item[] {
    const removed: Item[] = []
    for (const lane of this.#classes) {
      for (const [sender, own] of [...lane.turns]) {
        const kept = own.filter((item) => !test(item))
        if (kept.length === own.length) continue
        removed.push(...own.filter(test))
        lane.size -= own.length - kept.length
        if (kept.length === 0) lane.turns.delete(sender)
        else lane.turns.set(sender, kept)
      }
    }
    return removed
  }
}

interface Lane<Item> {
  /** Senders in the order of their turns. */
  readonly turns: Map<string, Item[]>
  size: number
}
