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

test('sites of a process that hold the same answers add them up once, and any other answers anew', () => {
  const { added, adding } = counting()
  const base = Uint8Array.of(7)
  const made = adding.aggregate(base, parts)
  expect(adding.aggregate(base.slice(), [...parts])).toBe(made)
  expect(added.times).toBe(1)
  const [first, ...rest] = parts as [SitePart, ...SitePart[]]
  const others: readonly (readonly SitePart[])[] = [
    rest,
    [...rest, first],
    [{ ...first, answer: Uint8Array.of(0, 2) }, ...rest],
    [{ ...first, examples: 4 }, ...rest],
    [{ ...first, metrics: { rmse_30_mgdl: 1 } }, ...rest],
  ]
  for (const [i, changed] of others.entries()) {
    adding.aggregate(base, changed)
    expect(added.times).toBe(i + 2)
  }
  adding.aggregate(Uint8Array.of(8), others.at(-1)!)
  expect(added.times).toBe(others.length + 2)
})

test('what could not be added up is tried again', () => {
  const { added, adding } = counting()
  added.failing = true
  expect(() => adding.aggregate(Uint8Array.of(7), parts)).toThrow(RangeError)
  added.failing = false
  expect(adding.aggregate(Uint8Array.of(7), parts).model).toEqual(Uint8Array.of(2))
})

test('a masked sum is the same one only with the same adverts, shares and reveals, byte for byte', () => {
  const { added, adding } = counting()
  const bytesBy = (seed: number) => new Map(SITES.map((site, i) => [site, Uint8Array.of(seed, i)]))
  const adverts = (seed: number): Sum['adverts'] =>
    new Map(SITES.map((site) => [site, { advert: Uint8Array.of(seed), key: Uint8Array.of(2), examples: 3 }]))
  const sum = (seed: number, round = 1): Sum => ({
    study: named('study'),
    round,
    sites: SITES,
    adverts: adverts(seed),
  })
  const given = (shares: number, revealed: number): Given => ({
    shares: bytesBy(shares),
    parts,
    revealed: bytesBy(revealed),
  })
  const base = Uint8Array.of(7)
  const add = (...[s, g]: [Sum, Given]) => adding.masked!.aggregate(base, s, g)
  const made = add(sum(1), given(1, 1))
  expect(add(sum(1), given(1, 1))).toBe(made)
  expect(added.times).toBe(1)
  add(sum(2), given(1, 1))
  add(sum(2, 2), given(1, 1))
  add(sum(2, 2), given(2, 1))
  add(sum(2, 2), given(2, 2))
  add(sum(2, 2), { ...given(2, 2), revealed: new Map([...bytesBy(2)].slice(1)) })
  expect(added.times).toBe(6)
})
