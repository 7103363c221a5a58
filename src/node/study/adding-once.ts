/**
 * A learner that adds a round up once for all sites of the process that hold the very same answers.
 *
 * Laws: what is given out was made here, of bytes equal to those that are asked about, and of no others; a site of
 * another process adds up for itself. Limit: sites of one process share its processor and memory and trust them already,
 * so that ten sums of the same bytes would say no more than one; two thirds that attest from one process are one witness.
 */
import type { Aggregation, Learner, MaskedLearner, PersonData, SitePart } from '../../study/index.ts'
import { equalBytes } from '../../vocabulary/index.ts'

type Given = Parameters<MaskedLearner['aggregate']>
type BySite = Given[2]['shares']

export function addingOnce<Data extends PersonData>(learner: Learner<Data>): Learner<Data> {
  const { masked } = learner
  const open = once(
    (base: Given[0], parts: readonly SitePart[]) => learner.aggregate(base, parts),
    ([base, parts], [otherBase, others]) => equalBytes(base, otherBase) && areSame(parts, others),
  )
  if (masked === undefined) return { ...learner, aggregate: open }
  return {
    ...learner,
    aggregate: open,
    masked: { ...masked, aggregate: once((...given: Given) => masked.aggregate(...given), isSameSum) },
  }
}

/** The last sum again, where the next is of the same; what throws is not kept. */
function once<Args extends readonly unknown[]>(
  add: (...given: Args) => Aggregation,
  isSame: (given: Args, before: Args) => boolean,
): (...given: Args) => Aggregation {
  let last: { readonly given: Args; readonly made: Aggregation } | undefined
  return (...given) => {
    if (last !== undefined && isSame(given, last.given)) return last.made
    const made = add(...given)
    last = { given, made }
    return made
  }
}

function isSameSum([base, sum, given]: Given, [otherBase, other, before]: Given): boolean {
  return (
    equalBytes(base, otherBase) &&
    sum.study === other.study &&
    sum.round === other.round &&
    sum.sites.join() === other.sites.join() &&
    sum.adverts.size === other.adverts.size &&
    [...sum.adverts].every(([site, { advert, key, examples }]) => {
      const there = other.adverts.get(site)
      return (
        there?.examples === examples &&
        (there.advert === advert || equalBytes(advert, there.advert)) &&
        (there.key === key || equalBytes(key, there.key))
      )
    }) &&
    areSame(given.parts, before.parts) &&
    hasSame(given.shares, before.shares) &&
    hasSame(given.revealed, before.revealed)
  )
}

/** Parts that were read of one document hold the very same arrays. */
function areSame(parts: readonly SitePart[], others: readonly SitePart[]): boolean {
  return (
    parts.length === others.length &&
    parts.every((part, i) => {
      const other = others[i]
      return (
        other !== undefined &&
        part.site === other.site &&
        part.examples === other.examples &&
        part.metrics === other.metrics &&
        part.answer === other.answer
      )
    })
  )
}

function hasSame(given: BySite, before: BySite): boolean {
  return (
    given.size === before.size &&
    [...given].every(([site, bytes]) => {
      const there = before.get(site)
      return there === bytes || (there !== undefined && equalBytes(bytes, there))
    })
  )
}
