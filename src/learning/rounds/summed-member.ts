/**
 * A site's side of a masked round that stands alone, on plain values: advert, shares, masked update, revealed shares.
 *
 * Laws: every answer is the one that the state machine's participant gives in its first round, bit for bit, and follows
 * from the keys and from what is given: what is remembered is what was opened of the very same bytes before. It keeps
 * nobody from asking twice: who masks once and reveals for one set of survivors is the caller's to note (PROTOCOL 23).
 */
import { concat, equalBytes, IsletError } from '../../vocabulary/index.ts'
import type { MaskGroup } from '../masking/group.ts'
import { firstRanges, toRing } from '../masking/ranges.ts'
import type { MaskSuite } from '../masking/suite.ts'
import {
  type BySite,
  type HeldShares,
  type MemberKeys,
  type Shown,
  SumMember,
} from '../masking/sum-member.ts'
import { type GroupAnswers, sealedFor } from './masked-group.ts'
import type { RoundPlan } from './plan.ts'
import type { Site } from './site.ts'
import { countedAnswers, requireEnough, type SummedRound, summedGroup } from './summed-round.ts'
import { requireFinite, trainedWithin } from './trained-within.ts'

/** What a site has heard of a round: the answers that are there, and everybody's share key of this round. */
export interface HeardRound extends Pick<SummedRound, 'answers' | 'members'> {
  readonly peers: BySite
}

export interface SummedAnswer {
  readonly answer: Uint8Array<ArrayBuffer>
  /** Whose shares did not open here. */
  readonly refused: readonly string[]
}

interface Opened extends Pick<SummedAnswer, 'refused'> {
  readonly held: HeldShares
}

export class SummedMember {
  readonly #plan: SummedRound['plan'] & Pick<RoundPlan, 'clip'>
  readonly #site: string
  readonly #group: MaskGroup
  readonly #member: SumMember
  #opened: (Opened & { readonly shown: Shown; readonly sealed: BySite }) | undefined

  /** Throws `TOO_FEW_SITES`. */
  constructor(
    plan: SummedRound['plan'] & Pick<RoundPlan, 'clip'>,
    sites: readonly string[],
    site: string,
    { suite, keys }: { readonly suite: MaskSuite; readonly keys: MemberKeys },
  ) {
    this.#plan = plan
    this.#site = site
    this.#group = summedGroup(
      plan,
      sites.map((one) => ({ site: one })),
    )
    this.#member = new SumMember(suite, this.#group, site, keys)
  }

  get advert(): Uint8Array<ArrayBuffer> {
    return this.#member.advert
  }

  /** Sealed for every other site that advertised, in order. Throws `TOO_FEW_SITES`, `ADVERTS_CHANGED`, `BAD_KEY`. */
  shares(round: HeardRound): Uint8Array<ArrayBuffer> {
    const { adverts } = this.#counted(round).heard
    return concat(...this.#member.seal({ adverts, peers: round.peers }).values())
  }

  /**
   * Has the site train from a base, and masks what comes. Throws what the training throws, `WRONG_SHAPE`, `NOT_FINITE`,
   * `TOO_FEW_SITES`, `ADVERTS_CHANGED`.
   */
  async update(round: HeardRound, training: Site, base: Float32Array): Promise<SummedAnswer> {
    const { heard, weightOf } = this.#counted(round)
    const { held, refused } = this.#open(heard, round.peers)
    const { update } = await trainedWithin(training, this.#plan, { round: 1, parameters: base })
    requireFinite(update)
    const { maskDepth } = this.#plan
    const nothing = new Float32Array(update.length)
    const weight = weightOf(this.#site)
    const ring = toRing(update, nothing, weight, firstRanges(this.#plan), this.#group.bits, maskDepth)
    return { answer: this.#member.mask(ring.elements, heard.adverts, held), refused }
  }

  /** What it reveals for the sites whose masked updates are given. Throws `TOO_FEW_SITES`, `SURVIVORS_UNKNOWN`. */
  reveal(round: HeardRound): SummedAnswer {
    const { heard } = this.#counted(round)
    requireEnough(heard.masked, this.#group)
    const { held, refused } = this.#open(heard, round.peers)
    return { answer: concat(...this.#member.reveal(held, [...heard.masked.keys()]).values()), refused }
  }

  #counted({ members, answers }: HeardRound): ReturnType<typeof countedAnswers> {
    return countedAnswers({ plan: this.#plan, members, answers }, this.#group)
  }

  #open({ adverts, shares }: GroupAnswers, peers: BySite): Opened {
    requireEnough(shares, this.#group)
    if (!shares.has(this.#site))
      throw new IsletError('SHARES_MISSING', 'the site has shared nothing in this sum', {
        sites: shares.size,
      })
    const shown = { adverts, peers }
    const sealed = sealedFor({ adverts, shares }, this.#site)
    const before = this.#opened
    if (
      before !== undefined &&
      isSame(before.sealed, sealed) &&
      isSame(before.shown.adverts, adverts) &&
      isSame(before.shown.peers, peers)
    )
      return before
    const refused: string[] = []
    const held = this.#member.open(shown, sealed, (from) => refused.push(from))
    this.#opened = { held, refused, shown, sealed }
    return this.#opened
  }
}

function isSame(one: BySite, other: BySite): boolean {
  return (
    one.size === other.size &&
    [...one].every(([site, bytes]) => {
      const there = other.get(site)
      return there === bytes || (there !== undefined && equalBytes(there, bytes))
    })
  )
}
