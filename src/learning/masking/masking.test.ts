import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeMaskSuite } from '../node-mask-suite.ts'
import { agreedOnce } from './agreed-once.ts'
import { type MaskGroup, maskGroup } from './group.ts'
import { MaskMember } from './mask-member.ts'
import { fromRing, nextRanges, readRange, ringElements, spellRange, toRing } from './ranges.ts'
import { centred, pack, packedBytes, ringBits, unpack } from './ring.ts'
import { interpolation, PRIME, shareAt } from './shamir.ts'
import { type MaskSuite, nobleMaskSuite } from './suite.ts'
import { unmask } from './unmask.ts'

const SUITE = nodeMaskSuite
const COUNT = 6
const key = (fill: number) => new Uint8Array(32).fill(fill)

interface Sum {
  readonly group: MaskGroup
  readonly members: ReadonlyMap<string, MaskMember>
  readonly adverts: Map<string, Uint8Array>
  readonly sealed: Map<string, ReadonlyMap<string, Uint8Array>>
  readonly masked: Map<string, Uint8Array>
  readonly revealed: Map<string, ReadonlyMap<string, Uint8Array>>
}

const valuesOf = (i: number) => Uint32Array.from({ length: COUNT }, (_, k) => (37 * i + 11 * k) % 255)

/** Runs a sum; each site stays until its stage: 0 never advertises, 1 advertises only … 4 stays to the end. */
function sum(stays: readonly number[], round = 1, suite: MaskSuite = SUITE): Sum {
  const sites = stays.map((_, i) => `site ${String.fromCharCode(97 + i)}`)
  const group = maskGroup('study', round, 1, sites)
  const peers = new Map(sites.map((site, i) => [site, suite.publicKey(key(i + 1))]))
  const members = new Map(
    sites.map((site, i) => [
      site,
      new MaskMember(suite, group, site, { masks: key(100 + i), shares: key(i + 1) }, peers),
    ]),
  )
  const until = (stage: number) => sites.filter((_, i) => stays[i]! >= stage)
  const adverts = new Map(until(1).map((site) => [site, members.get(site)!.advert() as Uint8Array]))
  const sealed = new Map(until(2).map((site) => [site, members.get(site)!.shares(adverts)]))
  const forSite = (to: string) =>
    new Map([...sealed].filter(([from]) => from !== to).map(([from, all]) => [from, all.get(to)!]))
  const masked = new Map(
    until(3).map((site) => [
      site,
      members.get(site)!.mask(valuesOf(sites.indexOf(site)), forSite(site)) as Uint8Array,
    ]),
  )
  const survivors = until(3)
  const revealed = new Map(until(4).map((site) => [site, members.get(site)!.reveal(survivors)]))
  return { group, members, adverts, sealed, masked, revealed }
}

const opened = ({ group, adverts, sealed, masked, revealed }: Sum) =>
  unmask(SUITE, { group, adverts, sharers: [...sealed.keys()], masked, revealed, count: COUNT })

/** The sum of the survivors' values modulo 2ᵇ, without any mask. */
function plainSum({ group, masked }: Sum): Uint32Array {
  const mask = 2 ** group.bits - 1
  return Uint32Array.from({ length: COUNT }, (_, k) =>
    [...masked.keys()].reduce((total, site) => (total + valuesOf(group.sites.indexOf(site))[k]!) & mask, 0),
  )
}

