/**
 * Keccak-256 (the padding from before FIPS 202), by a WebAssembly kernel where there is one: ledger hashes of studies run
 * over whole updates.
 *
 * Laws: the bytes are those of every other Keccak-256; what the kernel saw is wiped before a call returns; where
 * WebAssembly or a module of this size is not to be had at once, the portable hash does the same.
 * Source: the Keccak submission, version 3 (pad10*1, rate 1,088); `assembly/keccak.ts`.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { type Bytes, concat } from '../vocabulary/index.ts'
import { keccakWasm } from './kernels/keccak.wasm.ts'

const RATE = 136
const WIDTH = 32
const LANES = 200

interface Kernel {
  readonly memory: WebAssembly.Memory
  state(): number
  message(): number
  most(): number
  absorb(blocks: number): void
}

let made: { readonly hash: (message: Uint8Array) => Bytes } | undefined

/** Keccak-256 of the parts joined: 32 bytes. */
export function keccak256(...parts: readonly Uint8Array[]): Bytes {
  made ??= { hash: byKernel() ?? portable }
  const [only] = parts
  return made.hash(parts.length === 1 && only !== undefined ? only : concat(...parts))
}

function portable(message: Uint8Array): Bytes {
  return new Uint8Array(keccak_256(message))
}

/** The kernel's hash; undefined where it does not run. */
function byKernel(): ((message: Uint8Array) => Bytes) | undefined {
  const kernel = instantiate()
  if (kernel === undefined) return undefined
  const memory = new Uint8Array(kernel.memory.buffer)
  const state = memory.subarray(kernel.state(), kernel.state() + LANES)
  const room = memory.subarray(kernel.message(), kernel.message() + kernel.most() * RATE)
  return (message) => {
    const whole = Math.floor(message.length / RATE) * RATE
    let used = 0
    for (let at = 0; at < whole; at += room.length) {
      const part = message.subarray(at, Math.min(whole, at + room.length))
      room.set(part)
      kernel.absorb(part.length / RATE)
      used = Math.max(used, part.length)
    }
    const rest = message.subarray(whole)
    room.fill(0, 0, RATE)
    room.set(rest)
    // One bit after the message and one at the block's end; in a block that lacks a single byte they share it.
    room[rest.length] = 0x01
    room[RATE - 1] = (room[RATE - 1] ?? 0) | 0x80
    kernel.absorb(1)
    const digest = state.slice(0, WIDTH)
    state.fill(0)
    room.fill(0, 0, Math.max(used, RATE))
    return digest
  }
}

function instantiate(): Kernel | undefined {
  try {
    const wasm = Uint8Array.from(atob(keccakWasm), (character) => character.charCodeAt(0))
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {})
    return isKernel(exports) ? exports : undefined
  } catch {
    // A policy against compiling, or a limit on modules that are compiled at once.
    return undefined
  }
}

function isKernel(exports: object): exports is Kernel {
  return ['memory', 'state', 'message', 'most', 'absorb'].every((name) => name in exports)
}
