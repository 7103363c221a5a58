/** Sites with shelves of their own, and one that tells different sites different things under its own signature. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryShelf, type Shelf } from '../consent/browser.door.ts'
import { signer } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { bytesOf, signerOf } from '../ledger/testing/fixtures.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import {
  fromBase64Url,
  fromUtf8,
  type Hash32,
  hash32,
  type InstitutionId,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import { carriedWords, heardIn } from './carried-words.ts'
import { openNextRound } from './conduct.ts'
import { addedUp } from './masked-way.ts'
import { summedSites } from './masked-words.ts'
import { networkLearner } from './network-learner.ts'
import { type PeerTurns, peerTurns, type StudyPeers } from './peer-turns.ts'
import { heardWords, placeOf, signedWords, wordsIn } from './signed-words.ts'
import type { SiteStep } from './site-step.ts'
import { type SiteWord, type SiteWords, WORD_KINDS, type WordKind } from './site-words.ts'
import { memoryShelves, type RoundTown, roundTown, takeTurns } from './testing/round-town.ts'
import { readUpdate } from './update-document.ts'

const KEY = toBase64Url(bytesOf('a key'))
const MASKED = { aggregation: 'masked', clip_norm: 10, differential_privacy: null } as const
const keyPairOf = (name: string) => signer(bytesOf(`message ${name}`), nodeEd25519)

const STEP = 60
let town: RoundTown
let now = 1_790_000_000
/** The one that lies is the last of four; the first hears other words of it than the rest. */
let liar = ''
let deceived = ''

beforeAll(async () => {
  town = await roundTown({
    sites: 4,
    people: (site) => (site === 0 ? ['0 ann', '0 ben'] : [`${site} ann`]),
    plan: { privacy: MASKED, quorum: { minimum_sites: 3 }, rounds: 9, deadlines: { step_seconds: STEP } },
    clock: () => quantity<UnixSeconds>(now),
  })
  deceived = town.names[0] ?? ''
  liar = town.names[3] ?? ''
})
afterAll(() => town?.close())

const nameOf = (id: InstitutionId): string => town.names.find((name) => town.idOf(name) === id) ?? ''
const keyOf = async (id: InstitutionId): Promise<Hash32> => hash32(toHex(keyPairOf(nameOf(id)).publicKey))
const listening = (shelf: Shelf) => ({ shelf, ed: nodeEd25519, keyOf })
const speaking = (name: string, shelf: Shelf) => signedWords({ ...listening(shelf), signer: keyPairOf(name) })

/** Words of sites that live apart; `lie`: what the liar tells the deceived in place of a word, if not the same. */
function apart(lie: (word: SiteWord) => SiteWord = (word) => word) {
  const shelfOf = memoryShelves()
  const second = memoryShelf()
  const peersOf = (asker: string): StudyPeers => ({
    object: () => Promise.reject(new Error('objects lie on one shelf here')),
    words: async (site, place) => {
      const isTold = asker === deceived && nameOf(site) === liar && nameOf(place.site) === liar
      const from = isTold ? second : shelfOf(nameOf(site))
      return (await Promise.all(WORD_KINDS.map((kind) => wordsIn(from, place, kind)))).flat()
    },
    heard: (site, round) => heardIn(shelfOf(nameOf(site)), nodeHasher, round, town.names.map(town.idOf)),
  })
  const turnsOf = (name: string): PeerTurns =>
    peerTurns({
      own: town.idOf(name),
      peers: peersOf(name),
      sites: () => town.chain.approvedSites(town.study),
      clock: () => quantity<UnixSeconds>(1),
    })
  const wordsOf = (name: string): SiteWords => {
    const own = speaking(name, shelfOf(name))
    const say = async (word: SiteWord): Promise<void> => {
      await own.say(word)
      if (name === liar) await speaking(name, second).say(lie(word))
    }
    return carriedWords({
      ...listening(shelfOf(name)),
      own: town.idOf(name),
      words: { ...own, say },
      turns: turnsOf(name),
      hasher: nodeHasher,
    })
  }
  return { shelfOf, wordsOf }
}

async function playedRound(words: ReturnType<typeof apart>): Promise<{
  readonly round: number
  readonly steps: readonly SiteStep[]
}> {
  await openNextRound(town.chain, town.chain.as(signerOf(deceived)), town.study)
  const sites = town.names.map((name) => town.openSite(name, memoryShelf(), { words: words.wordsOf(name) }))
  const round = await town.chain.latestRound(town.study)
  const steps: SiteStep[] = []
  // What the liar does not do any more is waited for until the step's end.
  for (let i = 0; i < 5 && (await town.chain.round(town.study, round))?.phase !== 'FINAL'; i++) {
    steps.push(...(await takeTurns(sites)))
    now += i === 0 ? 0 : STEP + 1
  }
  return { round, steps }
}

