import { expect, test } from 'vitest'
import { STUDY_PART_BYTES } from '../../api/index.ts'
import { memoryShelf } from '../../consent/browser.door.ts'
import { founderOf, hashOf } from '../../ledger/testing/fixtures.ts'
import { MOST_OBJECT_BYTES, placeOf } from '../../study/index.ts'
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import { fromBase64Url, toHex, utf8 } from '../../vocabulary/index.ts'
import { answerPeers } from './answer-peers.ts'

const [own, site] = ['own', 'site'].map((name) => founderOf(name).id)
const study = hashOf('study')
const object = hashOf('object')
const arrival = {
  from: { kind: 'institution' as const, id: site! },
  keyId: '',
  roles: ['member' as const],
  id: '',
  created: '',
}

const answering = (sites: readonly (typeof own)[], objects = memoryShelf(), words = memoryShelf()) =>
  answerPeers({
    own: own!,
    chain: { approvedSites: async () => sites.flatMap((one) => one ?? []) },
    shelvesOf: async () => ({ objects, words }),
  })

test('an object is given in parts of one size, the last of what is left', async () => {
  const objects = memoryShelf()
  await objects.put(object, new Uint8Array(STUDY_PART_BYTES + 3).fill(7))
  const { 'study-object': ask } = answering([own, site], objects)
  const parts = await Promise.all(
    [0, STUDY_PART_BYTES].map((offset) => ask({ study, object, offset }, arrival)),
  )
  expect(parts.map(({ length, part }) => [length, fromBase64Url(part).length])).toEqual([
    [STUDY_PART_BYTES + 3, STUDY_PART_BYTES],
    [STUDY_PART_BYTES + 3, 3],
  ])
  const beyond = { study, object, offset: STUDY_PART_BYTES + 4 }
  await expect(ask(beyond, arrival)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
})

test('an object that is too large to be carried is refused with its size', async () => {
  const objects = memoryShelf()
  await objects.put(object, new Uint8Array(MOST_OBJECT_BYTES + 1))
  const { 'study-object': ask } = answering([own, site], objects)
  await expect(ask({ study, object, offset: 0 }, arrival)).rejects.toMatchObject({
    code: 'OBJECT_TOO_LARGE',
    facts: { bytes: MOST_OBJECT_BYTES + 1 },
  })
})

test('which words of sites lie here is told by their hashes, and of no other round or site', async () => {
  const words = memoryShelf()
  const place = { study, round: 2, site: site! }
  await words.put(placeOf(place, 'advert'), utf8('said'))
  await words.put(placeOf({ ...place, round: 3 }, 'advert'), utf8('later'))
  await words.put(placeOf({ ...place, site: founderOf('stranger').id }, 'advert'), utf8('by nobody'))
  const { 'study-heard': ask } = answering([own, site], memoryShelf(), words)
  expect(await ask({ study, round: 2 }, arrival)).toEqual({
    heard: [{ site, kind: 'advert', sha256: toHex(nodeHasher.sha256(utf8('said'))) }],
  })
})

test.each([
  { code: 'NOT_A_SITE', sites: [own], why: 'the asker is none' },
  { code: 'STUDY_UNKNOWN', sites: [site], why: 'this institution is none' },
])('$code where, of the sites of the study, $why', async ({ code, sites }) => {
  const { 'study-object': askObject, 'study-words': words, 'study-heard': heard } = answering(sites)
  await expect(askObject({ study, object, offset: 0 }, arrival)).rejects.toMatchObject({ code })
  await expect(words({ study, round: 1, site: own! }, arrival)).rejects.toMatchObject({ code })
  await expect(heard({ study, round: 1 }, arrival)).rejects.toMatchObject({ code })
})
