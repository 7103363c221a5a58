/**
 * What sites with directories of their own must reach over any road: the models of sites that share a shelf, the same
 * refusals, by the same messages.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { messageSigner } from '../../api/index.ts'
import type { Shelf } from '../../consent/browser.door.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import { type Signer, signer } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { bytesOf, founderOf, hashOf, signerOf } from '../../ledger/testing/fixtures.ts'
import {
  carriedObjects,
  carriedWords,
  heardWords,
  openNextRound,
  peerTurns,
  type SitePoint,
  type SiteWords,
  signedWords,
} from '../../study/index.ts'
import { type RoundTown, roundTown, takeTurns } from '../../study/testing/round-town.ts'
import {
  createEndpoint,
  type Endpoint,
  type Gate,
  openInboxJournal,
  openReplayCache,
  type Peer,
} from '../../transport/index.ts'
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import {
  equalBytes,
  type Hash32,
  hash32,
  type InstitutionId,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../../vocabulary/index.ts'
import { institutionAsk, type Road, sha256, wallClock } from '../institution/wire.ts'
import { answerPeers } from './answer-peers.ts'
import { type AskPeersOptions, askPeers } from './ask-peers.ts'

/** An inbox that a road is to reach. */
export interface SuiteInbox {
  readonly endpoint: Endpoint
  readonly gate: Gate
  /** Told where it is reached. */
  readonly at: (origin: string) => void
}

export interface SuiteRoad {
  readonly carry: Road['carry']
  /** Opens an inbox; gives its origin and certificate. */
  readonly open: (inbox: SuiteInbox) => Promise<Pick<Peer, 'certificate' | 'origin'>>
  /** Takes an inbox off the road. */
  readonly leave: (institution: InstitutionId) => Promise<void>
  /** Opens a place in its stead that takes whatever is sent and never says a word; gives its origin and certificate. */
  readonly mute: (institution: InstitutionId) => Promise<Pick<Peer, 'certificate' | 'origin'>>
  readonly close: () => Promise<void>
}

const SITES = 4
const OUTSIDER = 'outsider'
const REASON = hashOf('to begin anew')
const MASKED = { aggregation: 'masked', clip_norm: 10, differential_privacy: null } as const
const keyOf = (name: string): Signer => signer(bytesOf(`message ${name}`), nodeEd25519)
const idOf = (name: string): InstitutionId => founderOf(name).id

/** One open and one masked study, each with the model that sites on one shelf made. */
let moved = 0
/** The clock of both towns, which a test may move. */
const clock = () => quantity<UnixSeconds>(Math.floor(wallClock()) + moved)
const towns = new Map<'masked' | 'open', { readonly town: RoundTown; readonly model: Hash32 }>()

async function townOf(mode: 'masked' | 'open') {
  const known = towns.get(mode)
  if (known !== undefined) return known
  const town = await roundTown({
    sites: SITES,
    clock,
    people: (site) => [`${site} ann`],
    plan: {
      quorum: { minimum_sites: 3 },
      rounds: 9,
      ...(mode === 'masked' ? { privacy: MASKED } : {}),
    },
  })
  const folder = await mkdtemp(join(tmpdir(), 'islet-one-shelf-'))
  const sites = await Promise.all(
    town.names.map(async (name) =>
      town.openSite(name, await diskShelf(join(folder, name.replace(' ', '-')))),
    ),
  )
  const model = await playRound(town, sites)
  await rm(folder, { recursive: true, force: true })
  const opened = { town, model }
  towns.set(mode, opened)
  return opened
}

/** Ends the ledgers of the suites. */
export async function closeTowns(): Promise<void> {
  for (const { town } of towns.values()) await town.close()
  towns.clear()
}

/** Plays a round from the plan's first model. */
async function playRound(town: RoundTown, sites: Parameters<typeof takeTurns>[0]): Promise<Hash32> {
  await withdrawStanding(town)
  await openRound(town)
  await takeTurns(sites)
  const made = await town.chain.headVersion(town.study)
  if (made === undefined) throw new Error('the round made no model')
  return made.model
}

async function withdrawStanding({ chain, names, study }: RoundTown): Promise<void> {
  const standing = await chain.headVersion(study)
  if (standing !== undefined)
    await chain.as(signerOf(names[0] ?? '')).withdrawVersion(study, standing.number, REASON)
}

async function openRound({ chain, names, study }: RoundTown): Promise<void> {
  await openNextRound(chain, chain.as(signerOf(names[0] ?? '')), study)
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there')
  return value
}

