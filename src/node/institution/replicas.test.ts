import { afterEach, beforeEach, expect, test } from 'vitest'
import { cidOf, memoryStore } from '../../vault/index.ts'
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import { type Bytes, type Cid, IsletError, utf8 } from '../../vocabulary/index.ts'
import { CONSENT, STRANGER, twoInASwarm } from './testing/two-in-a-swarm.ts'

const [first, second, third] = ['one', 'two', 'three'].map((text) => utf8(text)) as [Bytes, Bytes, Bytes]
const nameOf = (bytes: Bytes): Cid => cidOf(nodeHasher, bytes)
/** What the swarm has. */
const swarm = new Map([first, second, third].map((bytes) => [nameOf(bytes), bytes] as const))

let two: Awaited<ReturnType<typeof twoInASwarm>>
let sides: Awaited<ReturnType<(typeof two)['open']>>
const node = memoryStore(nodeHasher)
const copies = {
  list: node.list,
  delete: node.delete,
  pin: async (name: Cid) => {
    const bytes = swarm.get(name)
    if (bytes === undefined) throw new IsletError('OBJECT_MISSING', 'nobody in the swarm has it')
    await node.put(bytes)
  },
}
async function here(): Promise<string[]> {
  const names: string[] = []
  for await (const name of node.list()) names.push(name)
  return names.sort()
}
const named = (...objects: readonly Bytes[]): Cid[] => objects.map(nameOf).sort()

beforeEach(async () => {
  two = await twoInASwarm(copies)
  sides = await two.open()
})
afterEach(async () => {
  for (const name of await here()) await node.delete(name as Cid)
  await two.remove()
})

test('the institution that a consent names holds what it covers, and what is added to it, and lets go at its end', async () => {
  for (const objects of [named(first), named(first, second), named(second), []]) {
    two.state.objects = objects
    await sides.custodian.tell()
    expect(await here()).toEqual(objects)
  }
})

test('what nobody heard is told the next time, and after a restart of both sides what is held is known', async () => {
  two.state.objects = named(first, second)
  two.state.reaches = false
  await sides.custodian.tell()
  expect(await here()).toEqual([])
  two.state.reaches = true
  await sides.custodian.tell()
  expect(await here()).toEqual(named(first, second))

  sides = await two.open()
  two.state.objects = []
  await sides.custodian.tell()
  expect(await here()).toEqual([])
})

test('a custodian who forgot a consent by an erasure tells that nothing is left to hold', async () => {
  two.state.objects = named(first)
  await sides.custodian.tell()
  two.state.objects = undefined
  await sides.custodian.tell()
  expect(await here()).toEqual([])
})

test('an erasure here leaves no copy, whoever else is away', async () => {
  two.state.objects = named(first, third)
  await sides.custodian.tell()
  two.state.isHere = false
  await sides.reader.settle()
  expect(await here()).toEqual([])
})

test('nobody but the custodian of a grant that is here says what to hold, or what to let go', async () => {
  two.state.objects = named(first)
  await sides.custodian.tell()
  const told = sides.reader.handlers['object-pins']
  for (const names of [[nameOf(second)], []]) {
    await expect(told({ consent: CONSENT, names }, two.from(STRANGER))).rejects.toMatchObject({
      code: 'CONSENT_NOT_HANDED_OVER',
    })
  }
  expect(await here()).toEqual(named(first))
})

test('an object that the swarm lacks is asked for again, and nothing is let go meanwhile', async () => {
  two.state.objects = named(first)
  await sides.custodian.tell()
  const bytes = swarm.get(nameOf(second))!
  swarm.delete(nameOf(second))
  two.state.objects = named(second)
  await sides.custodian.tell()
  expect(await here()).toEqual(named(first))
  swarm.set(nameOf(second), bytes)
  await sides.custodian.tell()
  expect(await here()).toEqual(named(second))
})