describe('a masked sum', () => {
  it('is the plain sum exactly, whoever drops out at whichever stage while a threshold remains', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }),
        fc.nat(),
        (n, drops, turn) => {
          const spare = n - (Math.floor((2 * n) / 3) + 1)
          const stays = Array.from({ length: n }, (_, i) => ((i + turn) % n < spare ? drops[i]! : 4))
          const made = sum(stays)
          expect(opened(made)).toEqual({ sum: plainSum(made), liars: [] })
        },
      ),
      { numRuns: 12 },
    )
  })

  it('cannot be opened with one share less than the threshold', () => {
    const made = sum([4, 4, 4, 4, 3])
    made.revealed.delete('site a')
    expect(made.revealed.size).toBe(made.group.threshold - 1)
    expect(() => opened(made)).toThrow(expect.objectContaining({ code: 'SHARES_MISSING' }))
  })

  it('hides each site’s values: under other secrets the same values look like any', () => {
    const { masked } = sum([4, 4, 4])
    const again = sum([4, 4, 4], 2)
    for (const [site, bytes] of masked) {
      expect(bytes).not.toEqual(pack(valuesOf(0), ringBits(3)))
      expect(again.masked.get(site)).not.toEqual(bytes)
    }
  })

  it('masked values of equal and of unlike updates pass the same test of uniformity', () => {
    // χ² of the 16 highest nibbles over 6,000 ring elements, 15 degrees of freedom: 99.9 % lie below 37.7.
    const group = maskGroup('uniform', 1, 1, ['a', 'b', 'c'])
    const peers = new Map(group.sites.map((site, i) => [site, SUITE.publicKey(key(i + 1))]))
    const members = group.sites.map(
      (site, i) => new MaskMember(SUITE, group, site, { masks: key(50 + i), shares: key(i + 1) }, peers),
    )
    const adverts = new Map(group.sites.map((site, i) => [site, members[i]!.advert() as Uint8Array]))
    const sealed = members.map((member) => member.shares(adverts))
    const bytes = members[0]!.mask(
      new Uint32Array(6000),
      new Map([1, 2].map((i) => [group.sites[i]!, sealed[i]!.get('a')!])),
    )
    const counts = new Array<number>(16).fill(0)
    for (const value of unpack(bytes, 6000, group.bits)) counts[value >> (group.bits - 4)]!++
    const chi = counts.reduce((total, count) => total + (count - 375) ** 2 / 375, 0)
    expect(chi).toBeLessThan(37.7)
  })

  it.each([1, 2])('refuses a group of %d', (n) => {
    expect(() =>
      maskGroup(
        'study',
        1,
        1,
        Array.from({ length: n }, (_, i) => `s${i}`),
      ),
    ).toThrow(expect.objectContaining({ code: 'TOO_FEW_SITES' }))
  })
})

describe('a tampered share', () => {
  it('does not open on its way: every byte counts', () => {
    const { members, sealed } = sum([2, 2, 2, 2])
    const [, ...others] = [...sealed.keys()]
    for (let byte = 0; byte < 48; byte += 5) {
      const given = new Map(others.map((from) => [from, sealed.get(from)!.get('site a')!.slice()]))
      const target = given.get('site b')!
      target[byte] = target[byte]! ^ 1
      expect(() => members.get('site a')!.mask(valuesOf(0), given)).toThrow(
        expect.objectContaining({ code: 'SHARE_TAMPERED' }),
      )
    }
  })

  it('is named, and takes nobody else out of the sum, where the receiver goes on without it', () => {
    const { group, members, adverts, sealed } = sum([2, 2, 2, 2])
    const refused: string[] = []
    const masked = new Map<string, Uint8Array>()
    for (const [to, member] of members) {
      const given = new Map(
        [...sealed].flatMap(([from, all]) => (from === to ? [] : [[from, all.get(to)!.slice()] as const])),
      )
      if (to === 'site a') given.get('site b')![7]! ^= 1
      const values = valuesOf(group.sites.indexOf(to))
      masked.set(
        to,
        member.mask(values, given, (from) => refused.push(`${to} ${from}`)),
      )
    }
    expect(refused).toEqual(['site a site b'])
    const revealed = new Map([...members].map(([site, member]) => [site, member.reveal(group.sites)]))
    const made = { group, members, adverts, sealed, masked, revealed }
    expect(opened(made)).toEqual({ sum: plainSum(made), liars: [] })
    // One share less of site b: with the threshold's three gone to two, its secret is lost and so is the sum.
    revealed.delete('site c')
    expect(() => opened(made)).toThrow(expect.objectContaining({ code: 'SHARES_MISSING' }))
  })

  it('does not open where the coordinator showed its sender other adverts', () => {
    const made = sum([1, 1, 1, 1])
    const forged = new Map(made.adverts)
    forged.set('site d', made.adverts.get('site c')!)
    const a = made.members.get('site a')!
    a.shares(made.adverts)
    const fromB = made.members.get('site b')!.shares(forged).get('site a')!
    expect(() => a.mask(valuesOf(0), new Map([['site b', fromB]]))).toThrow(
      expect.objectContaining({ code: 'SHARE_TAMPERED' }),
    )
  })

  it('is found when it is revealed: the sum stands, and who lied is named', () => {
    const made = sum([4, 4, 4, 4, 4, 3])
    const lie = new Map(made.revealed.get('site b'))
    for (const [about, share] of lie)
      lie.set(
        about,
        share.map((byte, i) => (i === 15 ? byte ^ 1 : byte)),
      )
    made.revealed.set('site b', lie)
    expect(() => opened(made)).toThrow(expect.objectContaining({ code: 'SHARES_MISSING' }))
    const spare = sum([4, 4, 4, 4, 4, 4])
    spare.revealed.set('site b', lie)
    expect(opened(spare)).toEqual({ sum: plainSum(spare), liars: ['site b'] })
  })
})