const reportOf = async (): Promise<{ readonly round: number; readonly equivocated?: readonly string[] }> =>
  JSON.parse(fromUtf8((await town.objects.get((await town.chain.headVersion(town.study))!.report))!))

test('sites that say one thing to all compare what they heard and name nobody', async () => {
  const { round, steps } = await playedRound(apart())
  expect(steps.some((step) => 'equivocated' in step)).toBe(false)
  const report = await reportOf()
  expect([report.round, report.equivocated]).toEqual([round, undefined])
})

const LIES: readonly {
  readonly kind: WordKind
  readonly lie: (word: SiteWord) => SiteWord
  readonly did: SiteStep['did']
}[] = [
  {
    kind: 'advert',
    lie: (word) => (word.kind === 'advert' ? { ...word, examples: word.examples + 1 } : word),
    did: 'share',
  },
  {
    kind: 'shares',
    lie: (word) => (word.kind === 'shares' ? { ...word, sealed: spoilt(word.sealed) } : word),
    did: 'commit',
  },
]

describe.each(LIES)('a site that signs two words of kind $kind', ({ kind, lie, did }) => {
  let words: ReturnType<typeof apart>
  let round = 0
  let steps: readonly SiteStep[] = []
  beforeAll(async () => {
    words = apart(lie)
    ;({ round, steps } = await playedRound(words))
  })

  test('is left out by every other one in the same round, which ends in one model of theirs', async () => {
    const named = steps.filter((step) => step.did === did && 'equivocated' in step)
    expect(named).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ equivocated: [town.idOf(liar)] })),
    )
    expect(await town.chain.round(town.study, round)).toMatchObject({ phase: 'FINAL' })
    expect(await reportOf()).toMatchObject({ round, equivocated: [town.idOf(liar)] })
  })

  test('is shown by its own two signatures: every other site keeps both, and so does each of their updates', async () => {
    const place = { study: town.study, round, site: town.idOf(liar) }
    for (const name of town.names.slice(0, 3)) {
      const here = heardWords(listening(words.shelfOf(name)))
      const shown = await here.equivocation(place, kind)
      expect(shown, name).toMatchObject({ site: town.idOf(liar), kind })
      const { update } = await town.chain.contribution(town.study, round, town.idOf(name))
      const bytes = await town.objects.get(update!)
      const { part } = readUpdate(bytes!, update!, { ...place, site: town.idOf(name) })
      expect(part.equivocations).toEqual([shown])
      expect(part.sharers).toEqual(town.names.slice(0, 3).map(town.idOf).sort())
    }
  })

  test('is found again by whoever adds the round up later, who never heard of it', async () => {
    const { masked, modelHash, firstModel } = networkLearner(town.plan, { hasher: nodeHasher })
    const here = heardWords(listening(words.shelfOf(town.names[1] ?? '')))
    const later = { ...here, equivocation: async () => undefined }
    const opened = (await town.chain.round(town.study, round))!
    const base = await town.chain.version(town.study, opened.base)
    const model = base === undefined ? firstModel() : (await town.objects.get(base.model))!
    const named = await namedParts(round)
    const summed = await summedSites(later, { study: town.study, round }, named)
    expect(summed.parts.map(({ site }) => nameOf(site)).sort()).toEqual(town.names.slice(0, 3))
    const again = await addedUp({ masked: masked!, words: later }, opened, model, summed)
    expect(modelHash(again.model)).toBe((await town.chain.headVersion(town.study))!.model)
  })
})

test('two words in which a site reveals its shares change no sum, and are kept where they are compared', async () => {
  const lying = (word: SiteWord): SiteWord =>
    word.kind === 'unmask' ? { ...word, shares: spoilt(word.shares) } : word
  const words = apart(lying)
  const { round } = await playedRound(words)
  expect(await town.chain.round(town.study, round)).toMatchObject({ phase: 'FINAL' })
  expect((await reportOf()).equivocated).toBeUndefined()
  const all = town.names.map(town.idOf)
  await words.wordsOf(deceived).compare?.({ study: town.study, round }, all, 'unmask')
  const here = heardWords(listening(words.shelfOf(deceived)))
  const place = { study: town.study, round, site: town.idOf(liar) }
  expect(await here.equivocation(place, 'unmask')).toMatchObject({ kind: 'unmask' })
})

async function namedParts(round: number) {
  const { survivors } = (await town.chain.round(town.study, round))!
  return Promise.all(
    survivors.map(async (site) => {
      const { update } = await town.chain.contribution(town.study, round, site)
      const bytes = await town.objects.get(update!)
      return {
        site,
        update: update!,
        part: readUpdate(bytes!, update!, { study: town.study, round, site }).part,
      }
    }),
  )
}

