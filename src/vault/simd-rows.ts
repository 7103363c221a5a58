/**
 * Rows hashed four at a time by a WebAssembly kernel (`assembly/sha256.ts`), in Node and in browsers.
 *
 * Laws: the bytes are those of every other hasher; what the kernel saw, keys among it, is wiped before a call returns; where
 * WebAssembly, its vectors or a module of this size are not to be had at once, there is none, and the hasher does rows
 * one by one.
 */
import type { Bytes } from '../vocabulary/index.ts'
import type { RowHasher } from './hash-rows.ts'
import { sha256Wasm } from './kernels/sha256.wasm.ts'

const WIDTH = 32
const PAGE = 65_536
/** Bytes of rows, keys, infos and results of one call of the kernel: what stays near the processor. */
const WORKING_BYTES = 256 * 1024

interface Kernel {
  readonly memory: WebAssembly.Memory
  base(): number
  longestInfo(): number
  wipe(end: number): void
  sha256(rows: number, length: number, count: number, prefix: number, out: number): void
  longestPair(): number
  pairs(
    left: number,
    width: number,
    right: number,
    length: number,
    count: number,
    prefix: number,
    out: number,
  ): void
  hmac(keys: number, stride: number, rows: number, length: number, count: number, out: number): void
  hkdf(
    keys: number,
    infos: number,
    length: number,
    stride: number,
    bytes: number,
    count: number,
    out: number,
  ): void
}

let made: { readonly rows: RowHasher | undefined } | undefined

/** The kernel as a row hasher; undefined where it does not run. */
export function simdRows(): RowHasher | undefined {
  made ??= { rows: open() }
  return made.rows
}

function open(): RowHasher | undefined {
  const kernel = instantiate()
  if (kernel === undefined) return undefined
  const base = kernel.base()
  let memory = new Uint8Array(kernel.memory.buffer)

  /** Makes room for `bytes` after the base. */
  const room = (bytes: number): void => {
    const missing = base + bytes - memory.length
    if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE))
    if (memory.buffer !== kernel.memory.buffer) memory = new Uint8Array(kernel.memory.buffer)
  }

  /** Runs rows in parts; `inputs` are what each row brings, a width of 0 for what all rows share. */
  const inParts = (
    count: number,
    inputs: readonly { readonly bytes: Uint8Array; readonly width: number }[],
    width: number,
    run: (at: readonly number[], rows: number, out: number) => void,
  ): Bytes => {
    const result = new Uint8Array(count * width)
    const each = inputs.reduce((sum, input) => sum + input.width, width)
    const most = Math.max(4, Math.floor(WORKING_BYTES / each / 4) * 4)
    for (let first = 0; first < count; first += most) {
      const rows = Math.min(most, count - first)
      const parts = inputs.map(({ bytes, width: its }) =>
        its === 0 ? bytes : bytes.subarray(first * its, (first + rows) * its),
      )
      // A little more than the sum, because every part begins at a multiple of 16.
      const bytes = parts.reduce((sum, part) => sum + part.length + 16, rows * width + 32)
      room(bytes)
      let at = base
      const places: number[] = []
      for (const part of parts) {
        memory.set(part, at)
        places.push(at)
        at = (at + part.length + 16) & ~15
      }
      try {
        run(places, rows, at)
        result.set(memory.subarray(at, at + rows * width), first * width)
      } finally {
        kernel.wipe(base + bytes)
      }
    }
    return result
  }

  return {
    sha256: (rows, length, count, prefix) =>
      inParts(count, [{ bytes: rows, width: length }], WIDTH, ([at = 0], part, out) =>
        kernel.sha256(at, length, part, prefix ?? -1, out),
      ),
    pairs: (left, width, right, length, count, prefix) => {
      if (width + length + 1 > kernel.longestPair()) return undefined
      const inputs = [
        { bytes: left, width },
        { bytes: right, width: length },
      ]
      return inParts(count, inputs, WIDTH, ([first = 0, second = 0], part, out) =>
        kernel.pairs(first, width, second, length, part, prefix ?? -1, out),
      )
    },
    hmac: (keys, rows, length, count) => {
      const stride = keys.length === WIDTH ? 0 : WIDTH
      const inputs = [
        { bytes: keys, width: stride },
        { bytes: rows, width: length },
      ]
      return inParts(count, inputs, WIDTH, ([key = 0, row = 0], part, out) =>
        kernel.hmac(key, stride, row, length, part, out),
      )
    },
    hkdf: (keys, infos, length, bytes, count) => {
      if (length > kernel.longestInfo()) return undefined
      const stride = infos.length === length ? 0 : length
      const inputs = [
        { bytes: keys, width: WIDTH },
        { bytes: infos, width: stride },
      ]
      return inParts(count, inputs, bytes, ([key = 0, info = 0], part, out) =>
        kernel.hkdf(key, info, length, stride, bytes, part, out),
      )
    },
  }
}

function instantiate(): Kernel | undefined {
  try {
    const wasm = Uint8Array.from(atob(sha256Wasm), (character) => character.charCodeAt(0))
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {})
    return isKernel(exports) ? exports : undefined
  } catch {
    // No vectors, a policy against compiling, or a limit on modules that are compiled at once.
    return undefined
  }
}

function isKernel(exports: object): exports is Kernel {
  return ['memory', 'sha256', 'pairs', 'hmac', 'hkdf'].every((name) => name in exports)
}