describe('a member', () => {
  it('reveals for one set of survivors alone, and the same again', () => {
    const { members } = sum([3, 3, 3, 3])
    const a = members.get('site a')!
    const all = [...members.keys()]
    const first = a.reveal(all)
    expect(a.reveal(all.toReversed())).toEqual(first)
    expect(() => a.reveal(all.slice(0, 3))).toThrow(expect.objectContaining({ code: 'SURVIVORS_CHANGED' }))
  })

  it('never reveals both kinds of share of one site', () => {
    const made = sum([4, 4, 4, 2])
    for (const about of made.revealed.values()) expect([...about.keys()]).toEqual(made.group.sites)
    const all = sum([4, 4, 4, 4])
    // Of the site that dropped out another share than of the same site when it stayed.
    expect(made.revealed.get('site a')!.get('site d')).not.toEqual(all.revealed.get('site a')!.get('site d'))
    expect(made.revealed.get('site a')!.get('site b')).toEqual(all.revealed.get('site a')!.get('site b'))
  })

  it('refuses survivors below the threshold, and ones who shared nothing', () => {
    const { members } = sum([3, 3, 3, 1])
    const a = members.get('site a')!
    expect(() => a.reveal(['site a', 'site b'])).toThrow(expect.objectContaining({ code: 'TOO_FEW_SITES' }))
    expect(() => a.reveal(['site a', 'site b', 'site d'])).toThrow(
      expect.objectContaining({ code: 'SURVIVORS_UNKNOWN' }),
    )
  })

  it('masks once in a sum: the same values the same, others never', () => {
    const { members, sealed, masked } = sum([3, 3, 3])
    const given = new Map(['site b', 'site c'].map((from) => [from, sealed.get(from)!.get('site a')!]))
    const a = members.get('site a')!
    expect(a.mask(valuesOf(0), given)).toEqual(masked.get('site a'))
    expect(() => a.mask(valuesOf(1), given)).toThrow(expect.objectContaining({ code: 'MASK_REUSED' }))
  })

  it('refuses an advert of its own that is not its own, and second adverts', () => {
    const { members, adverts } = sum([1, 1, 1])
    const forged = new Map(adverts).set('site a', adverts.get('site b')!)
    expect(() => members.get('site a')!.shares(forged)).toThrow(
      expect.objectContaining({ code: 'ADVERTS_CHANGED' }),
    )
    const b = members.get('site b')!
    b.shares(adverts)
    expect(() => b.shares(new Map(adverts).set('site c', adverts.get('site a')!))).toThrow(
      expect.objectContaining({ code: 'ADVERTS_CHANGED' }),
    )
  })

  it('says the same after a crash: all follows from the site’s secret', () => {
    const [before, after] = [sum([4, 4, 4, 3]), sum([4, 4, 4, 3])]
    expect(after.adverts).toEqual(before.adverts)
    expect(after.sealed).toEqual(before.sealed)
    expect(after.masked).toEqual(before.masked)
    expect(after.revealed).toEqual(before.revealed)
  })
})

