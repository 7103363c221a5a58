/**
 * The compiled kernels with a memory of their own: one instance per site and one for whoever grows the trees.
 *
 * Law: an address once given stays; views are made anew after memory grew, so hold addresses, not views.
 */
import { boostingWasm } from '../kernels/boosting.wasm.ts'

/** The functions of assembly/boosting.ts; addresses and counts are plain numbers. */
interface Functions {
  readonly memory: WebAssembly.Memory
  sort(values: number, other: number, counts: number, n: number): void
  encode(values: number, n: number, edges: number, missing: number, out: number, stride: number): void
  gradients(
    predicted: number,
    target: number,
    weights: number,
    n: number,
    scale: number,
    level: number,
    rows: number,
    words: number,
  ): number
  histogram8: Histogram
  histogram4: Histogram
  partition(
    rows: number,
    words: number,
    otherRows: number,
    otherWords: number,
    from: number,
    to: number,
    codes: number,
    stride: number,
    split: number,
    missingLeft: number,
    mask: number,
  ): number
  addLeaf(predicted: number, rows: number, from: number, to: number, value: number): void
  subtract(whole: number, left: number, right: number, count: number): void
  accumulate(sum: number, words: number, count: number): void
  search(
    histograms: number,
    features: number,
    bins: number,
    counts: number,
    lambda: number,
    least: number,
    best: number,
  ): void
}

type Histogram = (
  codes: number,
  rows: number,
  words: number,
  from: number,
  to: number,
  out: number,
  bytes: number,
) => void

const PAGE = 65_536
let compiled: WebAssembly.Module | undefined

export class Kernel {
  readonly run: Functions
  private next = PAGE

  constructor() {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(boostingWasm), (c) => c.charCodeAt(0)))
    // The module is ours and committed: its exports are those of assembly/boosting.ts.
    this.run = new WebAssembly.Instance(compiled).exports as unknown as Functions
  }

  /** The address of so many fresh bytes, all zero, on a multiple of 16. */
  reserve(bytes: number): number {
    const at = this.next
    this.next = (at + bytes + 15) & ~15
    const { memory } = this.run
    const missing = this.next - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
    return at
  }

  /** Gives back everything reserved since that address; its bytes are no longer zero. */
  release(at: number): void {
    this.next = at
  }

  bytes(at: number, count: number): Uint8Array {
    return new Uint8Array(this.run.memory.buffer, at, count)
  }

  floats(at: number, count: number): Float32Array {
    return new Float32Array(this.run.memory.buffer, at, count)
  }

  doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.run.memory.buffer, at, count)
  }

  integers(at: number, count: number): Int32Array {
    return new Int32Array(this.run.memory.buffer, at, count)
  }

  words(at: number, count: number): BigUint64Array {
    return new BigUint64Array(this.run.memory.buffer, at, count)
  }
}
