/**
 * Counts the different nonces that reach the cipher when so many chunks are sealed.
 */
import { quantity, type UtcHour } from '../../vocabulary/index.ts'
import { streamCover } from '../key-tree.ts'
import { nodeCipher, nodeHasher } from '../node-cipher.door.ts'
import { sealHours } from '../seal-hours.ts'
import type { Crypto } from '../suite.ts'

const CHUNKS_PER_HOUR = 5

export async function noncesOf(chunks: number): Promise<number> {
  const nonces = new Set<string>()
  const digest = new Uint8Array(32)
  const counting: Crypto = {
    // Keys and hashes do not matter here, only what reaches the cipher.
    hasher: { sha256: () => digest, hmacSha256: () => digest },
    cipher: {
      ...nodeCipher,
      encrypt: async (jobs) =>
        jobs.map(({ nonce, plaintext }) => {
          nonces.add(Buffer.from(nonce).toString('latin1'))
          return new Uint8Array(plaintext.length + 16)
        }),
    },
  }
  const hours = Array.from({ length: chunks / CHUNKS_PER_HOUR }, (_, i) => ({
    hour: quantity<UtcHour>(i),
    revision: 0,
    records: [],
  }))
  const whole = streamCover(nodeHasher, new Uint8Array(32), 'glucose', 0)
  await sealHours(counting, whole, new Uint8Array(32), hours, { chunksPerHour: CHUNKS_PER_HOUR })
  return nonces.size
}