describe('shares', () => {
  const interpolate = interpolation()

  const element = fc.bigInt({ min: 0n, max: PRIME - 1n })

  it('any t of them give the secret; t − 1 fit every secret alike', () => {
    fc.assert(
      fc.property(
        element,
        element,
        fc.array(element, { minLength: 1, maxLength: 5 }),
        (secret, other, coefficients) => {
          const t = coefficients.length + 1
          const shares = Array.from({ length: t + 2 }, (_, i) => ({
            place: i + 1,
            value: shareAt(secret, coefficients, i + 1),
          }))
          expect(interpolate(shares.slice(2))).toBe(secret)
          // For any other secret there is a polynomial through the same t − 1 shares.
          const fewer = shares.slice(0, t - 1)
          const through = [{ place: t + 7, value: 0n }, ...fewer]
          const at0 = interpolate(through)
          const weight = interpolate([
            { place: t + 7, value: 1n },
            ...fewer.map(({ place }) => ({ place, value: 0n })),
          ])
          expect(weight).not.toBe(0n)
          let inverse = 1n
          for (
            let [base, power] = [weight, PRIME - 2n];
            power > 0n;
            power >>= 1n, base = (base * base) % PRIME
          ) {
            if (power & 1n) inverse = (inverse * base) % PRIME
          }
          const missing = (((((other - at0 + PRIME) % PRIME) * inverse) % PRIME) + PRIME) % PRIME
          expect(interpolate([{ place: t + 7, value: missing }, ...fewer])).toBe(other)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('the ring', () => {
  it('packs and reads any numbers of any width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 17 }), fc.array(fc.nat(), { maxLength: 40 }), (bits, given) => {
        const values = Uint32Array.from(given, (value) => value % 2 ** bits)
        const bytes = pack(values, bits)
        expect(bytes).toHaveLength(packedBytes(values.length, bits))
        expect(unpack(bytes, values.length, bits)).toEqual(values)
      }),
    )
  })

  it('never wraps: n sites at either end of ±127', () => {
    for (let n = 3; n <= 130; n++) {
      const mask = 2 ** ringBits(n) - 1
      expect(centred((n * 127) & mask, ringBits(n))).toBe(n * 127)
      expect(centred((n * -127) & mask, ringBits(n))).toBe(n * -127)
    }
    expect(ringBits(10)).toBe(12)
  })
})

describe('common ranges', () => {
  it('carry an update to within half a step, count what they cut, and keep the rest', () => {
    const values = Float32Array.of(0.5, -0.03, 0.1, -7)
    const ranges = Float32Array.of(1)
    const { elements, residual } = toRing(values, new Float32Array(4), 1, ranges, 12)
    expect(elements).toHaveLength(ringElements(4))
    const { values: read, cut } = fromRing(elements, 4, ranges, 12)
    expect(cut).toEqual([1])
    for (const [i, value] of read.slice(0, 3).entries()) {
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(0.5 / 127 + 1e-7)
    }
    expect([read[3], residual[3]]).toEqual([-1, -6])
    expect(nextRanges(ranges, Float32Array.from(read), cut, 1)[0]).toBe(2)
  })

  it('of two bytes a value cut nothing within a range that stands, and tell 1/32,767 of it apart', () => {
    const values = Float32Array.of(5, -5, 0.0002, -0.01)
    const ranges = Float32Array.of(readRange(spellRange(5)))
    const bits = ringBits(10, 16)
    const { elements } = toRing(values, new Float32Array(4), 1, ranges, bits, 16)
    const { values: read, cut } = fromRing(elements, 4, ranges, bits, 16)
    expect(cut).toEqual([0])
    for (const [i, value] of read.entries())
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual((0.5 / 32_767) * ranges[0]! + 1e-7)
    expect(maskGroup('study', 1, 1, ['a', 'b', 'c'], 16).bits).toBe(18)
  })

  it('shrink slowly towards what comes and are spelled in one byte', () => {
    let ranges = Float32Array.of(1)
    for (let i = 0; i < 60; i++)
      ranges = nextRanges(ranges, Float32Array.of(0.01, -0.02), [0], 10) as Float32Array<ArrayBuffer>
    expect(ranges[0]).toBeGreaterThanOrEqual(0.06)
    expect(ranges[0]).toBeLessThan(0.13)
    for (let code = 0; code < 256; code++) expect(spellRange(readRange(code))).toBe(code)
  })
})

it('a suite that remembers makes a mask once for the two who ask for it, and the same bytes for a third', () => {
  let streams = 0
  const suite = agreedOnce({
    ...SUITE,
    stream: (from, length) => {
      streams += 1
      return SUITE.stream(from, length)
    },
  })
  for (const made of [1, 1, 2]) {
    expect(suite.stream(key(9), 2_000)).toEqual(SUITE.stream(key(9), 2_000))
    expect(streams).toBe(made)
  }
  expect(suite.stream(key(9), 2_001)).toEqual(SUITE.stream(key(9), 2_001))
  expect(suite.stream(key(8), 2_000)).toEqual(SUITE.stream(key(8), 2_000))
})

it('a suite that remembers agrees as the one beneath, once for both ends of a pair, and refuses what it refuses', () => {
  let agreements = 0
  const suite = agreedOnce({
    ...SUITE,
    agree: (secret, peer) => {
      agreements += 1
      return SUITE.agree(secret, peer)
    },
  })
  const [a, b, c] = [1, 2, 3].map(key) as [Uint8Array, Uint8Array, Uint8Array]
  const [toB, toC] = [SUITE.publicKey(b), SUITE.publicKey(c)]
  expect(suite.publicKey(b)).toEqual(toB)
  for (let i = 0; i < 2; i++) {
    expect(suite.agree(a, toB)).toEqual(SUITE.agree(a, toB))
    expect(suite.agree(b, SUITE.publicKey(a))).toEqual(SUITE.agree(a, toB))
    expect(suite.agree(a, toC)).toEqual(SUITE.agree(a, toC))
  }
  expect(agreements).toBe(2)
  for (let i = 0; i < 2; i++)
    expect(() => suite.agree(a, new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'BAD_KEY' }))
})

it.each([nodeMaskSuite, nobleMaskSuite])(
  'a member says the bytes that its first release said: words and updates of old passports are added up again',
  (suite) => {
    const { adverts, sealed, masked, revealed } = sum([4, 4, 4], 1, suite)
    const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')
    // Printed by commit 76cf560, before keys were kept at hand from stage to stage.
    expect(hex(adverts.get('site a'))).toBe(
      '67c8211110abed23c7611848252429ad4f6726f65e4bd1e7c216721f3f175f1e6474f6eb36458e8ea8acab77fca164a2',
    )
    expect(hex(sealed.get('site b')?.get('site a'))).toBe(
      '2ec1cde83d2164246ff63b07ce283f5b1ca97ffdd461140bf81ad092b821aede48d13502553ac2822669d211a4df2ef7',
    )
    expect(hex(masked.get('site a'))).toBe('d058d6cdff68dc0f')
    expect([...(revealed.get('site a')?.values() ?? [])].map(hex)).toEqual([
      '3a2c2ced1cb33aea9364e0bbed8e4714',
      '34327f101619dbc15a4edcc3a16e764b',
      '4e9a263fb61717ff58ec029ae361caa6',
    ])
  },
)
