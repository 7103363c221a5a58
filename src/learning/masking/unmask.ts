/**
 * The coordinator's half: from masked values and revealed shares to the sum, and nothing else.
 *
 * Laws: the sum is exactly the plain sum of the survivors' values modulo 2ᵇ; a wrong share is found, because each
 * secret was committed to in its advert, and does no harm while t honest shares are there.
 * Source: Bonawitz et al. 2017, figure 4, round 4.
 */
import { equalBytes, IsletError } from '../../vocabulary/index.ts'
import type { MaskGroup } from './group.ts'
import { commits, pairMask, pairSecret, selfMask } from './masks.ts'
import { addPacked } from './ring.ts'
import { interpolation, NO_SHARE, readElement, type Share } from './shamir.ts'
import type { MaskSuite } from './suite.ts'
import type { BySite } from './sum-member.ts'

export interface MaskedSum {
  readonly group: MaskGroup
  readonly adverts: BySite
  /** Sites that shared their secrets. */
  readonly sharers: readonly string[]
  /** Masked values of the survivors. */
  readonly masked: BySite
  /** Who revealed what of whom. */
  readonly revealed: ReadonlyMap<string, BySite>
  /** Ring elements of an update. */
  readonly count: number
}

export interface Unmasked {
  readonly sum: Uint32Array
  /** Sites that revealed a share that does not belong. */
  readonly liars: readonly string[]
}

/** Combinations of shares that are tried before a secret is given up. */
const MOST_TRIES = 5_000

/** Throws `SHARES_MISSING` where fewer than t shares of a secret fit. */
export function unmask(suite: MaskSuite, given: MaskedSum): Unmasked {
  const { group, adverts, sharers, masked, count } = given
  const sum = new Uint32Array(count)
  const liars = new Set<string>()
  const interpolate = interpolation()
  const reconstructed = (site: string, fits: (secret: bigint) => boolean): bigint =>
    reconstruct(given, site, { liars, fits, interpolate })
  for (const values of masked.values()) addPacked(sum, values, 1, group.bits)
  for (const site of sharers) {
    const advert = adverts.get(site) ?? new Uint8Array()
    if (masked.has(site)) {
      const self = reconstructed(site, (seed) => commits(suite, advert.subarray(32), seed, group))
      addPacked(sum, selfMask(suite, self, group, count), -1, group.bits)
      continue
    }
    const key = advert.subarray(0, 32)
    const fits = (seed: bigint): boolean => equalBytes(suite.publicKey(pairSecret(suite, seed, group)), key)
    const secret = pairSecret(suite, reconstructed(site, fits), group)
    for (const survivor of masked.keys()) {
      const peer = adverts.get(survivor)?.subarray(0, 32) ?? new Uint8Array()
      const mask = pairMask(suite, secret, peer, group, count)
      // The survivor added it with its own sign: what it added is taken away.
      addPacked(sum, mask, survivor < site ? -1 : 1, group.bits)
    }
  }
  return { sum, liars: [...liars].sort() }
}

function reconstruct(
  { group, revealed }: MaskedSum,
  site: string,
  {
    liars,
    fits,
    interpolate,
  }: {
    readonly liars: Set<string>
    readonly fits: (secret: bigint) => boolean
    readonly interpolate: ReturnType<typeof interpolation>
  },
): bigint {
  const shares: (Share & { readonly from: string })[] = []
  for (const [from, about] of revealed) {
    try {
      const value = readElement(about.get(site) ?? new Uint8Array())
      if (value !== NO_SHARE) shares.push({ from, place: group.sites.indexOf(from) + 1, value })
    } catch {
      liars.add(from)
    }
  }
  let tries = 0
  for (const chosen of combinations(shares, group.threshold)) {
    if (++tries > MOST_TRIES) break
    const secret = interpolate(chosen)
    if (!fits(secret)) continue
    for (const share of shares) {
      if (!chosen.includes(share) && interpolate(chosen, share.place) !== share.value) liars.add(share.from)
    }
    return secret
  }
  throw new IsletError('SHARES_MISSING', `a secret needs ${group.threshold} shares that fit`, {
    needed: group.threshold,
    shares: shares.length,
  })
}

/** Every choice of `size` items, in order. */
function* combinations<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  if (size === 0) {
    yield []
    return
  }
  for (let i = 0; i + size <= items.length; i++) {
    const [first] = items.slice(i, i + 1)
    if (first === undefined) return
    for (const rest of combinations(items.slice(i + 1), size - 1)) yield [first, ...rest]
  }
}
