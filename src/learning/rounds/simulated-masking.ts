/**
 * Keys of masked sums for a simulation in one process, from the run's name: whoever knows the name can take every mask
 * away. Sites in the field bring secrets of their own (PROTOCOL 17).
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../vocabulary/index.ts'
import { type MaskSuite, nobleMaskSuite } from '../masking/suite.ts'
import type { MaskingSide } from './masked-participant.ts'
import type { Site } from './site.ts'

export function simulatedMasking(
  sites: readonly Site[],
  study: string,
  suite: MaskSuite = nobleMaskSuite,
): ReadonlyMap<string, MaskingSide> {
  const secret = (kind: string, site: string): Uint8Array =>
    sha256(utf8(`simulated ${kind} ${study} ${site}`))
  const peers = new Map(sites.map(({ id }) => [id, suite.publicKey(secret('shares', id))]))
  return new Map(
    sites.map(({ id }) => [
      id,
      { suite, peers, keys: { masks: secret('masks', id), shares: secret('shares', id) } },
    ]),
  )
}
