/**
 * The rules of `AnchorLedger`, written anew from their prose (contracts/src/interfaces/IAnchorLedger.sol).
 *
 * Laws: each anchor stands on the head before it; slots strictly increase and never lie in the future; a correction
 * names an earlier slot; the count of an object slot is a power of two.
 */
import { keccak } from '../../consent/index.ts'
import { type Address, concat, type Hash32, hash32 } from '../../vocabulary/index.ts'
import { eventOf, hexWord, type RawEvent, selector, uintWord, type Words } from '../abi-words.ts'
import { type CallContext, require, Store, type Undoable } from './store.ts'

const ANCHOR = '(uint8,uint64,uint64,bytes32,uint64,bytes32)'
const SELECTORS = {
  anchor: selector(`anchor(${ANCHOR})`),
  anchorBatch: selector(`anchorBatch(${ANCHOR}[])`),
  anchorSlot: selector('anchorSlot((uint192,bytes32,bytes32,bytes32,bytes32))'),
}
const OBJECTS = 0n
const ACCESS_LOG = 1n
const NO_HEAD: Hash32 = hash32(`0x${'00'.repeat(32)}`)

interface Anchor {
  readonly stream: bigint
  readonly slot: bigint
  readonly corrects: bigint
  readonly root: Hash32
  readonly count: bigint
  readonly previous: Hash32
}

export class AnchorModel {
  readonly #at: Address
  readonly #heads = new Store<Hash32>()
  #events: RawEvent[] = []

  constructor(at: Address) {
    this.#at = at
  }

  get stores(): readonly Undoable[] {
    return [this.#heads]
  }

  call(
    name: string,
    data: Words,
    context: CallContext,
    activeMember: Hash32 | undefined,
  ): readonly RawEvent[] {
    this.#events = []
    require(activeMember !== undefined)
    switch (name) {
      case SELECTORS.anchor:
        this.#anchor(activeMember, readAnchor(data), context.now)
        break
      case SELECTORS.anchorBatch:
        for (const item of data.list(4, 6, readAnchor)) this.#anchor(activeMember, item, context.now)
        break
      case SELECTORS.anchorSlot:
        for (const item of readSlot(data)) this.#anchor(activeMember, item, context.now)
        break
      default:
        require(false)
    }
    return this.#events
  }

  #anchor(institution: Hash32, item: Anchor, now: bigint): void {
    const { stream, slot, corrects, root, count, previous } = item
    const name = `${institution} ${stream}`
    const head = this.#heads.get(name) ?? NO_HEAD
    require(previous === head)
    require(slot > BigInt(head) >> 192n && slot <= now / 60n && corrects < slot)
    require(stream !== OBJECTS || (count !== 0n && (count & (count - 1n)) === 0n))
    this.#heads.set(name, headAfter(institution, item))
    const topics = [hexWord(institution), uintWord(stream, 8), uintWord(slot, 64)]
    const data = [hexWord(root), uintWord(count, 64), hexWord(previous)]
    this.#emit('Anchored(bytes32,uint8,uint64,bytes32,uint64,bytes32)', topics, data)
    if (corrects !== 0n) {
      this.#emit('Corrected(bytes32,uint8,uint64,uint64)', topics, [uintWord(corrects, 64)])
    }
  }

  #emit(signature: string, indexed: readonly Uint8Array[], data: readonly Uint8Array[]): void {
    this.#events.push(eventOf(this.#at, signature, indexed, data))
  }
}

/** Slot in the upper 64 bits, hash of the anchor in the rest. */
function headAfter(institution: Hash32, item: Anchor): Hash32 {
  const digest = keccak(
    concat(
      hexWord(institution),
      uintWord(item.stream, 8),
      uintWord(item.slot, 64),
      uintWord(item.corrects, 64),
      hexWord(item.root),
      uintWord(item.count, 64),
      hexWord(item.previous),
    ),
  )
  return hash32(`0x${item.slot.toString(16).padStart(16, '0')}${digest.slice(2, 2 + 48)}`)
}

function readAnchor(data: Words): Anchor {
  return {
    stream: data.uint(8),
    slot: data.uint(64),
    corrects: data.uint(64),
    root: data.hash(),
    count: data.uint(64),
    previous: data.hash(),
  }
}

/** Both streams of a slot; the first word is slot, count of objects and size of the log, 64 bits each. */
function readSlot(data: Words): readonly Anchor[] {
  const extent = data.uint(192)
  const part = (from: bigint): bigint => (extent >> from) & 0xffff_ffff_ffff_ffffn
  const stream = (number: bigint, count: bigint): Anchor => ({
    stream: number,
    slot: part(128n),
    corrects: 0n,
    root: data.hash(),
    count,
    previous: data.hash(),
  })
  return [stream(OBJECTS, part(64n)), stream(ACCESS_LOG, part(0n))]
}
