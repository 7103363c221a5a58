/**
 * What a member of one masked sum says, as functions of its keys and of what it was shown: advert, sealed shares, masked
 * values, revealed shares.
 *
 * Laws: nothing is remembered, so that the same call gives the same bytes at any time; never both kinds of share of one
 * site are revealed in one answer: its own-mask share where the site survived, its pair share where it dropped out. A
 * share that does not open costs nobody but itself while t others of the same secret do. That a member masks once and
 * reveals for one set only is kept by whoever asks it (mask-member.ts, or a journal).
 * Source: Bonawitz et al. 2017, figure 4; PROTOCOL 23.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, equalBytes, IsletError, isIsletError, utf8 } from '../../vocabulary/index.ts'
import type { MaskGroup } from './group.ts'
import { type MemberSecrets, memberSecrets, pairMask, pairSecret, selfCommitment, selfMask } from './masks.ts'
import { addPacked, pack } from './ring.ts'
import { openShares, type Sealing, type SharePair, sealShares } from './sealed-share.ts'
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

/** What a member was shown of the others. */
export interface Shown {
  readonly adverts: BySite
  /** Share keys of the group's members. */
  readonly peers: BySite
}

/** Shares that a member has opened, its own among them; all who sent some, whether or not theirs opened, in order. */
export interface HeldShares {
  readonly shares: ReadonlyMap<string, SharePair>
  readonly sharers: readonly string[]
}

/** A digest of who advertised what. */
export function advertsDigest(group: MaskGroup, adverts: BySite): Uint8Array {
  const present = group.sites.map((site) => adverts.get(site) ?? new Uint8Array(ADVERT_BYTES))
  return sha256(concat(...present))
}

export class SumMember {
  readonly group: MaskGroup
  /** Public key of the pairwise masks ‖ commitment to the own mask. */
  readonly advert: Uint8Array<ArrayBuffer>
  readonly #suite: MaskSuite
  readonly #site: string
  readonly #shareKey: Uint8Array
  readonly #secrets: MemberSecrets
  /** X25519 secret of the pairwise masks. */
  readonly #pairSecret: Uint8Array

