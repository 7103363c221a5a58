/**
 * Where a site's privacy noise and samples come from: bytes of a secret that nobody else has.
 *
 * Law (PROTOCOL 17): in the field the secret is the site's own, sealed and committed, from which noise resumes after a
 * crash; `simulatedRandomness` is for simulation, because whoever knows its seed can take the noise away.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { IsletError, uint32, utf8 } from '../../vocabulary/index.ts'
import { derive, type MaskSuite, nobleMaskSuite } from '../masking/suite.ts'

export interface PrivateRandomness {
  readonly origin: 'site secret' | 'simulation'
  /** Draws for one purpose in one version of the model; the same again for the same question. */
  draws(purpose: string, version: number): Draws
}

export interface Draws {
  /** Uniform in (0, 1), 53 bits. */
  uniform(): number
  /** Mean 0 and SD 1 (Box and Muller 1958). */
  normal(): number
}

/** Randomness of a site in the field. Throws `BAD_SECRET` on less than 32 bytes. */
export function siteRandomness(secret: Uint8Array, suite: MaskSuite = nobleMaskSuite): PrivateRandomness {
  if (secret.length < 32) {
    throw new IsletError('BAD_SECRET', 'a site’s secret has 32 bytes or more', { bytes: secret.length })
  }
  return from(secret, 'site secret', suite)
}

/** Randomness that anybody with the seed repeats: simulation alone. */
export function simulatedRandomness(
  seed: number,
  site: string,
  suite: MaskSuite = nobleMaskSuite,
): PrivateRandomness {
  return from(sha256(utf8(`simulated noise ${seed} ${site}`)), 'simulation', suite)
}

function from(secret: Uint8Array, origin: PrivateRandomness['origin'], suite: MaskSuite): PrivateRandomness {
  return {
    origin,
    draws: (purpose, version) => drawsFrom(derive(suite, secret, `draws ${purpose}`, uint32(version)), suite),
  }
}

const CHUNK = 65_536

function drawsFrom(key: Uint8Array, suite: MaskSuite): Draws {
  let chunk = 0
  let at = CHUNK
  let view: DataView = new DataView(new ArrayBuffer(0))
  const uniform = (): number => {
    if (at + 8 > CHUNK) {
      const bytes = suite.stream(derive(suite, key, 'chunk', uint32(chunk++)), CHUNK)
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      at = 0
    }
    const high = view.getUint32(at) >>> 5
    const low = view.getUint32(at + 4) >>> 6
    at += 8
    return (high * 67_108_864 + low + 0.5) / 9_007_199_254_740_992
  }
  let spare: number | undefined
  return {
    uniform,
    normal: () => {
      if (spare !== undefined) {
        const value = spare
        spare = undefined
        return value
      }
      const radius = Math.sqrt(-2 * Math.log(uniform()))
      const angle = 2 * Math.PI * uniform()
      spare = radius * Math.sin(angle)
      return radius * Math.cos(angle)
    },
  }
}
