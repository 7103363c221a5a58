import { expect, test } from 'vitest'
import { memoryShelf } from '../consent/browser.door.ts'
import { bytesOf, founderOf } from '../ledger/testing/fixtures.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import { type Hash32, hash32, quantity, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import { carriedObjects, MOST_OBJECT_BYTES } from './carried-objects.ts'
import { type ObjectPart, peerTurns, type StudyPeers } from './peer-turns.ts'

const OBJECT = Uint8Array.from([1, 2, 3, 4, 5])
const NAME = hash32(toHex(nodeHasher.sha256(OBJECT)))
const [own, first, second] = ['own', 'first', 'second'].map((name) => founderOf(name).id)

/** The own site beside two others: what the first answers is given, the second has the object in parts of two bytes. */
function shelfBeside(answer: (offset: number) => ObjectPart) {
  const told: string[] = []
  const asked: Hash32[] = []
  const peers: StudyPeers = {
    object: async (site, object, offset) => {
      asked.push(site)
      expect(object).toBe(NAME)
      const honest = { length: OBJECT.length, part: OBJECT.slice(offset, offset + 2) }
      return site === first ? answer(offset) : honest
    },
    words: async () => [],
    heard: async () => [],
  }
  const turns = peerTurns({
    own: own!,
    peers,
    sites: async () => [first!, second!, own!],
    clock: () => quantity<UnixSeconds>(1),
    told: (site, code) => void told.push(`${site === first ? 'first' : 'second'} ${code}`),
  })
  const shelf = memoryShelf()
  return { objects: carriedObjects({ own: shelf, turns, hasher: nodeHasher }), shelf, told, asked }
}

test.each<{ why: string; answer: (offset: number) => ObjectPart }>([
  { why: 'other bytes', answer: () => ({ length: 4, part: bytesOf('x').subarray(0, 4) }) },
  { why: 'a length beyond any object', answer: () => ({ length: MOST_OBJECT_BYTES + 1, part: OBJECT }) },
  { why: 'more than the length it names', answer: () => ({ length: 3, part: OBJECT }) },
  {
    why: 'nothing more, for ever',
    answer: (at) => ({ length: 5, part: OBJECT.subarray(at, at === 0 ? 2 : at) }),
  },
  {
    why: 'another length midway',
    answer: (at) => ({ length: at === 0 ? 5 : 6, part: OBJECT.subarray(at, at + 2) }),
  },
])('a peer that gives $why is named, and the next one is asked', async ({ answer }) => {
  const { objects, shelf, told } = shelfBeside(answer)
  expect(await objects.get(NAME)).toEqual(OBJECT)
  expect(told).toEqual(['first PEER_ANSWER_WRONG'])
  expect(await shelf.get(NAME)).toEqual(OBJECT)
})

test('what is at hand, or being fetched, is asked of nobody again, and who made it is asked first', async () => {
  const { objects, asked } = shelfBeside(() => ({ length: 5, part: OBJECT }))
  const [one, other] = await Promise.all([objects.get(NAME, second), objects.get(NAME)])
  expect([one, other, await objects.get(NAME)]).toEqual([OBJECT, OBJECT, OBJECT])
  expect(asked).toEqual([second, second, second])
})

test('what is no IsletError is not taken for a silent peer', async () => {
  const { objects } = shelfBeside(() => {
    throw new TypeError('a bug')
  })
  await expect(objects.get(NAME)).rejects.toThrow(TypeError)
})
