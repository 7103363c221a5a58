/**
 * A member of a masked sum: advert → shares → masked values → reveal.
 *
 * Laws: a member masks once in a sum; it reveals for one set of survivors only, the first it was shown, and never both
 * kinds of share of one site: its own-mask share where the site survived, its pair share where it dropped out. A retry
 * gets the same bytes. A share that does not open costs nobody but itself while t others of the same secret do.
 * Source: Bonawitz et al. 2017, figure 4; PROTOCOL 23.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, equalBytes, IsletError, isIsletError } from '../../vocabulary/index.ts'
import type { MaskGroup } from './group.ts'
import { type MemberSecrets, memberSecrets, pairMask, pairSecret, selfCommitment, selfMask } from './masks.ts'
import { addPacked, pack } from './ring.ts'
import { openShares, type SharePair, sealShares } from './sealed-share.ts'
import { elementBytes, NO_SHARE, shareAt } from './shamir.ts'
import type { MaskSuite } from './suite.ts'

export const ADVERT_BYTES = 48

export interface MemberKeys {
  /** Of which all masks follow, 32 bytes; kept by the site. */
  readonly masks: Uint8Array
  /** X25519 secret that shares are sealed to, 32 bytes; its public key is enrolled. */
  readonly shares: Uint8Array
}

/** Sites and bytes. */
export type BySite = ReadonlyMap<string, Uint8Array>

/** A digest of who advertised what. */
function advertsDigest(group: MaskGroup, adverts: BySite): Uint8Array {
  const present = group.sites.map((site) => adverts.get(site) ?? new Uint8Array(ADVERT_BYTES))
  return sha256(concat(...present))
}

export class MaskMember {
  readonly group: MaskGroup
  readonly #suite: MaskSuite
  readonly #site: string
  readonly #keys: MemberKeys
  readonly #peers: BySite
  readonly #common: Map<string, Uint8Array>
  readonly #secrets: MemberSecrets
  /** X25519 secret of the pairwise masks, and what the member advertises of its secrets. */
  readonly #pairSecret: Uint8Array
  readonly #advert: Uint8Array<ArrayBuffer>
  #adverts: BySite | undefined
  #digest: Uint8Array = new Uint8Array()
  #held = new Map<string, SharePair>()
  /** Who this site masks with, itself among them: all who sent shares, whether or not theirs opened. */
  #sharers: ReadonlySet<string> = new Set()
  #masked: { readonly values: Uint32Array; readonly packed: Uint8Array<ArrayBuffer> } | undefined
  #survivors: string | undefined

  /**
   * @param peers enrolled share keys of the group's members
   * @param common cache of what two share keys agree on, kept across sums
   */
  constructor(
    suite: MaskSuite,
    group: MaskGroup,
    site: string,
    keys: MemberKeys,
    peers: BySite,
    common: Map<string, Uint8Array> = new Map(),
  ) {
    this.#suite = suite
    this.group = group
    this.#site = site
    this.#keys = keys
    this.#peers = peers
    this.#common = common
    this.#secrets = memberSecrets(suite, keys.masks, group, site)
    this.#pairSecret = pairSecret(suite, this.#secrets.pair, group)
    this.#advert = concat(suite.publicKey(this.#pairSecret), selfCommitment(this.#secrets.self, group))
  }

  /** Public key of the pairwise masks ‖ commitment to the own mask. */
  advert(): Uint8Array<ArrayBuffer> {
    return this.#advert
  }

