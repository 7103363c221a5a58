import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { signer } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { fromHex, institutionId, isIsletError, type Json, utf8 } from '../vocabulary/index.ts'
import { keccakText } from './abi-words.ts'
import { packBundle, unpackBundle } from './bundle.ts'
import { sign } from './document.ts'
import { orderGate } from './orders.ts'
import { openRevokeRegister, revokeDocument } from './revoke-register.ts'
import { memoryShelf, type Shelf, shelfPart } from './shelf.ts'
import { diskShelf } from './shelf-disk.door.ts'
import { recordShelf } from './shelf-records.door.ts'
import { openSlotBook } from './slot-book.ts'
import { consentOf } from './testing/chain.suite.ts'
import { memoryChain } from './testing/memory-chain.ts'
import { at, START, seedOf } from './testing/town.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'islet-shelf-'))
  folders.push(made)
  return made
}
async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (isIsletError(error)) return error.code
    throw error
  }
  return 'NO_ERROR'
}

describe.each([
  ['in memory', async () => memoryShelf()],
  ['on a disk', async () => diskShelf(await folder())],
  ['in one file', async () => recordShelf(join(await folder(), 'shelf'))],
] as const)('a shelf %s', (_, open) => {
  it('gives back what was put, lists by prefix in order, and forgets what was deleted', async () => {
    const shelf: Shelf = await open()
    expect(await shelf.get('a/b')).toBeUndefined()
    await shelf.put('a/b', utf8('one'))
    await shelf.put('a/b', utf8('two'))
    await shelf.put('a/a', utf8('three'))
    await shelf.put('b', utf8('four'))
    expect(Buffer.from((await shelf.get('a/b'))!).toString()).toBe('two')
    expect(await shelf.list('a/')).toEqual(['a/a', 'a/b'])
    expect(await shelf.list('')).toEqual(['a/a', 'a/b', 'b'])
    expect(await shelfPart(shelf, 'a').list('')).toEqual(['a', 'b'])
    expect([await shelf.delete('a/b'), await shelf.delete('a/b')]).toEqual([true, false])
    expect(await shelf.list('')).toEqual(['a/a', 'b'])
  })

  it('makes no path of a name that would leave it', async () => {
    const shelf: Shelf = await open()
    for (const name of ['../x', 'a/../../x', '/x', 'A', 'a b', '', 'a//b', 'a/.b', 'x'.repeat(300)]) {
      expect(await codeOf(shelf.put(name, utf8('x'))), name).toBe('SHELF_NAME_REFUSED')
    }
  })
})

describe('a shelf on a disk', () => {
  it('removes what a crash left half-written, and keeps the document before it', async () => {
    const path = await folder()
    const shelf = await diskShelf(path)
    await shelf.put('people/one', utf8('whole'))
    await writeFile(join(path, 'people', 'one.7.unfinished'), 'ha')
    const again = await diskShelf(path)
    expect(await readdir(join(path, 'people'))).toEqual(['one'])
    expect(Buffer.from((await again.get('people/one'))!).toString()).toBe('whole')
  })
})

describe('a bundle', () => {
  it('gives back its parts, and refuses one that was cut', () => {
    const parts = [utf8('a'), new Uint8Array(0), utf8('ccc')]
    expect(unpackBundle(packBundle(parts)).map((part) => Buffer.from(part).toString())).toEqual([
      'a',
      '',
      'ccc',
    ])
    expect(() => unpackBundle(Buffer.from([0, 0, 0, 9, 1]).toString('base64url'))).toThrow('beyond')
    expect(() => unpackBundle(Buffer.from([0, 0]).toString('base64url'))).toThrow('beyond')
  })
})

describe('orders', () => {
  const own = institutionId(keccakText('own'))
  const by = signer(seedOf('somebody'), nodeEd25519)
  const order = (body: Partial<{ custodian: typeof own; created: typeof START; nonce: string }> = {}) =>
    sign('islet.erase/1', { custodian: own, created: START, nonce: 'ab'.repeat(16), ...body }, by)

  it('are admitted once, here, now, and as signed', async () => {
    let now = START
    const gate = orderGate(own, nodeEd25519, () => now)
    gate.admit(order())
    expect(await codeOf(() => gate.admit(order()))).toBe('ORDER_REPEATED')
    const elsewhere = order({ custodian: institutionId(keccakText('other')), nonce: '1'.repeat(32) })
    expect(await codeOf(() => gate.admit(elsewhere))).toBe('ORDER_ELSEWHERE')
    for (const by of [-61, 61]) {
      const stale = order({ created: at(START + by), nonce: '2'.repeat(32) })
      expect(await codeOf(() => gate.admit(stale))).toBe('ORDER_STALE')
    }
    const forged = { ...order({ nonce: '3'.repeat(32) }), body: { ...order().body, nonce: '4'.repeat(32) } }
    expect(await codeOf(() => gate.admit(forged))).toBe('SIGNATURE_REFUSED')
    const renamed = { ...order({ nonce: '5'.repeat(32) }), type: 'islet.read/1' as const }
    expect(await codeOf(() => gate.admit(renamed))).toBe('SIGNATURE_REFUSED')
    // Still remembered as long as it could be taken, even after others were forgotten.
    now = at(START + 59)
    expect(await codeOf(() => gate.admit(order()))).toBe('ORDER_REPEATED')
    now = at(START + 500)
    expect(await codeOf(() => gate.admit(order()))).toBe('ORDER_STALE')
  })
})

