/**
 * The kernel of robust rules of this thread: distances between vectors, and columns put in order, their ends cut away and
 * the rest averaged.
 *
 * Laws: a call lays out the memory afresh, a bounded part of the columns at a time; every sum is in float64 and in one
 * fixed order. Source of the bytes: src/learning/assembly/robust.ts.
 */
import { robustWasm } from './robust.wasm.ts'

const PAGE = 65_536
/** Columns of one pass. */
const TOGETHER = 2_048
/** Bytes of a row. */
const STRIDE = 4 * TOGETHER
const PAIR_BYTES = 8
/** Distances of one call. */
const ABREAST = 4
const SUMS_BYTES = 8 * ABREAST

interface Exports {
  readonly memory: WebAssembly.Memory
  base(): number
  trim(
    rows: number,
    n: number,
    stride: number,
    count: number,
    exchanges: number,
    pairs: number,
    cut: number,
    to: number,
  ): void
  distances(from: number, others: number, stride: number, count: number, sums: number): void
}

let instance: Exports | undefined

/** Mean of each column without its `cut` smallest and largest values; rows of one length, 2·cut < their number. */
export function trimmedColumns(rows: readonly Float32Array[], cut: number): Float32Array {
  const pairs = exchangesOf(rows.length)
  const kernel = withMemory(PAIR_BYTES * pairs.length + STRIDE, rows.length)
  const { memory, trim, free: exchanges, first } = kernel
  const to = first - STRIDE
  new Uint32Array(memory.buffer, exchanges, 2 * pairs.length).set(pairs.flat())
  const result = new Float32Array(rows[0]?.length ?? 0)
  eachPart(kernel, rows, (start, count) => {
    trim(first, rows.length, STRIDE, count, exchanges, pairs.length, cut, to)
    result.set(new Float32Array(memory.buffer, to, Math.min(count, result.length - start)), start)
  })
  return result
}

/** Squared Euclidean distances of each row to each, 0 to itself; rows of one length. */
export function squaredDistances(rows: readonly Float32Array[]): readonly Float64Array[] {
  const n = rows.length
  // Rows behind the last are garbage whose distances nobody reads.
  const kernel = withMemory(SUMS_BYTES, n + ABREAST)
  const { memory, distances, free: sums, first } = kernel
  const found = rows.map(() => new Float64Array(n))
  const four = new Float64Array(memory.buffer, sums, ABREAST)
  eachPart(kernel, rows, (_, count) => {
    for (const [a, row] of found.entries()) {
      for (let b = a + 1; b < n; b += ABREAST) {
        const there = Math.min(ABREAST, n - b)
        four.set(row.subarray(b, b + there))
        distances(first + a * STRIDE, first + b * STRIDE, STRIDE, count, sums)
        row.set(four.subarray(0, there), b)
      }
    }
  })
  for (const [a, row] of found.entries()) for (let b = 0; b < a; b++) row[b] = found[b]?.[a] ?? 0
  return found
}

interface Kernel extends Exports {
  /** Memory for the caller. */
  readonly free: number
  /** The first row, behind it. */
  readonly first: number
}

/** The kernel with room for some bytes and some rows. */
function withMemory(bytes: number, rows: number): Kernel {
  instance ??= instantiate()
  const free = instance.base()
  const first = (free + bytes + 63) & ~63
  const missing = first + rows * STRIDE - instance.memory.buffer.byteLength
  if (missing > 0) instance.memory.grow(Math.ceil(missing / PAGE))
  return { ...instance, free, first }
}

/** Lays out part after part of the rows; the last is filled up with zeros to a multiple of 4. */
function eachPart(
  { memory, first }: Kernel,
  rows: readonly Float32Array[],
  work: (start: number, count: number) => void,
): void {
  const length = rows[0]?.length ?? 0
  for (let start = 0; start < length; start += TOGETHER) {
    const whole = Math.min(TOGETHER, length - start)
    const count = (whole + 3) & ~3
    rows.forEach((row, s) => {
      const place = new Float32Array(memory.buffer, first + s * STRIDE, count)
      place.set(row.subarray(start, start + whole))
      place.fill(0, whole)
    })
    work(start, count)
  }
}

/**
 * Exchanges of two places that put any n values in order: Batcher's merge exchange, some n·log²n/4 of them.
 * Source: Knuth, The Art of Computer Programming 3, section 5.2.2, algorithm M.
 */
function exchangesOf(n: number): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = []
  let top = 1
  while (2 * top < n) top *= 2
  for (let p = top; p > 0; p >>= 1) {
    for (let q = top, r = 0, d = p; ; d = q - p, q >>= 1, r = p) {
      for (let i = 0; i < n - d; i++) if ((i & p) === r) found.push([i, i + d])
      if (q === p) break
    }
  }
  return found
}

function instantiate(): Exports {
  const bytes = Uint8Array.from(atob(robustWasm), (letter) => letter.charCodeAt(0))
  // The one cast of the kernel: the module's exports are what its source declares, and both are compiled together.
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Exports
}