function spoilt(text: string): string {
  const bytes = fromBase64Url(text)
  bytes[3] = (bytes[3] ?? 0) ^ 1
  return toBase64Url(bytes)
}

describe('nobody is accused', () => {
  const place = () => ({ study: town.study, round: 99, site: town.idOf(liar) })
  const advert = (examples: number) =>
    ({ ...place(), kind: 'advert', advert: 'AAAA', key: KEY, examples }) as const

  test('by the same word spelt another way, by words of two places, or by a word that somebody else signed', async () => {
    const [one, two] = [memoryShelf(), memoryShelf()]
    await speaking(liar, one).say(advert(1))
    const name = placeOf(place(), 'advert')
    const said = (await one.get(name))!
    const respelt = utf8(JSON.stringify(JSON.parse(fromUtf8(said)), null, 1))
    const words = heardWords(listening(one))
    const shown = (a: Uint8Array, b: Uint8Array) =>
      ({ site: town.idOf(liar), kind: 'advert', words: [toBase64Url(a), toBase64Url(b)] }) as const
    expect(await words.isEquivocation(place(), shown(said, respelt))).toBe(false)
    await speaking(deceived, two).say(advert(2))
    const forged = (await two.get(name))!
    expect(await words.isEquivocation(place(), shown(said, forged))).toBe(false)
    await speaking(liar, two).say({ ...advert(2), round: 98 })
    const elsewhere = (await two.get(placeOf({ ...place(), round: 98 }, 'advert')))!
    expect(await words.isEquivocation(place(), shown(said, elsewhere))).toBe(false)
    await speaking(liar, two).say(advert(2))
    expect(await words.isEquivocation(place(), shown(said, (await two.get(name))!))).toBe(true)
  })

  test('by an update that shows no such words: it is in no sum', async () => {
    const round = await town.chain.latestRound(town.study)
    const named = await namedParts(round)
    const [first, ...rest] = named
    const shown = { site: town.idOf(liar), kind: 'advert', words: ['AAAA', 'BBBB'] } as const
    const lying = { ...first!, part: { ...first!.part, equivocations: [shown] } }
    const words = heardWords(listening(memoryShelf()))
    const { parts } = await summedSites(words, { study: town.study, round }, [lying, ...rest])
    expect(parts.map(({ site }) => site)).not.toContain(first!.site)
  })
})

test('where all look at one shelf the first word counts on, and the second one is kept beside it', async () => {
  const place = { study: town.study, round: 97, site: town.idOf(liar) }
  const board = memoryShelf()
  const hearing = heardWords(listening(board))
  const speech = speaking(liar, board)
  const word = { ...place, kind: 'advert', advert: 'AAAA', key: KEY, examples: 1 } as const
  await speech.say(word)
  expect(await hearing.heard(place, 'advert')).toEqual(word)
  await speech.say({ ...word, examples: 2 })
  expect(await hearing.heard(place, 'advert')).toEqual(word)
  expect(await heardWords(listening(board)).equivocation(place, 'advert')).toMatchObject({ kind: 'advert' })
})

test('an honest site says nothing twice: whose people changed after its advert was said sits the round out', async () => {
  await openNextRound(town.chain, town.chain.as(signerOf(deceived)), town.study)
  const round = await town.chain.latestRound(town.study)
  const disk = memoryShelf()
  const words = apart().wordsOf(deceived)
  const cut = (): never => {
    throw new Error('power cut')
  }
  const notice = (point: string): void => void (point === 'ADVERTISED' && cut())
  await expect(town.openSite(deceived, disk, { words, notice }).step()).rejects.toThrow('power cut')
  await town.revoke('0 ann')
  expect(await town.openSite(deceived, disk, { words }).step()).toEqual({
    did: 'void',
    round,
    because: 'ADVERT_SAID',
  })
})

test('sites that look for one word at once look once, and what was said meanwhile is heard by who looks next', async () => {
  const place = { study: town.study, round: 96, site: town.idOf(liar) }
  const board = memoryShelf()
  let looks = 0
  const counting: Shelf = {
    ...board,
    get: (name) => {
      looks += 1
      return board.get(name)
    },
  }
  const hearing = heardWords(listening(counting))
  const looked = () => Promise.all(town.names.map(() => hearing.heard(place, 'advert')))
  expect(new Set(await looked())).toEqual(new Set([undefined]))
  expect(looks).toBe(1)
  const word = { ...place, kind: 'advert', advert: 'AAAA', key: KEY, examples: 1 } as const
  await speaking(liar, board).say(word)
  expect(await looked()).toEqual(town.names.map(() => word))
  expect(looks).toBe(2)
})
