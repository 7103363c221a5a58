import { describe, expect, it } from 'vitest'
import { hash32, quantity, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import type { ChainWriter } from './chain.ts'
import { memoryChain } from './testing/memory-chain.ts'
import { START, town, trace } from './testing/town.ts'

/** A town whose custodian writes down what it sends to the ledger. */
async function scene() {
  const sent: string[] = []
  const clock = { now: START as number }
  const chain = memoryChain(() => quantity<UnixSeconds>(clock.now))
  const place = town({
    chainOf: (id) => {
      const real = chain.as(id)
      const told =
        <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
        (...args: A): R => {
          sent.push(name)
          return call(...args)
        }
      const anchor: ChainWriter['anchor'] = (stream, root) =>
        told(`anchor ${stream}`, real.anchor)(stream, root)
      return { ...real, anchor, anchorSlot: told('anchorSlot', real.anchorSlot) }
    },
  })
  const south = await place.house('South Hospital')
  chain.admit({
    id: south.id,
    active: true,
    messageKey: south.keys.public.messageKey,
    hpkeKeyHash: hash32(toHex(new Uint8Array(32))),
  })
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  const at = (seconds: number): void => {
    clock.now = START + seconds
    place.now = clock.now
  }
  return { place, south, anna, sent, at }
}

describe('an institution’s anchors', () => {
  it('are one transaction a slot however often it wakes, of the objects and of the log', async () => {
    const { south, anna, sent, at } = await scene()
    for (let minute = 0; minute < 60; minute += 10) {
      at(minute * 60)
      await anna.add(trace(START + minute * 60 - 300, START + minute * 60))
      await south.open.tick()
    }
    expect(sent).toEqual([])
    at(3_600)
    await south.open.tick()
    await south.open.tick()
    expect(sent).toEqual(['anchorSlot'])
    const slot = await south.chain.latestSlot(south.id, 'log')
    expect(await south.chain.latestSlot(south.id, 'objects')).toBe(slot)
    expect((await south.chain.anchorAt(south.id, 'log', slot))?.count).toBeGreaterThanOrEqual(6)
  })

  it('are the same in a slot in which nobody wrote or read; a log that was never begun has none', async () => {
    const { south, anna, sent, at } = await scene()
    at(3_600)
    await south.open.tick()
    await anna.add(trace(START, START + 3_600))
    for (let hour = 2; hour <= 4; hour++) {
      at(hour * 3_600)
      await south.open.tick()
    }
    expect(sent).toEqual(['anchor objects', 'anchorSlot', 'anchorSlot', 'anchorSlot'])
    const slot = await south.chain.latestSlot(south.id, 'log')
    const counts = [slot - 2, slot - 1, slot].map((one) => south.chain.anchorAt(south.id, 'log', one))
    expect(new Set((await Promise.all(counts)).map((anchor) => anchor?.count)).size).toBe(1)
  })

  it('come to be although the log was anchored under a later slot number', async () => {
    const { south, anna, sent, at } = await scene()
    await anna.add(trace(START - 3_600, START))
    const root = hash32(toHex(new Uint8Array(32).fill(7)))
    const ahead = Math.floor(START / 3_600) + 1
    await south.chain.anchor('log', { slot: ahead, root, count: 9 })
    for (let hour = 1; hour <= 3; hour++) {
      at(hour * 3_600)
      await south.open.tick()
    }
    expect(sent.slice(1)).toEqual(['anchor objects', 'anchor objects', 'anchorSlot'])
  })
})