/** Runs the suite over one road. */
export function carrierSuite(name: string, openRoad: () => Promise<SuiteRoad>): void {
  describe(`sites of a study ${name}`, () => {
    let folder = ''
    let road: SuiteRoad
    const closers: (() => Promise<unknown>)[] = []
    const peers = new Map<InstitutionId, Peer>()
    const ways: Road = { carry: (...what) => road.carry(...what), peer: async (id) => peers.get(id) }
    const told: string[] = []
    let now = 1_000

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'islet-carrier-'))
      road = await openRoad()
      const { town } = await townOf('open')
      for (const site of [...town.names]) await openInbox(site)
    })
    afterAll(async () => {
      await road.close()
      for (const close of closers) await close()
      await rm(folder, { recursive: true, force: true })
    })

    const shelves = new Map<string, Promise<Shelf>>()
    const shelfOf = (site: string, study: Hash32, kind: string): Promise<Shelf> => {
      const path = join(folder, site.replace(' ', '-'), study.slice(2, 10), kind)
      const shelf = shelves.get(path) ?? diskShelf(path)
      shelves.set(path, shelf)
      return shelf
    }
    const shelvesOf = async (site: string, study: Hash32) => ({
      objects: await shelfOf(site, study, 'objects'),
      words: await shelfOf(site, study, 'words'),
    })
    const keysOnLedger = async (site: InstitutionId): Promise<Hash32 | undefined> => {
      const { town } = await townOf('open')
      const found = town.names.find((one) => idOf(one) === site)
      return found === undefined ? undefined : hash32(toHex(keyOf(found).publicKey))
    }

    /** The inbox of a site, as an institution opens it; members are the sites and one outsider. */
    async function openInbox(site: string): Promise<void> {
      const { town } = await townOf('open')
      const { town: masked } = await townOf('masked')
      const home = join(folder, site.replace(' ', '-'))
      const replays = await openReplayCache(join(home, 'replays'), wallClock)
      const journal = await openInboxJournal(join(home, 'inbox'), wallClock)
      closers.push(
        () => replays.close(),
        () => journal.close(),
      )
      const members = new Map([...town.names, OUTSIDER].map((one) => [messageSigner(keyOf(one)).keyId, one]))
      let origin = ''
      const gate: Gate = {
        origin: () => origin,
        parties: {
          find: async (keyId) => {
            const member = members.get(keyId)
            return member === undefined
              ? undefined
              : { roles: ['member'], state: 'active', institution: idOf(member) }
          },
        },
        replays,
        verifier: nodeEd25519,
        sha256,
        now: wallClock,
      }
      const chain = {
        approvedSites: async (study: Hash32) =>
          (study === masked.study ? masked : town).chain.approvedSites(study),
      }
      const endpoint = createEndpoint({
        institution: idOf(site),
        gate,
        signer: messageSigner(keyOf(site)),
        journal,
        handlers: answerPeers({
          own: idOf(site),
          chain,
          shelvesOf: (study) => shelvesOf(site, study),
        }),
        report: (error) => {
          throw error
        },
      })
      const at = (there: string): void => {
        origin = there
      }
      const reached = await road.open({ endpoint, gate, at })
      peers.set(idOf(site), {
        institution: idOf(site),
        keyId: messageSigner(keyOf(site)).keyId,
        ...reached,
      })
    }

    const asking = (site: string, study: Hash32, options: AskPeersOptions = {}) =>
      askPeers(study, institutionAsk(idOf(site), keyOf(site), ways), options)
    /** What a site has of a study: its own shelves, and the others' behind them. */
    async function carried(site: string, town: RoundTown, isMute = (_: InstitutionId): boolean => false) {
      const { objects: own, words: shelf } = await shelvesOf(site, town.study)
      const [usual, soon] = [asking(site, town.study), asking(site, town.study, { limitMs: 200 })]
      const turns = peerTurns({
        own: idOf(site),
        peers: {
          object: (peer, ...what) => (isMute(peer) ? soon : usual).object(peer, ...what),
          words: (peer, ...what) => (isMute(peer) ? soon : usual).words(peer, ...what),
          heard: (peer, ...what) => (isMute(peer) ? soon : usual).heard(peer, ...what),
        },
        sites: () => town.chain.approvedSites(town.study),
        clock: () => quantity<UnixSeconds>(now),
        told: (peer, code) => void told.push(`${peer} ${code}`),
      })
      const listening = { shelf, ed: nodeEd25519, keyOf: keysOnLedger }
      const words: SiteWords = carriedWords({
        ...listening,
        own: idOf(site),
        words: signedWords({ ...listening, signer: keyOf(site) }, heardWords(listening)),
        turns,
        hasher: nodeHasher,
      })
      return { own, shelf, words, objects: carriedObjects({ own, turns, hasher: nodeHasher }) }
    }

    test.each(['open', 'masked'] as const)(
      'with directories of their own end %s rounds in the model of sites on one shelf',
      async (mode) => {
        const { town, model } = await townOf(mode)
        const sites = await Promise.all(
          town.names.map(async (site) => {
            const { objects, words } = await carried(site, town)
            return town.openSite(site, await shelfOf(site, town.study, 'journal'), { objects, words })
          }),
        )
        told.length = 0
        expect(await playRound(town, sites)).toBe(model)
        expect(told).toEqual([])
        const latest = await town.chain.latestRound(town.study)
        const round = await town.chain.round(town.study, latest)
        expect(round).toMatchObject({ phase: 'FINAL', survivors: town.names.map(idOf) })
        for (const site of town.names) {
          const { own } = await carried(site, town)
          for (const survivor of found(round).survivors) {
            const { update } = await town.chain.contribution(town.study, latest, survivor)
            expect(await own.get(found(update))).toBeDefined()
          }
        }
      },
    )

    test('end a masked round with the others when one falls mute in it, and have it on record as absent', async () => {
      const { town } = await townOf('masked')
      const [mute = '', ...others] = town.names
      const there = found(peers.get(idOf(mute)))
      let isSilent = false
      // On the model that stands: for the first one shares were revealed before, for all of them.
      await openRound(town)
      const open = async (site: string, notice = (_: SitePoint): void => {}) => {
        const { objects, words } = await carried(site, town, (peer) => isSilent && peer === idOf(mute))
        return town.openSite(site, await shelfOf(site, town.study, 'journal'), { objects, words, notice })
      }
      const falling = await open(mute, (point) => {
        if (point === 'SHARES_MADE') throw new Error('not a word more')
      })
      const awake = await Promise.all(others.map((site) => open(site)))
      // Who has made its shares has compared the adverts: the others have them all, and wait for what it would say.
      while (!isSilent) {
        isSilent = await falling.step().then(
          () => false,
          (error: unknown) => String(error).includes('not a word more'),
        )
        if (!isSilent) for (const site of awake) await site.step()
      }
      peers.set(idOf(mute), { ...there, ...(await road.mute(idOf(mute))) })
      told.length = 0
      const latest = await town.chain.latestRound(town.study)
      const round = async () => found(await town.chain.round(town.study, latest))
      const { stepSeconds } = await town.chain.plan(town.study)
      // Up to a sixth of the step it is asked what it heard, up to half of it for its shares, up to its end for its update.
      for (const part of [0, 1 / 5, 2 / 5, 1 / 2, 1.1]) {
        moved += part * stepSeconds
        await takeTurns(awake)
      }
      expect(await round()).toMatchObject({
        phase: 'FINAL',
        cohorts: town.names.map(idOf),
        survivors: others.map(idOf),
      })
      expect(new Set(told)).toEqual(new Set([`${idOf(mute)} PEER_TOO_SLOW`]))
      peers.set(idOf(mute), there)
      await withdrawStanding(town)
    })

    test('fetch an object in parts, and keep it', async () => {
      const { town } = await townOf('open')
      const [site = '', other = ''] = town.names
      const bytes = new Uint8Array(randomBytes(1_100_000))
      const object = hash32(`0x${createHash('sha256').update(bytes).digest('hex')}`)
      await (await shelfOf(other, town.study, 'objects')).put(object, bytes)
      const { objects, own } = await carried(site, town)
      expect(await own.get(object)).toBeUndefined()
      expect(equalBytes(found(await objects.get(object)), bytes)).toBe(true)
      expect(equalBytes(found(await own.get(object)), bytes)).toBe(true)
    })

    test('name a peer that answers with other bytes, keep none of them, and ask the next', async () => {
      const { town, model } = await townOf('open')
      const [site = '', liar = ''] = town.names
      const { objects, own } = await carried(site, town)
      await (await shelfOf(site, town.study, 'objects')).delete(model)
      const theirs = await shelfOf(liar, town.study, 'objects')
      const theTrue = found(await theirs.get(model))
      await theirs.put(model, theTrue.with(0, (theTrue[0] ?? 0) ^ 1))
      told.length = 0
      expect(await objects.get(model, idOf(liar))).toEqual(theTrue)
      expect(told).toEqual([`${idOf(liar)} PEER_ANSWER_WRONG`])
      expect(await own.get(model)).toEqual(theTrue)
      await theirs.put(model, theTrue)
    })

    test('are the only ones who are answered, and only of their own study', async () => {
      const { town, model } = await townOf('open')
      const { town: other } = await townOf('masked')
      const [site = '', asked = ''] = town.names
      const place = { study: town.study, round: 1, site: idOf(asked) }
      const stranger = asking(OUTSIDER, town.study)
      await expect(stranger.object(idOf(asked), model, 0)).rejects.toMatchObject({ code: 'NOT_A_SITE' })
      await expect(stranger.words(idOf(asked), place)).rejects.toMatchObject({ code: 'NOT_A_SITE' })
      const nosy = asking(site, other.study)
      await expect(nosy.object(idOf(asked), model, 0)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
      expect((await asking(site, town.study).object(idOf(asked), model, 0)).length).toBeGreaterThan(0)
    })

    test('go on when one falls silent, and hear its words from the others, by its signature alone', async () => {
      const { town } = await townOf('masked')
      const [site = '', liar = '', other = '', silent = ''] = town.names
      await road.leave(idOf(silent))
      const place = {
        study: town.study,
        round: await town.chain.latestRound(town.study),
        site: idOf(silent),
      }
      const name = `${place.study.slice(2)}/${place.round}/advert-${place.site.slice(2)}`
      await (await shelfOf(site, town.study, 'words')).delete(name)
      const theirs = await shelfOf(liar, town.study, 'words')
      const theTrue = found(await theirs.get(name))
      const { word } = JSON.parse(Buffer.from(theTrue).toString())
      await theirs.put(
        name,
        utf8(JSON.stringify({ word: { ...word, examples: 9 }, signature: 'A'.repeat(86) })),
      )
      const { words, objects } = await carried(site, town)
      told.length = 0
      expect(await words.heard(place, 'advert')).toEqual(word)
      expect(told).toEqual([
        expect.stringMatching(`^${idOf(silent)} PEER_(UNREACHABLE|UNKNOWN)$`),
        `${idOf(liar)} PEER_ANSWER_WRONG`,
      ])
      // Left alone for a while, and asked again afterwards.
      told.length = 0
      const nowhere = hashOf('an object that nobody has')
      expect(await objects.get(nowhere, idOf(silent))).toBeUndefined()
      expect(told).toEqual([])
      now += 60
      expect(await objects.get(nowhere, idOf(silent))).toBeUndefined()
      expect(told).toEqual([expect.stringContaining(idOf(silent))])
      // A true word of another round is as little the word of this one.
      const oldName = `${place.study.slice(2)}/1/advert-${place.site.slice(2)}`
      await (await shelfOf(other, town.study, 'words')).put(name, found(await town.board.get(oldName)))
      const next = await carried(site, town)
      await next.shelf.put(name, utf8('{}'))
      told.length = 0
      now += 60
      expect(await next.words.heard(place, 'advert')).toBeUndefined()
      expect(told.slice(1)).toEqual([`${idOf(liar)} PEER_ANSWER_WRONG`, `${idOf(other)} PEER_ANSWER_WRONG`])
    })

    test('wait one time limit for who holds the line and says nothing, then go on with the others', async () => {
      const { town } = await townOf('open')
      const [site = '', , other = '', mute = ''] = town.names
      const there = found(peers.get(idOf(mute)))
      peers.set(idOf(mute), { ...there, ...(await road.mute(idOf(mute))) })
      const bytes = ['one', 'another'].map((text) => utf8(text))
      const [one, another] = bytes.map((text) =>
        hash32(`0x${createHash('sha256').update(text).digest('hex')}`),
      )
      const theirs = await shelfOf(other, town.study, 'objects')
      await theirs.put(found(one), found(bytes[0]))
      await theirs.put(found(another), found(bytes[1]))
      const { objects } = await carried(site, town, (peer) => peer === idOf(mute))
      told.length = 0
      expect(await objects.get(found(one), idOf(mute))).toEqual(bytes[0])
      expect(told).toEqual([`${idOf(mute)} PEER_TOO_SLOW`])
      // And it is left alone for a while: it costs one limit, not one a question.
      expect(await objects.get(found(another), idOf(mute))).toEqual(bytes[1])
      expect(told).toEqual([`${idOf(mute)} PEER_TOO_SLOW`])
    })
  })
}