describe('the slots of an institution', () => {
  async function book(shelf: Shelf, chain: ReturnType<typeof memoryChain>, fails = { anchored: false }) {
    const own = institutionId(keccakText('own'))
    chain.admit({ id: own, active: true, messageKey: keccakText('m'), hpkeKeyHash: keccakText('h') })
    const real = chain.as(own)
    return openSlotBook({
      minutes: 60,
      own,
      shelf,
      crypto: nodeCrypto,
      clock: () => at(clock.now),
      chain: real,
      anchor: async (slot, objects) => {
        const block = await real.anchor('objects', { slot, ...objects })
        if (fails.anchored) throw new Error('power cut after the ledger took it')
        return block
      },
    })
  }
  const clock = { now: START as number }
  const leaf =
    (...numbers: number[]) =>
    () =>
      numbers.map((n) => nodeCrypto.hasher.sha256(Uint8Array.of(n)))

  it('keep every leaf through a restart, at the place that was told', async () => {
    clock.now = START
    const shelf = memoryShelf()
    const chain = memoryChain(() => at(clock.now))
    const first = await book(shelf, chain)
    const a = await first.place(leaf(1, 1), { analysis: '0x' })
    const again = await book(shelf, chain)
    const b = await again.place(leaf(2), { analysis: '0x' })
    expect([a.first, b.first, a.slot]).toEqual([0, 2, b.slot])
    clock.now += 3600
    expect(await again.close()).toEqual([a.slot])
    const proof = await again.proof({ slot: a.slot, index: 2 })
    expect(proof?.path.length).toBe(4)
    const restarted = await book(shelf, chain)
    expect(await restarted.proof({ slot: a.slot, index: 2 })).toEqual(proof)
    expect((await restarted.batches()).map((batch) => [batch.slot, batch.first, batch.count])).toEqual([
      [a.slot, 0, 2],
      [a.slot, 2, 1],
    ])
  })

  it('anchored just before a crash take no further leaf: the next goes into the next slot', async () => {
    clock.now = START
    const shelf = memoryShelf()
    const chain = memoryChain(() => at(clock.now))
    const fails = { anchored: false }
    const first = await book(shelf, chain, fails)
    const a = await first.place(leaf(1), {})
    clock.now += 3600
    fails.anchored = true
    await expect(first.close()).rejects.toThrow('power cut')
    const again = await book(shelf, chain)
    const b = await again.place(leaf(2), {})
    expect(b.slot).toBeGreaterThan(a.slot)
    expect(await again.proof({ slot: a.slot, index: 0 })).toBeDefined()
    clock.now += 3600
    expect(await again.close()).toEqual([b.slot])
  })

  it('may be closed early, and then run ahead of the clock by one', async () => {
    clock.now = START
    const slots = await book(
      memoryShelf(),
      memoryChain(() => at(clock.now)),
    )
    const a = await slots.place(leaf(1), {})
    expect(await slots.close()).toEqual([])
    expect(await slots.close(true)).toEqual([a.slot])
    expect((await slots.place(leaf(1), {})).slot).toBe(a.slot + 1)
  })
})

describe('the revokes that were seen', () => {
  it('hold from the moment they are seen, through a restart, until the ledger has them', async () => {
    const chain = memoryChain(() => START)
    const own = institutionId(keccakText('own'))
    const one = consentOf(chain.as(own).domain, 'seen', START)
    const shelf = memoryShelf()
    const register = await openRevokeRegister({ shelf, chain: chain.as(own) })
    const revoke = revokeDocument(one.revoke())
    const forged = {
      ...revoke,
      signature: revokeDocument(consentOf(chain.as(own).domain, 'x', START).revoke()).signature,
    }
    expect(await codeOf(register.accept(forged))).toBe('REVOKE_REFUSED')
    expect(register.has(one.consentId)).toBe(false)
    expect([await register.accept(revoke), await register.accept(revoke)]).toEqual(['new', 'known'])
    const again = await openRevokeRegister({ shelf, chain: chain.as(own) })
    expect(again.has(one.consentId)).toBe(true)
    expect((await again.settle()).has(one.consentId)).toBe(true)
    expect((await chain.as(own).consentState(one.consentId, one.signer)).state).toBe('REVOKED')
    expect((await again.settle()).size).toBe(0)
    const json: Json = JSON.parse(JSON.stringify(revoke))
    expect(fromHex(String((json as Record<string, Json>)['signature'])).length).toBe(65)
  })
})
