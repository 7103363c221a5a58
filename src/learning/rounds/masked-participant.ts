/**
 * A site's side of masked rounds: which sum it takes part in, and its answers to the stages beside training.
 *
 * Laws: one member per sum, kept while its round lasts, so that every retry of a question finds the same secrets; sums
 * are taken in order, so that none is opened twice; shares are revealed for one set of survivors in a round, and for one
 * set while the model stays, because two sums of the same updates over two sets differ by what one site said (PROTOCOL 23).
 * Limit: this memory is the process's; a site that restarts inside a round must not take up that round again.
 */
import { concat, IsletError } from '../../vocabulary/index.ts'
import { agreedOnce } from '../masking/agreed-once.ts'
import { maskGroup } from '../masking/group.ts'
import { MaskMember } from '../masking/mask-member.ts'
import { readRange } from '../masking/ranges.ts'
import type { Depth } from '../masking/ring.ts'
import { SEALED_BYTES } from '../masking/sealed-share.ts'
import type { MaskSuite } from '../masking/suite.ts'
import { ADVERT_BYTES, type BySite, type MemberKeys } from '../masking/sum-member.ts'
import type { Ask } from './messages.ts'
import { fromBits, slices } from './places.ts'

/** What a site needs to take part in masked sums. */
export interface MaskingSide {
  readonly suite: MaskSuite
  readonly keys: MemberKeys
  /** Enrolled share keys of all sites, its own among them: from the enrolment, never from the coordinator. */
  readonly peers: BySite
  /** Told of a site whose share does not open; without it such a share stops the site. */
  readonly refused?: (from: string) => void
}

export class MaskedParticipant {
  readonly #side: MaskingSide
  readonly #site: string
  readonly #study: string
  readonly #depth: Depth
  readonly #roster: readonly string[]
  #current: { readonly round: number; readonly attempt: number; readonly member: MaskMember } | undefined
  #revealed: { readonly round: number; readonly version: number; readonly survivors: string } | undefined

  constructor(side: MaskingSide, site: string, study: string, depth: Depth = 8) {
    this.#side = { ...side, suite: agreedOnce(side.suite) }
    this.#depth = depth
    this.#site = site
    this.#study = study
    this.#roster = [...side.peers.keys()].sort()
  }

  advertise({ round, attempt, parts }: Ask): Uint8Array {
    const sites = fromBits(this.#roster, parts[0])
    const current = this.#current
    if (current !== undefined && (round - current.round || attempt - current.attempt) < 0) {
      throw new IsletError('STALE_ROUND', 'the site has taken part in a later sum', {
        round,
        attempt,
        latest_round: current.round,
        latest_attempt: current.attempt,
      })
    }
    if (current?.round === round && current.attempt === attempt) {
      if (JSON.stringify(current.member.group.sites) !== JSON.stringify(sites)) {
        throw new IsletError('GROUP_CHANGED', 'the coordinator named another group for this sum before')
      }
      return current.member.advert()
    }
    const group = maskGroup(this.#study, round, attempt, sites, this.#depth)
    const { suite, keys, peers } = this.#side
    const member = new MaskMember(suite, group, this.#site, keys, peers)
    this.#current = { round, attempt, member }
    return member.advert()
  }

  share(ask: Ask): Uint8Array {
    const [sites, rest] = this.#named(ask.parts[0])
    return concat(
      ...this.#member(ask)
        .shares(slices(sites, rest, ADVERT_BYTES))
        .values(),
    )
  }

  /** Weight, ranges and bits that this round's values are coded with. */
  coding(ask: Ask): { readonly weight: number; readonly ranges: Float32Array; readonly bits: number } {
    const part = ask.parts[1] ?? new Uint8Array()
    if (part.length < 5) throw new IsletError('WRONG_SHAPE', 'the question carries no ranges')
    const weight = new DataView(part.buffer, part.byteOffset).getFloat32(0)
    if (!(weight > 0 && weight <= 1)) throw new IsletError('WRONG_SHAPE', 'a weight lies in (0, 1]')
    return {
      weight,
      ranges: Float32Array.from(part.subarray(4), readRange),
      bits: this.#member(ask).group.bits,
    }
  }

  mask(ask: Ask, elements: Uint32Array): Uint8Array {
    const [sites, rest] = this.#named(ask.parts[2])
    const others = sites.filter((site) => site !== this.#site)
    return this.#member(ask).mask(elements, slices(others, rest, SEALED_BYTES), this.#side.refused)
  }

  reveal(ask: Ask): Uint8Array {
    const { round, version } = ask
    const sites = fromBits(this.#roster, ask.parts[0])
    const survivors = JSON.stringify(sites)
    const before = this.#revealed
    if (
      before !== undefined &&
      (before.round === round || before.version === version) &&
      before.survivors !== survivors
    ) {
      throw new IsletError(
        'SURVIVORS_CHANGED',
        'shares of the same updates were revealed for another set of survivors',
        { round, version },
        { remedy: 'Go on only with the sites that survived then, or from a new model.' },
      )
    }
    const shares = concat(...this.#member(ask).reveal(sites).values())
    this.#revealed = { round, version, survivors }
    return shares
  }

  /** A set of sites and the bytes after it. */
  #named(part: Uint8Array = new Uint8Array()): readonly [readonly string[], Uint8Array] {
    const bytes = Math.ceil(this.#roster.length / 8)
    return [fromBits(this.#roster, part.subarray(0, bytes)), part.subarray(bytes)]
  }

  #member({ round, attempt }: Ask): MaskMember {
    const current = this.#current
    if (current?.round !== round || current.attempt !== attempt) {
      throw new IsletError('NOT_ADVERTISED', 'the site has no keys in this sum')
    }
    return current.member
  }
}
