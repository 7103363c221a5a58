import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex, utf8 } from '../vocabulary/index.ts'
import { keccak256 } from './keccak.ts'

test('known answers of Keccak-256', () => {
  // The hash of nothing as Ethereum knows it (Yellow Paper, KEC of the empty series); "abc" and the fox of the Keccak team.
  const known = {
    '': 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    abc: '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
    'The quick brown fox jumps over the lazy dog':
      '4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15',
  }
  for (const [text, hash] of Object.entries(known)) expect(toHex(keccak256(utf8(text)))).toBe(`0x${hash}`)
})

test('every length around a block and around a call of the kernel hashes as portably', () => {
  for (const around of [0, 136, 272, 480 * 136, 481 * 136])
    for (let length = Math.max(0, around - 2); length <= around + 2; length++) {
      const message = Uint8Array.from({ length }, (_, i) => 31 * i + length)
      expect(keccak256(message), `${length} bytes`).toEqual(new Uint8Array(keccak_256(message)))
    }
})

test('parts hash as the whole, again and again, and the digest is the caller’s own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(700), (message, at) => {
      const digest = keccak256(message.subarray(0, at), message.subarray(at))
      keccak256(utf8('another'))
      expect(digest).toEqual(new Uint8Array(keccak_256(message)))
    }),
  )
})
