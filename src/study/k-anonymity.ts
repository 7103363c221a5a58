/**
 * What may be told of people so that each is like k others or more.
 *
 * Laws: whatever combination leaves, leaves with k people or more; a person's attributes are withheld one after the
 * other, region first, before the person is; who is still too rare is left out. Pure, and blind to the order of people.
 * Source: Sweeney, "k-anonymity: a model for protecting privacy", 2002 (generalisation and suppression).
 */

export interface PersonAttributes {
  /** Whole years. */
  readonly ageYears?: number
  readonly sex?: string
  readonly region?: string
}

/** Attributes as they leave; null = withheld or unknown. */
export interface TellableAttributes {
  /** Ten years, as `30-39`; `90+` holds all from ninety. */
  readonly ageBand: string | null
  readonly sex: string | null
  readonly region: string | null
}

const OLDEST_BAND = 90
/** In the order in which they are withheld. */
const WITHHELD = ['region', 'ageBand', 'sex'] as const
type Name = (typeof WITHHELD)[number]

/** Attributes of each person as they may leave, or undefined for who may not leave at all. */
export function generalised(
  people: readonly PersonAttributes[],
  k: number,
  tellable: readonly Name[],
): readonly (TellableAttributes | undefined)[] {
  const told: (TellableAttributes | undefined)[] = people.map(() => undefined)
  let waiting = people.map((person, index) => ({ index, told: bandsOf(person, tellable) }))
  for (let withheld = 0; withheld <= WITHHELD.length; withheld += 1) {
    const hidden = WITHHELD.slice(0, withheld)
    waiting = waiting.map((one) => ({ ...one, told: without(one.told, hidden) }))
    const alike = new Map<string, number>()
    for (const one of waiting) alike.set(keyOf(one.told), (alike.get(keyOf(one.told)) ?? 0) + 1)
    const isEnough = (one: (typeof waiting)[number]): boolean => (alike.get(keyOf(one.told)) ?? 0) >= k
    for (const one of waiting.filter(isEnough)) told[one.index] = one.told
    waiting = waiting.filter((one) => !isEnough(one))
  }
  return told
}

function keyOf({ ageBand, sex, region }: TellableAttributes): string {
  return JSON.stringify([ageBand, sex, region])
}

function bandsOf({ ageYears, sex, region }: PersonAttributes, tellable: readonly Name[]): TellableAttributes {
  const all: TellableAttributes = {
    ageBand: ageYears === undefined ? null : bandOf(ageYears),
    sex: sex ?? null,
    region: region ?? null,
  }
  return without(
    all,
    WITHHELD.filter((name) => !tellable.includes(name)),
  )
}

function bandOf(years: number): string {
  if (years >= OLDEST_BAND) return `${OLDEST_BAND}+`
  const from = Math.floor(years / 10) * 10
  return `${from}-${from + 9}`
}

function without(told: TellableAttributes, names: readonly Name[]): TellableAttributes {
  return { ...told, ...Object.fromEntries(names.map((name) => [name, null])) }
}
