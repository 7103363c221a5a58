/**
 * The network kernel of this thread: one instance, its memory grown to the largest plan that was asked for.
 *
 * Law: nothing is kept between two calls of train or predict; each lays out the memory afresh from `base` on. All work is
 * synchronous, so one instance is never in two calls. Source of the bytes: src/learning/assembly/network.ts.
 */
import { networkWasm } from './network.wasm.ts'

const PAGE = 65_536

/** Addresses are bytes, sizes are floats; what each does stands beside its source in src/learning/assembly. */
interface Exports {
  readonly memory: WebAssembly.Memory
  base(): number
  panels(
    to: number,
    from: number,
    rows: number,
    inner: number,
    rowStride: number,
    innerStride: number,
    panel: number,
  ): void
  product(c: number, a: number, b: number, bias: number, rows: number, inner: number, batch: number): void
  outerProduct(
    c: number,
    a: number,
    b: number,
    rows: number,
    columns: number,
    batch: number,
    steps: number,
    strideA: number,
    strideB: number,
  ): void
  rowSums(c: number, a: number, rows: number, batch: number, steps: number, stride: number): void
  gruForward(gates: number, before: number, after: number, size: number): void
  gruBackward(gates: number, before: number, error: number, size: number): void
  lstmForward(
    gates: number,
    cell: number,
    cellAfter: number,
    squashed: number,
    after: number,
    size: number,
  ): void
  lstmBackward(
    gates: number,
    cell: number,
    squashed: number,
    error: number,
    cellError: number,
    size: number,
  ): void
  squares(outputs: number, targets: number, weights: number, size: number, scale: number): number
  pinball(
    outputs: number,
    targets: number,
    level: number,
    count: number,
    batch: number,
    scale: number,
  ): number
  squaredNorm(a: number, size: number): number
  pull(
    gradient: number,
    parameters: number,
    origin: number,
    correction: number,
    mu: number,
    size: number,
  ): void
  adam(
    parameters: number,
    gradient: number,
    first: number,
    second: number,
    size: number,
    factor: number,
    rate: number,
    root: number,
  ): void
}

export interface NetworkKernel extends Omit<Exports, 'memory'> {
  /** Makes the memory at least this many bytes long; views taken before are no longer valid. */
  reserve(bytes: number): void
  /** A view of floats from a byte address on. */
  floats(address: number, length: number): Float32Array
}

let instance: NetworkKernel | undefined

/** The kernel of this thread, compiled on first use. */
export function networkKernel(): NetworkKernel {
  instance ??= instantiate()
  return instance
}

function instantiate(): NetworkKernel {
  const bytes = Uint8Array.from(atob(networkWasm), (letter) => letter.charCodeAt(0))
  // The one cast of the kernel: the module's exports are what its source declares, and both are compiled together.
  const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Exports
  const { memory } = exports
  return {
    ...exports,
    reserve: (bytes) => {
      const missing = bytes - memory.buffer.byteLength
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
    },
    floats: (address, length) => new Float32Array(memory.buffer, address, length),
  }
}
