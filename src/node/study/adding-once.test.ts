import { expect, test } from 'vitest'
import { type ForecastData, type Learner, networkLearner, type SitePart } from '../../study/index.ts'
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import { hash32, institutionId, toHex, utf8 } from '../../vocabulary/index.ts'
import { addingOnce } from './adding-once.ts'

type Masked = NonNullable<Learner<ForecastData>['masked']>
type Sum = Parameters<Masked['aggregate']>[1]
type Given = Parameters<Masked['aggregate']>[2]

const named = (text: string) => hash32(toHex(nodeHasher.sha256(utf8(text))))
const SITES = ['north', 'south', 'east'].map((name) => institutionId(named(name)))
const parts = SITES.map(
  (site, i): SitePart => ({ site, examples: 3, metrics: {}, answer: Uint8Array.of(i, 1) }),
)

/** A learner that counts its sums, and throws while told to. */
function counting() {
  const added = { times: 0, failing: false }
  const aggregate = () => {
    added.times += 1
    if (added.failing) throw new RangeError('not yet')
    return { model: Uint8Array.of(added.times), metrics: {}, excluded: [] }
  }
  const plan = {
    data: { kinds: ['glucose'], features: ['glucose'], from: '', until: '' },
    model: { name: 'gru-4', code_hash: named('code'), initial_hash: named('model') },
    rounds: 1,
    strategy: { name: 'fedavg', local_epochs: 1, learning_rate: 0.01 },
    privacy: { aggregation: 'masked', clip_norm: 1, differential_privacy: null },
  } as const
  const learner = networkLearner(plan as unknown as Parameters<typeof networkLearner>[0], {
    hasher: nodeHasher,
  })
  const masked: Masked = { ...learner.masked!, aggregate }
  return { added, adding: addingOnce({ ...learner, aggregate, masked }) }
}

/** Whether what follows one sum is added up anew. */
type Follows<Args> = readonly [what: string, args: Args]

test('sites of a process that hold the same answers add them up once, and any other answers anew', () => {
  const { added, adding } = counting()
  const base = Uint8Array.of(7)
  const [first, ...rest] = parts as [SitePart, ...SitePart[]]
  const others: readonly Follows<readonly [Uint8Array<ArrayBuffer>, readonly SitePart[]]>[] = [
    ['one less', [base, rest]],
    ['another order', [base, [...rest, first]]],
    ['another site', [base, [{ ...first, site: institutionId(named('west')) }, ...rest]]],
    ['another answer', [base, [{ ...first, answer: Uint8Array.of(0, 2) }, ...rest]]],
    ['another weight', [base, [{ ...first, examples: 4 }, ...rest]]],
    ['other figures', [base, [{ ...first, metrics: { rmse_30_mgdl: 1 } }, ...rest]]],
    ['another base', [Uint8Array.of(8), parts]],
  ]
  for (const [what, changed] of others) {
    const made = adding.aggregate(base, parts)
    const { times } = added
    expect(adding.aggregate(base.slice(), [...parts]), what).toBe(made)
    expect(added.times, what).toBe(times)
    expect(adding.aggregate(...changed), what).not.toBe(made)
    expect(added.times, what).toBe(times + 1)
  }
})

test('what could not be added up is tried again', () => {
  const { added, adding } = counting()
  added.failing = true
  expect(() => adding.aggregate(Uint8Array.of(7), parts)).toThrow(RangeError)
  added.failing = false
  expect(adding.aggregate(Uint8Array.of(7), parts).model).toEqual(Uint8Array.of(2))
})

test('a masked sum is the same one only with the same place, base, adverts, parts, shares and reveals', () => {
  const { added, adding } = counting()
  const [north, ...rest] = SITES as [Sum['sites'][number], ...Sum['sites'][number][]]
  const bytesBy = (seed = 1) => new Map(SITES.map((site, i) => [site, Uint8Array.of(i === 0 ? seed : 1, i)]))
  const adverts = (of: Partial<AdvertOf> = {}): Sum['adverts'] => {
    const usual = { advert: Uint8Array.of(1), key: Uint8Array.of(2), examples: 3 }
    return new Map(SITES.map((site) => [site, site === north ? { ...usual, ...of } : usual]))
  }
  type AdvertOf = Sum['adverts'] extends ReadonlyMap<unknown, infer One> ? One : never
  const sum = (of: Partial<Sum> = {}): Sum => ({
    study: named('study'),
    round: 1,
    sites: SITES,
    adverts: adverts(),
    ...of,
  })
  const given = (of: Partial<Given> = {}): Given => ({
    shares: bytesBy(),
    parts,
    revealed: bytesBy(),
    ...of,
  })
  const base = Uint8Array.of(7)
  const changedPart = [{ ...(parts[0] as SitePart), answer: Uint8Array.of(9) }, ...parts.slice(1)]
  const others: readonly Follows<Parameters<Masked['aggregate']>>[] = [
    ['another base', [Uint8Array.of(8), sum(), given()]],
    ['another study', [base, sum({ study: named('another') }), given()]],
    ['another round', [base, sum({ round: 2 }), given()]],
    ['fewer sites', [base, sum({ sites: rest }), given()]],
    ['fewer adverts', [base, sum({ adverts: new Map([...adverts()].slice(1)) }), given()]],
    ['another advert', [base, sum({ adverts: adverts({ advert: Uint8Array.of(9) }) }), given()]],
    ['another share key', [base, sum({ adverts: adverts({ key: Uint8Array.of(9) }) }), given()]],
    ['another weight', [base, sum({ adverts: adverts({ examples: 4 }) }), given()]],
    ['another update', [base, sum(), given({ parts: changedPart })]],
    ['other shares', [base, sum(), given({ shares: bytesBy(2) })]],
    ['fewer shares', [base, sum(), given({ shares: new Map([...bytesBy()].slice(1)) })]],
    ['other reveals', [base, sum(), given({ revealed: bytesBy(2) })]],
    ['fewer reveals', [base, sum(), given({ revealed: new Map([...bytesBy()].slice(1)) })]],
  ]
  for (const [what, changed] of others) {
    const made = adding.masked!.aggregate(base, sum(), given())
    const { times } = added
    expect(adding.masked!.aggregate(base.slice(), sum(), given()), what).toBe(made)
    expect(added.times, what).toBe(times)
    expect(adding.masked!.aggregate(...changed), what).not.toBe(made)
    expect(added.times, what).toBe(times + 1)
  }
})
