/** What the custodian does at every access, and how it is caught when it does not. */
import { describe, expect, it } from 'vitest'
import { hpkeKeyHash } from '../identity/index.ts'
import { hpkeKeyPair } from '../vault/index.ts'
import { openEnvelope } from '../vault/keys.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { hourOf } from '../vocabulary/index.ts'
import { envelopeBinding } from './signed-envelope.ts'
import { codeOf, granted, scene, THREE_DAYS, triedOn } from './testing/scene.ts'
import { at, DAY, HOUR, START, seedOf, type Town, town, trace } from './testing/town.ts'

describe('the custodian', () => {
  it('has the log entry on disk before a byte leaves', async () => {
    const events: string[] = []
    const place = town({ onDurable: (house, path) => events.push(`${house} ${path.split('/')[0]}`) })
    const south = await place.house('South Hospital')
    const north = await place.house('North Clinic')
    const anna = await place.patient('anna')
    await anna.enrol(south.id)
    await anna.add(trace(START - 5 * DAY, START), { fill: true })
    const s = { place, south, north, east: north, anna }
    const id = await granted(s, north, THREE_DAYS)
    const { handle } = south.open
    south.open = {
      ...south.open,
      handle: async (type, body) => {
        const answer = await handle(type, body)
        events.push('the answer')
        return answer
      },
    }
    events.length = 0
    const before = place.wire.length
    await north.open.reader.read(id)
    expect(events).toEqual([expect.stringMatching(/^South Hospital/), 'the answer'])
    expect(place.wire.slice(before).map((message) => message.type)).toEqual(['read'])
  })

  it('answers nothing when the log cannot be written, and the entry is there when it crashes after writing', async () => {
    let crash = false
    const place = town({
      onDurable: (house, path) => {
        if (crash && house === 'South Hospital' && path.startsWith('tail')) throw new Error('power cut')
      },
    })
    const south = await place.house('South Hospital')
    const north = await place.house('North Clinic')
    const anna = await place.patient('anna')
    await anna.enrol(south.id)
    await anna.add(trace(START - 5 * DAY, START), { fill: true })
    const id = await granted({ place, south, north, east: north, anna }, north, THREE_DAYS)
    crash = true
    const before = place.wire.length
    await expect(north.open.reader.read(id)).rejects.toThrow()
    expect(place.wire.slice(before).map((message) => message.answer)).toEqual([undefined])
    crash = false
    // The bytes were in the file when the power went: the entry is found at the restart.
    await south.restart()
    const reads = (await anna.accesses()).filter((access) => access.clear.action === 'read')
    expect(reads.map((access) => access.clear.consent)).toEqual([id])
  })

  it('refuses a suspended reader at once, and its keys open nothing of the next generation', async () => {
    const s = await scene()
    const window = { from: at(START - 4 * DAY), until: at(START + 10 * DAY) }
    const id = await granted(s, s.north, window)
    const held = await s.north.open.reader.covers(id)
    s.place.chain.suspend(s.north.id)
    expect(await codeOf(s.north.open.reader.read(id))).toBe('READER_SUSPENDED')
    await s.anna.settle()
    await s.anna.settle()
    await s.anna.add(trace(START, START + HOUR))
    // Nothing was sealed for the suspended reader, now or at a later settling.
    const sequence = () => s.anna.memory.now.grants[0]!.handOver.envelope.notice.sequence
    expect(sequence()).toBe(0)
    const fresh = { first: hourOf(at(START)), end: hourOf(at(START + HOUR)) }
    expect(await triedOn(held, s.south, fresh)).toEqual([])
    // Reinstated, it is sealed to again.
    s.place.chain.reinstate(s.north.id)
    await s.anna.settle()
    expect(sequence()).toBe(1)
    expect((await s.north.open.reader.read(id, { window: fresh })).records.length).toBe(12)
  })

  it('hands on a reader’s new key, and the patient seals to it once the members have it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const fresh = hpkeKeyPair(seedOf('rotated'))
    await s.north.open.reader.askUnderNewKey(id, fresh.publicKey)
    await s.anna.collect()
    // Not yet a key of the member: nothing is sealed to it.
    expect(s.anna.memory.now.grants[0]!.handOver.envelope.notice.sequence).toBe(0)
    const hpkeKey = Buffer.from(fresh.publicKey).toString('base64url')
    const member = (await s.south.chain.member(s.north.id))!
    s.place.chain.admit({ ...member, hpkeKeyHash: hpkeKeyHash(hpkeKey, nodeCrypto.hasher) })
    await s.north.open.reader.askUnderNewKey(id, fresh.publicKey)
    await s.anna.collect()
    const { envelope } = s.anna.memory.now.grants[0]!.handOver
    expect(envelope.notice.sequence).toBe(1)
    const sealed = Buffer.from(envelope.sealed, 'base64url')
    const scope = {
      chainId: 31_337n,
      consent: envelopeBinding(envelope.notice.signer),
      covers: envelope.notice.covers,
    }
    expect((await openEnvelope(fresh.privateKey, sealed, scope)).code).toBe('OPENED')
    expect((await openEnvelope(s.north.keys.hpke.privateKey, sealed, scope)).code).toBe(
      'ENVELOPE_DOES_NOT_OPEN',
    )
  })

  it('gives nothing while the ledger is unreadable', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.chain.unreachable = true
    expect(await codeOf(s.south.open.handle('read', JSON.parse(lastBody(s.place, 'read') ?? '{}')))).toBe(
      'DOCUMENT_REFUSED',
    )
    expect(await codeOf(s.north.open.reader.read(id))).toBe('LEDGER_UNREADABLE')
  })

  it('shows the patient who read, as whom, what for, and which hours, each entry proven', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await s.north.open.reader.read(id)
    await s.north.open.reader.search(id)
    await codeOf(s.north.open.reader.read(id, { kinds: ['insulin'] }))
    const accesses = await s.anna.accesses()
    const shown = accesses.filter((access) => access.clear.consent === id)
    expect(shown.map((access) => [access.clear.action, access.clear.count])).toEqual([
      ['read', 72],
      ['search', 72],
      ['refuse', 0],
    ])
    expect(shown[0]!.details).toMatchObject({
      readerName: 'North Clinic',
      actor: { handle: 'dr-lee' },
      purpose: 'TREAT',
      kinds: ['glucose'],
      records: [{ kind: 'glucose', first: hourOf(THREE_DAYS.from), end: hourOf(THREE_DAYS.until) }],
    })
    // The checkpoint seen is remembered, and the next one must continue it.
    expect(s.anna.memory.now.seenLog?.size).toBeGreaterThan(0)
    await s.north.open.reader.read(id)
    expect((await s.anna.accesses()).length).toBe(accesses.length + 1)
  })

  it('opens after a restart with the same index, places and grants', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const before = await s.north.open.reader.read(id)
    await s.south.restart()
    await s.north.restart()
    const after = await s.north.open.reader.read(id)
    expect(after.records).toEqual(before.records)
    expect(after.chunks.map((chunk) => chunk.anchor)).toEqual(before.chunks.map((chunk) => chunk.anchor))
  })

  it('rebuilds its index and slots from log, objects and ledger when they are dropped', async () => {
    const s = await scene()
    const id = await granted(s, s.north, { from: at(START - 4 * DAY), until: at(START + 2 * DAY) })
    await s.anna.add(trace(START, START + HOUR))
    const before = await s.north.open.reader.read(id)
    expect(new Set(before.chunks.map((chunk) => chunk.anchor.code))).toEqual(
      new Set(['ANCHORED', 'NOT_YET_ANCHORED']),
    )
    let dropped = 0
    const kept = new Map<string, string>()
    for (const part of ['slots/closed/', 'slots/batches/']) {
      for (const name of await s.south.shelf.list(part)) {
        kept.set(name, Buffer.from((await s.south.shelf.get(name))!).toString())
        await s.south.shelf.delete(name)
        dropped++
      }
    }
    expect(dropped).toBeGreaterThan(1)
    await s.south.restart()
    for (const [name, text] of kept) {
      expect(JSON.parse(Buffer.from((await s.south.shelf.get(name))!).toString()), name).toEqual(
        JSON.parse(text),
      )
    }
    const after = await s.north.open.reader.read(id)
    expect(after.records).toEqual(before.records)
    expect(after.chunks.map((chunk) => [chunk.place, chunk.anchor])).toEqual(
      before.chunks.map((chunk) => [chunk.place, chunk.anchor]),
    )
  })

  it('stops an answer that is under way when the revoke arrives, and the log says that it was asked', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const get = s.south.store.get
    let revoking: Promise<unknown> = Promise.resolve()
    let once = true
    Object.assign(s.south.store, {
      get: async (cid: Parameters<typeof get>[0]) => {
        if (once) {
          once = false
          revoking = s.anna.revoke(id)
          while (!s.place.wire.some((message) => message.type === 'revoke' && message.answer !== undefined)) {
            await new Promise((resolve) => setTimeout(resolve, 5))
          }
        }
        return get(cid)
      },
    })
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    await revoking
    expect((await s.anna.accesses()).at(-1)!.clear).toMatchObject({ action: 'read', consent: id })
  })
})

function lastBody(place: Town, type: string): string | undefined {
  return place.wire.filter((message) => message.type === type).at(-1)?.body
}