  constructor(suite: MaskSuite, group: MaskGroup, site: string, keys: MemberKeys) {
    this.#suite = suite
    this.group = group
    this.#site = site
    this.#shareKey = keys.shares
    this.#secrets = memberSecrets(suite, keys.masks, group, site)
    this.#pairSecret = pairSecret(suite, this.#secrets.pair, group)
    this.advert = concat(suite.publicKey(this.#pairSecret), selfCommitment(suite, this.#secrets.self, group))
  }

  /** Who advertised, in order, the member among them. Throws `TOO_FEW_SITES`, `ADVERTS_CHANGED`. */
  advertised(adverts: BySite): readonly string[] {
    const { sites, threshold } = this.group
    const present = sites.filter((site) => adverts.get(site)?.length === ADVERT_BYTES)
    if (present.length < threshold || !present.includes(this.#site)) {
      throw new IsletError('TOO_FEW_SITES', `a sum needs ${threshold} adverts, ${present.length} came`, {
        needed: threshold,
        sites: present.length,
      })
    }
    if (!equalBytes(adverts.get(this.#site) ?? new Uint8Array(), this.advert)) {
      throw new IsletError('ADVERTS_CHANGED', 'the coordinator shows another advert than the site’s own')
    }
    return present
  }

  /** Sealed shares for every other site that advertised, in order. Throws `TOO_FEW_SITES`, `ADVERTS_CHANGED`, `BAD_KEY`. */
  seal(shown: Shown): BySite {
    const others = this.advertised(shown.adverts).filter((site) => site !== this.#site)
    const sealing = this.#sealingOf(shown)
    return new Map(
      others.map((to) => [to, sealShares(sealing(this.#site, to), this.#sharesFor(to))] as const),
    )
  }

  /**
   * Opens the shares that others made for this member; their senders are who it masks with.
   *
   * @param refused told of a sender whose share does not open; without it such a share is thrown
   * @throws `SHARE_TAMPERED`, `TOO_FEW_SITES`, `ADVERTS_CHANGED`
   */
  open(shown: Shown, sealed: BySite, refused?: (from: string) => void): HeldShares {
    this.advertised(shown.adverts)
    const sealing = this.#sealingOf(shown)
    const shares = new Map([[this.#site, this.#sharesFor(this.#site)]])
    for (const [from, bytes] of sealed) {
      try {
        shares.set(from, openShares(sealing(from, this.#site), bytes))
      } catch (error) {
        if (refused === undefined || !isIsletError(error, 'SHARE_TAMPERED')) throw error
        refused(from)
      }
    }
    const sharers = [...new Set([...sealed.keys(), this.#site])].sort()
    const { threshold } = this.group
    if (sharers.length < threshold) {
      throw new IsletError(
        'TOO_FEW_SITES',
        `a sum needs the shares of ${threshold} sites, ${sharers.length} came`,
        { needed: threshold, sites: sharers.length },
      )
    }
    return { shares, sharers }
  }

  /** Ring elements under all masks, packed. */
  mask(values: Uint32Array, adverts: BySite, { sharers }: HeldShares): Uint8Array<ArrayBuffer> {
    const { group } = this
    const sum = values.slice()
    addPacked(sum, selfMask(this.#suite, this.#secrets.self, group, sum.length), 1, group.bits)
    for (const other of sharers) {
      if (other === this.#site) continue
      const key = adverts.get(other)?.subarray(0, 32) ?? new Uint8Array()
      const mask = pairMask(this.#suite, this.#pairSecret, key, group, sum.length)
      addPacked(sum, mask, this.#site < other ? 1 : -1, group.bits)
    }
    return pack(sum, group.bits)
  }

  /**
   * For each site that shared, in order: its own-mask share where it survived, else its pair share, or `NO_SHARE` where
   * this member could not open what came. Throws `TOO_FEW_SITES` on a set below the threshold, `SURVIVORS_UNKNOWN`.
   */
  reveal({ shares, sharers }: HeldShares, survivors: readonly string[]): BySite {
    const { threshold } = this.group
    const set = new Set(survivors)
    if (
      survivors.some((site) => !sharers.includes(site)) ||
      !set.has(this.#site) ||
      set.size !== survivors.length
    ) {
      throw new IsletError('SURVIVORS_UNKNOWN', 'the survivors are not among those who shared their secrets')
    }
    if (set.size < threshold) {
      throw new IsletError('TOO_FEW_SITES', `a sum needs ${threshold} survivors, there are ${set.size}`, {
        needed: threshold,
        sites: set.size,
      })
    }
    return new Map(
      sharers.map((site) => {
        const held = shares.get(site)
        return [site, elementBytes((set.has(site) ? held?.self : held?.pair) ?? NO_SHARE)]
      }),
    )
  }

  #sharesFor(to: string): SharePair {
    const place = this.group.sites.indexOf(to) + 1
    const { self, pair, selfCoefficients, pairCoefficients } = this.#secrets
    return { self: shareAt(self, selfCoefficients, place), pair: shareAt(pair, pairCoefficients, place) }
  }

  /** What shares from one site to another are sealed with; one of the two is this member. */
  #sealingOf({ adverts, peers }: Shown): (from: string, to: string) => Sealing {
    const suite = this.#suite
    const { label, names } = this.group
    const sum = [label, advertsDigest(this.group, adverts)].map(suite.digest)
    const nameOf = (site: string): Uint8Array => names.get(site) ?? suite.digest(utf8(site))
    return (from, to) => ({
      suite,
      common: suite.agree(this.#shareKey, peers.get(from === this.#site ? to : from) ?? new Uint8Array()),
      bound: [...sum, nameOf(from), nameOf(to)],
      from,
      to,
    })
  }
}