  /** Sealed shares for every other site that advertised. Throws `TOO_FEW_SITES`, `BAD_KEY`, `ADVERTS_CHANGED`. */
  shares(adverts: BySite): BySite {
    const others = this.see(adverts).filter((site) => site !== this.#site)
    return new Map(
      others.map((to) => [to, sealShares(this.#sealing(this.#site, to), this.#sharesFor(to))] as const),
    )
  }

  /** Takes who advertised what, and seals nothing; who they are. Throws `TOO_FEW_SITES`, `ADVERTS_CHANGED`. */
  see(adverts: BySite): readonly string[] {
    const { sites, threshold } = this.group
    const present = sites.filter((site) => adverts.get(site)?.length === ADVERT_BYTES)
    if (present.length < threshold || !present.includes(this.#site)) {
      throw new IsletError('TOO_FEW_SITES', `a sum needs ${threshold} adverts, ${present.length} came`, {
        needed: threshold,
        sites: present.length,
      })
    }
    if (!equalBytes(adverts.get(this.#site) ?? new Uint8Array(), this.#advert)) {
      throw new IsletError('ADVERTS_CHANGED', 'the coordinator shows another advert than the site’s own')
    }
    const digest = advertsDigest(this.group, adverts)
    if (this.#adverts !== undefined && !equalBytes(this.#digest, digest)) {
      throw new IsletError('ADVERTS_CHANGED', 'the coordinator showed other adverts of this sum before')
    }
    this.#adverts = adverts
    this.#digest = digest
    this.#held.set(this.#site, this.#sharesFor(this.#site))
    return present
  }

  /**
   * Opens the shares that others made for this site; their senders are who it masks with.
   *
   * @param refused told of a sender whose share does not open; without it such a share is thrown
   * @throws `SHARE_TAMPERED`, `TOO_FEW_SITES`
   */
  hold(sealed: BySite, refused?: (from: string) => void): void {
    const { threshold } = this.group
    const held = new Map(this.#held)
    for (const [from, bytes] of sealed) {
      try {
        held.set(from, openShares(this.#sealing(from, this.#site), bytes))
      } catch (error) {
        if (refused === undefined || !isIsletError(error, 'SHARE_TAMPERED')) throw error
        refused(from)
      }
    }
    const sharers = new Set([...sealed.keys(), ...(held.has(this.#site) ? [this.#site] : [])])
    if (sharers.size < threshold || !held.has(this.#site)) {
      throw new IsletError(
        'TOO_FEW_SITES',
        `a sum needs the shares of ${threshold} sites, ${sharers.size} came`,
        { needed: threshold, sites: sharers.size },
      )
    }
    this.#held = held
    this.#sharers = sharers
  }

  /** Ring elements under all masks, packed; `sealed` and `refused` as `hold` takes them. Throws what it throws, and `MASK_REUSED`. */
  mask(values: Uint32Array, sealed: BySite, refused?: (from: string) => void): Uint8Array<ArrayBuffer> {
    const { group } = this
    if (this.#masked !== undefined) {
      const { values: before, packed } = this.#masked
      if (before.length === values.length && before.every((value, i) => value === values[i])) return packed
      throw new IsletError(
        'MASK_REUSED',
        'other values were masked in this sum before: their difference would be open',
      )
    }
    this.hold(sealed, refused)
    const sum = values.slice()
    addPacked(sum, selfMask(this.#suite, this.#secrets.self, group, sum.length), 1, group.bits)
    for (const other of this.#sharers) {
      if (other === this.#site) continue
      const key = this.#adverts?.get(other)?.subarray(0, 32) ?? new Uint8Array()
      const mask = pairMask(this.#suite, this.#pairSecret, key, group, sum.length)
      addPacked(sum, mask, this.#site < other ? 1 : -1, group.bits)
    }
    const packed = pack(sum, group.bits)
    this.#masked = { values: values.slice(), packed }
    return packed
  }

  /**
   * For each site that shared, in order: its own-mask share where it survived, else its pair share, or `NO_SHARE` where
   * this site could not open what came.
   * Throws `SURVIVORS_CHANGED` on a second set, `TOO_FEW_SITES` on a set below the threshold, `SURVIVORS_UNKNOWN`.
   */
  reveal(survivors: readonly string[]): BySite {
    const { threshold } = this.group
    const set = survivors.toSorted()
    if (
      set.some((site) => !this.#sharers.has(site)) ||
      !set.includes(this.#site) ||
      new Set(set).size !== set.length
    ) {
      throw new IsletError('SURVIVORS_UNKNOWN', 'the survivors are not among those who shared their secrets')
    }
    if (set.length < threshold) {
      throw new IsletError('TOO_FEW_SITES', `a sum needs ${threshold} survivors, there are ${set.length}`, {
        needed: threshold,
        sites: set.length,
      })
    }
    const named = JSON.stringify(set)
    if (this.#survivors !== undefined && this.#survivors !== named) {
      throw new IsletError(
        'SURVIVORS_CHANGED',
        'shares were revealed for another set of survivors of this sum',
      )
    }
    this.#survivors = named
    return new Map(
      [...this.#sharers].sort().map((site) => {
        const shares = this.#held.get(site)
        return [site, elementBytes((set.includes(site) ? shares?.self : shares?.pair) ?? NO_SHARE)]
      }),
    )
  }

  #sharesFor(to: string): SharePair {
    const place = this.group.sites.indexOf(to) + 1
    const { self, pair, selfCoefficients, pairCoefficients } = this.#secrets
    return { self: shareAt(self, selfCoefficients, place), pair: shareAt(pair, pairCoefficients, place) }
  }

  #sealing(from: string, to: string) {
    const peer = from === this.#site ? to : from
    let common = this.#common.get(peer)
    if (common === undefined) {
      common = this.#suite.agree(this.#keys.shares, this.#peers.get(peer) ?? new Uint8Array())
      this.#common.set(peer, common)
    }
    return { suite: this.#suite, common, label: this.group.label, adverts: this.#digest, from, to }
  }
}
