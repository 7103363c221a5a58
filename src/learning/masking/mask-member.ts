/**
 * A member of a masked sum over time: advert → shares → masked values → reveal.
 *
 * Laws: a member sees one set of adverts and masks once in a sum; it reveals for one set of survivors only, the first it
 * was shown. A retry gets the same bytes.
 * Source: Bonawitz et al. 2017, figure 4; PROTOCOL 23.
 */
import { equalBytes, IsletError } from '../../vocabulary/index.ts'
import type { MaskGroup } from './group.ts'
import type { MaskSuite } from './suite.ts'
import { advertsDigest, type BySite, type HeldShares, type MemberKeys, SumMember } from './sum-member.ts'

export class MaskMember {
  readonly group: MaskGroup
  readonly #member: SumMember
  readonly #peers: BySite
  #adverts: BySite | undefined
  #held: HeldShares | undefined
  #masked: { readonly values: Uint32Array; readonly packed: Uint8Array<ArrayBuffer> } | undefined
  #survivors: string | undefined

  /** @param peers enrolled share keys of the group's members */
  constructor(suite: MaskSuite, group: MaskGroup, site: string, keys: MemberKeys, peers: BySite) {
    this.group = group
    this.#member = new SumMember(suite, group, site, keys)
    this.#peers = peers
  }

  /** Public key of the pairwise masks ‖ commitment to the own mask. */
  advert(): Uint8Array<ArrayBuffer> {
    return this.#member.advert
  }

  /** Sealed shares for every other site that advertised. Throws `TOO_FEW_SITES`, `BAD_KEY`, `ADVERTS_CHANGED`. */
  shares(adverts: BySite): BySite {
    const sealed = this.#member.seal({ adverts, peers: this.#peers })
    const before = this.#adverts
    if (
      before !== undefined &&
      !equalBytes(advertsDigest(this.group, before), advertsDigest(this.group, adverts))
    ) {
      throw new IsletError('ADVERTS_CHANGED', 'the coordinator showed other adverts of this sum before')
    }
    this.#adverts = adverts
    return sealed
  }

  /**
   * Ring elements under all masks, packed; opens the shares that others made for this site, who are whom it masks with.
   *
   * @param refused told of a sender whose share does not open; without it such a share is thrown
   * @throws `SHARE_TAMPERED`, `TOO_FEW_SITES`, `MASK_REUSED`
   */
  mask(values: Uint32Array, sealed: BySite, refused?: (from: string) => void): Uint8Array<ArrayBuffer> {
    if (this.#masked !== undefined) {
      const { values: before, packed } = this.#masked
      if (before.length === values.length && before.every((value, i) => value === values[i])) return packed
      throw new IsletError(
        'MASK_REUSED',
        'other values were masked in this sum before: their difference would be open',
      )
    }
    const adverts: BySite = this.#adverts ?? new Map()
    const held = this.#member.open({ adverts, peers: this.#peers }, sealed, refused)
    const packed = this.#member.mask(values, adverts, held)
    this.#held = held
    this.#masked = { values: values.slice(), packed }
    return packed
  }

  /**
   * For each site that shared, in order: its own-mask share where it survived, else its pair share, or `NO_SHARE` where
   * this site could not open what came.
   * Throws `SURVIVORS_CHANGED` on a second set, `TOO_FEW_SITES` on a set below the threshold, `SURVIVORS_UNKNOWN`.
   */
  reveal(survivors: readonly string[]): BySite {
    const set = survivors.toSorted()
    const answer = this.#member.reveal(this.#held ?? { shares: new Map(), sharers: [] }, set)
    const named = JSON.stringify(set)
    if (this.#survivors !== undefined && this.#survivors !== named) {
      throw new IsletError(
        'SURVIVORS_CHANGED',
        'shares were revealed for another set of survivors of this sum',
      )
    }
    this.#survivors = named
    return answer
  }
}
