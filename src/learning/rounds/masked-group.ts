/**
 * One masked group on plain values: what a member is sent in each stage, how long its answer is, and the sum of all.
 *
 * Law: who advertised, who shared and who masked are sets that only shrink, each told to members as bits over all
 * enrolled sites; coordinator and sites read the same bytes.
 */
import { concat } from '../../vocabulary/index.ts'
import type { MaskGroup } from '../masking/group.ts'
import { fromRing, ringElements, spellRange } from '../masking/ranges.ts'
import { packedBytes } from '../masking/ring.ts'
import { SEALED_BYTES } from '../masking/sealed-share.ts'
import { SHARE_BYTES } from '../masking/shamir.ts'
import type { MaskSuite } from '../masking/suite.ts'
import { ADVERT_BYTES, type BySite } from '../masking/sum-member.ts'
import { unmask } from '../masking/unmask.ts'
import { slices, toBits } from './places.ts'
import type { RoundPlan } from './plan.ts'

/** What the members of a group have answered, as far as it counts, in order of the sites. */
export interface GroupAnswers {
  readonly adverts: BySite
  readonly shares: BySite
  readonly masked: BySite
  readonly revealed: BySite
}

/** Who advertised ‖ their adverts. */
export function advertsPart(roster: readonly string[], adverts: BySite): Uint8Array {
  return concat(toBits(roster, [...adverts.keys()]), ...adverts.values())
}

/** Weight (float32) ‖ ranges: what values are coded with. */
export function codingPart(weight: number, ranges: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, weight)
  return concat(bytes, Uint8Array.from(ranges, spellRange))
}

/** Who shared ‖ what they sealed for a site. */
export function sealedPart(
  roster: readonly string[],
  heard: Pick<GroupAnswers, 'adverts' | 'shares'>,
  to: string,
): Uint8Array {
  return concat(toBits(roster, [...heard.shares.keys()]), ...sealedFor(heard, to).values())
}

/** What others sealed for a site. */
export function sealedFor({ adverts, shares }: Pick<GroupAnswers, 'adverts' | 'shares'>, to: string): BySite {
  const advertised = [...adverts.keys()]
  const place = advertised.indexOf(to)
  return new Map(
    [...shares].flatMap(([from, bytes]) => {
      if (from === to) return []
      // The sender sealed nothing for itself.
      const at = SEALED_BYTES * (place - (advertised.indexOf(from) < place ? 1 : 0))
      return [
        [from, place < 0 ? new Uint8Array(SEALED_BYTES) : bytes.subarray(at, at + SEALED_BYTES)] as const,
      ]
    }),
  )
}

/** Bytes that the answers of each stage have. */
export const ANSWER_BYTES = {
  advertise: (): number => ADVERT_BYTES,
  share: (advertised: number): number => SEALED_BYTES * (advertised - 1),
  train: (parameters: number, { bits }: MaskGroup): number => packedBytes(ringElements(parameters), bits),
  reveal: (shared: number): number => SHARE_BYTES * shared,
} as const

/** The weighted mean under the masks, coordinates cut in each block, and who revealed what does not belong. Throws `SHARES_MISSING`. */
export function unmaskedMean(
  suite: MaskSuite,
  { parameters, maskDepth }: Pick<RoundPlan, 'maskDepth' | 'parameters'>,
  group: MaskGroup,
  { adverts, shares, masked, revealed }: GroupAnswers,
  { ranges, weightOf }: { readonly ranges: Float32Array; readonly weightOf: (site: string) => number },
): {
  readonly values: Float32Array
  readonly weight: number
  readonly cut: readonly number[]
  readonly liars: readonly string[]
} {
  const sharers = [...shares.keys()]
  const { sum, liars } = unmask(suite, {
    group,
    adverts,
    sharers,
    masked,
    revealed: new Map([...revealed].map(([from, bytes]) => [from, slices(sharers, bytes, SHARE_BYTES)])),
    count: ringElements(parameters),
  })
  const summed = fromRing(sum, parameters, ranges, group.bits, maskDepth)
  const weight = [...masked.keys()].reduce((total, site) => total + weightOf(site), 0)
  // A typed array’s own `from` goes through an iterator, ten times as long.
  const values = new Float32Array(summed.values.length)
  for (let i = 0; i < values.length; i++) values[i] = (summed.values[i] ?? 0) / weight
  return {
    values,
    weight,
    cut: summed.cut,
    liars,
  }
}

/** Share of a site in the weighted sum of a cohort, in (0, 1], as float32 tells it. */
export function maskedWeight(weights: Readonly<Record<string, number>>, site: string): number {
  return Math.fround((weights[site] ?? 1) / Math.max(...Object.values(weights)))
}
