import { describe, expect, it } from 'vitest'
import { hpkeKeyHash } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { chunksOf, cidOf, hourObject, hpkeKeyPair } from '../vault/index.ts'
import type { Cover } from '../vault/keys.door.ts'
import { hourLeaf, openEnvelope, openHours, sealHours } from '../vault/keys.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import {
  type HourWindow,
  hourOf,
  isIsletError,
  type Kind,
  quantity,
  type UtcHour,
} from '../vocabulary/index.ts'
import { packBundle } from './bundle.ts'
import { asJson, sign } from './document.ts'
import type { Choice } from './narrow.ts'
import type { GrantOptions, PatientAgent } from './patient-agent.ts'
import { restorePatientAgent } from './patient-agent.ts'
import type { Ask } from './reader-agent.ts'
import { memoryShelf } from './shelf.ts'
import { envelopeBinding } from './signed-envelope.ts'
import { askOf, at, DAY, HOUR, type House, START, seedOf, type Town, town, trace } from './testing/town.ts'

interface Scene {
  readonly place: Town
  readonly north: House
  readonly south: House
  readonly east: House
  readonly anna: PatientAgent
}

/** Five days of Anna's glucose lie at South Hospital, anchored. */
async function scene(): Promise<Scene> {
  const place = town()
  const south = await place.house('South Hospital')
  const north = await place.house('North Clinic')
  const east = await place.house('East Lab')
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  await anna.add(trace(START - 5 * DAY, START), { fill: true })
  await south.open.tick(true)
  return { place, north, south, east, anna }
}

/** A house asks, Anna grants. */
async function granted(
  { south, anna }: Scene,
  reader: House,
  ask: Partial<Ask> & Pick<Ask, 'from' | 'until'>,
  choice: Choice = {},
  options: GrantOptions = {},
) {
  const mailbox = await anna.openMailbox(reader.name)
  await reader.open.reader.ask({ custodian: south.id, mailbox }, askOf(reader, ask), reader.chain)
  const { requests } = await anna.collect()
  const pending = requests.at(-1)
  if (pending === undefined) throw new Error('no request arrived')
  const grant = await anna.grant(pending.request, choice, { ...options, requestId: pending.id })
  return grant.handOver.consentId
}

const THREE_DAYS = { from: at(START - 4 * DAY), until: at(START - DAY) }

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (isIsletError(error)) return error.code
    throw error
  }
  return 'NO_ERROR'
}

/** Anna's agent on another device, from R alone. */
function elsewhere({ place, south }: Scene): Promise<PatientAgent> {
  return restorePatientAgent(
    {
      keys: place.keysOf('anna'),
      ed: nodeEd25519,
      crypto: nodeCrypto,
      chain: south.chain,
      shelf: memoryShelf(),
      clock: () => at(place.now),
      send: place.send,
    },
    south.id,
  )
}

/** Tries covers on ciphertext, hour by hour, whatever a custodian would say. */
async function triedOn(covers: readonly Cover[], keeper: House, window: HourWindow, kind: Kind = 'glucose') {
  const opened: number[] = []
  for await (const cid of keeper.store.list()) {
    for (const { context, bytes } of chunksOf(await keeper.store.get(cid))) {
      if (context.kind !== kind || context.hour < window.first || context.hour >= window.end) continue
      for (const cover of covers) {
        // Any label may be tried: the generation of the cover and the one of the chunk.
        for (const generation of new Set([cover.generation, context.generation])) {
          const chunk = { hour: context.hour, revision: context.revision, overflow: context.overflow, bytes }
          const [result] = await openHours(nodeCrypto, { ...cover, generation }, context.stream, [chunk])
          if (result?.code === 'OPENED') opened.push(context.hour)
        }
      }
    }
  }
  return opened
}

describe('a grant', () => {
  it('opens exactly the granted hours, each verified against the root on the ledger', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const reading = await s.north.open.reader.read(id)
    const readings = trace(START - 5 * DAY, START).filter(
      (r) => r.at >= THREE_DAYS.from && r.at < THREE_DAYS.until,
    )
    expect(reading.records).toEqual(readings)
    expect(new Set(reading.chunks.map((chunk) => chunk.anchor.code))).toEqual(new Set(['ANCHORED']))
    expect(new Set(reading.chunks.map((chunk) => chunk.code))).toEqual(new Set(['OPENED']))
    expect((await s.anna.collect()).requests).toEqual([])
  })

  it('does not decrypt the hour before and the hour after, even with the ciphertext in hand', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const covers = await s.north.open.reader.covers(id)
    const first = hourOf(THREE_DAYS.from)
    const end = hourOf(THREE_DAYS.until)
    const before = quantity<UtcHour>(first - 1)
    for (const cover of covers) {
      expect(hourLeaf(nodeCrypto.hasher, cover, before).code).toBe('HOUR_NOT_COVERED')
      expect(hourLeaf(nodeCrypto.hasher, cover, end).code).toBe('HOUR_NOT_COVERED')
    }
    // A dishonest reader relabels its cover: the keys still reach the granted hours only.
    const wide = { first: before, end: quantity<UtcHour>(end + 1) }
    const stretched = covers.map((cover) => ({ ...cover, window: wide }))
    const opened = await triedOn(stretched, s.south, wide)
    expect(new Set(opened)).toEqual(new Set(Array.from({ length: 72 }, (_, i) => first + i)))
  })

  it('narrowed by the patient gives the narrowed hours and refuses the rest at the custodian', async () => {
    const s = await scene()
    const id = await granted(
      s,
      s.north,
      { ...THREE_DAYS, kinds: ['glucose', 'insulin'] },
      {
        kinds: ['glucose'],
        until: at(START - 2 * DAY),
      },
    )
    const reading = await s.north.open.reader.read(id)
    expect(reading.records.length).toBe(2 * 288)
    const wide = { first: hourOf(THREE_DAYS.from), end: hourOf(THREE_DAYS.until) }
    expect(await codeOf(s.north.open.reader.read(id, { window: wide }))).toBe('HOURS_NOT_GRANTED')
    expect(await codeOf(s.north.open.reader.read(id, { kinds: ['insulin'] }))).toBe('KIND_NOT_GRANTED')
    expect(await codeOf(s.north.open.reader.read(id, { purpose: 'HRESCH' }))).toBe('PURPOSE_NOT_GRANTED')
    const other = { type: 'person', handle: 'dr-no', name: 'Dr No' } as const
    expect(await codeOf(s.north.open.reader.read(id, { actor: other }))).toBe('SUBJECT_MISMATCH')
  })

  it('is refused to another institution that got hold of the hand-over', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const handOver = s.north.open.reader.grants()[0]!
    const stolen = { ...s.east.open, read: s.east.open.reader.read }
    expect(
      await codeOf(s.east.open.handle('grant', { handOver: JSON.parse(JSON.stringify(handOver)) })),
    ).toBe('ORDER_ELSEWHERE')
    expect(await codeOf(stolen.read(id))).toBe('CONSENT_NOT_HANDED_OVER')
  })

  it('expires by the instant alone, with the patient offline and no transaction', async () => {
    const s = await scene()
    const id = await granted(s, s.north, { ...THREE_DAYS, expiresAt: at(START + 90) })
    const transactions = s.place.chain.publicRecord.length
    s.place.now = START + 89
    expect((await s.north.open.reader.read(id)).records.length).toBe(864)
    s.place.now = START + 90
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_EXPIRED')
    expect(s.place.chain.publicRecord.length).toBe(transactions)
  })

  it('of a future window is readable when the data arrive, with the patient offline', async () => {
    const s = await scene()
    const writing = await granted(s, s.east, {
      from: at(START),
      until: at(START + 30 * DAY),
      actions: ['write'],
      subject: { type: 'institution' },
    })
    const id = await granted(s, s.north, { from: at(START + DAY), until: at(START + 2 * DAY) })
    s.place.down.clear()
    s.place.now = START + DAY + 2 * HOUR
    const fresh = trace(START + DAY, START + DAY + 2 * HOUR)
    const written = await s.east.open.writer.write(writing, fresh)
    expect(written).toMatchObject({ code: 'APPENDED', added: 24 })
    const reading = await s.north.open.reader.read(id)
    expect(reading.records).toEqual(fresh)
    expect(reading.chunks.map((chunk) => chunk.anchor.code)).toEqual(['NOT_YET_ANCHORED', 'NOT_YET_ANCHORED'])
    await s.south.open.tick(true)
    const later = await s.north.open.reader.read(id)
    expect(later.chunks.map((chunk) => chunk.anchor.code)).toEqual(['ANCHORED', 'ANCHORED'])
  })
})

describe('a revoke', () => {
  it('leaves new data undecryptable with every key the reader ever held', async () => {
    const s = await scene()
    const window = { from: at(START - 4 * DAY), until: at(START + 10 * DAY) }
    const id = await granted(s, s.north, { ...window, expiresAt: at(START + 20 * DAY) })
    const staying = await granted(s, s.east, { ...window, expiresAt: at(START + 20 * DAY) })
    const held = [...(await s.north.open.reader.covers(id))]
    expect(await s.anna.revoke(id)).toBe('on-ledger')
    await s.anna.add(trace(START, START + 3 * HOUR))
    const fresh = { first: hourOf(at(START)), end: hourOf(at(START + 3 * HOUR)) }
    expect(await triedOn(held, s.south, fresh)).toEqual([])
    // The reader that stays opens the new data with its re-sealed envelope.
    const reading = await s.east.open.reader.read(staying, { window: fresh })
    expect(reading.records.length).toBe(36)
    expect(new Set(reading.chunks.map((chunk) => chunk.place.generation))).toEqual(new Set([1]))
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
  })

  it('is refused at once by every institution that saw it, before the ledger includes it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.chain.hold()
    const revoking = s.anna.revoke(id)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const standing = await s.south.chain.consentState(id, s.anna.memory.now.grants[0]!.handOver.signer)
    expect(standing.state).toBe('ACTIVE')
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    // Refused at the gate: the log names a refusal, not a read.
    expect((await s.anna.accesses()).at(-1)!.clear.action).toBe('refuse')
    s.place.chain.release()
    expect(await revoking).toBe('on-ledger')
  })

  it('reaches the custodian through another member when the patient cannot reach it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.down.add(s.south.id)
    expect(await s.anna.revoke(id)).toBe('on-ledger')
    s.place.down.delete(s.south.id)
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    // What could not be sent is sent later: then the custodian knows the new generation.
    expect(s.anna.memory.now.outbox.length).toBeGreaterThan(0)
    await s.anna.settle()
    expect(s.anna.memory.now.outbox).toEqual([])
  })

  it('is held back by nobody’s silence, and a new grant does not wait for it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.silent.add(s.south.id)
    void s.anna.revoke(id)
    const { signer } = s.anna.memory.now.grants[0]!.handOver
    const state = async () => (await s.east.chain.consentState(id, signer)).state
    for (let i = 0; i < 200 && (await state()) !== 'REVOKED'; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(await state()).toBe('REVOKED')
    s.place.silent.clear()
    expect(await granted(s, s.east, THREE_DAYS)).toBeDefined()
  })

  it('seals the covers that remain before it is sent', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await granted(s, s.east, THREE_DAYS)
    const before = s.place.wire.length
    await s.anna.revoke(id)
    const types = s.place.wire.slice(before).map((message) => message.type)
    expect(types.indexOf('envelope-reseal')).toBeGreaterThanOrEqual(0)
    expect(types.indexOf('envelope-reseal')).toBeLessThan(types.indexOf('revoke'))
  })

  it('survives a restart of the custodian before the ledger had it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.chain.hold()
    const revoking = s.anna.revoke(id)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await s.south.restart()
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    s.place.chain.release()
    await revoking
    await s.south.open.tick()
    const { signer } = s.anna.memory.now.grants[0]!.handOver
    expect((await s.south.chain.consentState(id, signer)).state).toBe('REVOKED')
  })

  it('of an unknown consent bars a grant that was held back', async () => {
    const s = await scene()
    const mailbox = await s.anna.openMailbox('North Clinic')
    await s.north.open.reader.ask(
      { custodian: s.south.id, mailbox },
      askOf(s.north, THREE_DAYS),
      s.north.chain,
    )
    const { requests } = await s.anna.collect()
    for (const house of [s.north, s.south, s.east]) s.place.down.add(house.id)
    await s.anna.grant(requests[0]!.request).catch(() => undefined)
    const held = s.anna.memory.now.grants[0]!
    expect(held.status).toBe('signed')
    for (const house of [s.north, s.south, s.east]) s.place.down.delete(house.id)
    await s.anna.revoke(held.handOver.consentId)
    const late = await s.north.open.handle('grant-relay', JSON.parse(JSON.stringify(held.intent)))
    expect(late).toMatchObject({ code: 'ALREADY_REVOKED' })
  })
})

describe('writers', () => {
  const ahead = { actions: ['write'], subject: { type: 'institution' } } as const

  it('hold covers some days ahead only, and get more as time goes on', async () => {
    const s = await scene()
    const wanted = {
      from: at(START),
      until: at(START + 300 * DAY),
      expiresAt: at(START + 301 * DAY),
      ...ahead,
    }
    const id = await granted(s, s.east, wanted, {}, { hoursAhead: 35 * 24 })
    const reach = async () =>
      Math.max(...(await s.east.open.reader.covers(id)).map((cover) => cover.window.end))
    expect((await reach()) - hourOf(at(START))).toBe(35 * 24 + 1)
    s.place.now = START + 30 * DAY
    await s.anna.settle()
    await s.east.open.reader.collect(id)
    expect((await reach()) - hourOf(at(START))).toBe(65 * 24 + 1)
    expect(
      await s.east.open.writer.write(id, trace(START + 40 * DAY, START + 40 * DAY + HOUR)),
    ).toMatchObject({
      code: 'APPENDED',
    })
  })

  it('whose key is old fetch the new one, or leave it in the patient’s inbox', async () => {
    const s = await scene()
    const wanted = { from: at(START), until: at(START + 30 * DAY), ...ahead }
    const writing = await granted(s, s.east, wanted, {}, { hoursAhead: 48 })
    const other = await granted(s, s.north, THREE_DAYS)
    s.place.down.add(s.east.id)
    await s.anna.revoke(other)
    s.place.down.delete(s.east.id)
    // The re-sealed envelope waits at the custodian: it is fetched and the data appended.
    expect(await s.east.open.writer.write(writing, trace(START, START + HOUR))).toMatchObject({
      code: 'APPENDED',
    })
    // A cover that does not reach the hour: into the inbox, from which the patient appends it.
    s.place.now = START + DAY
    const beyond = trace(START + 5 * DAY, START + 5 * DAY + HOUR)
    expect(await s.east.open.writer.write(writing, beyond)).toEqual({ code: 'IN_INBOX', records: 12 })
    expect(await s.anna.collect()).toMatchObject({ takenIn: 12, refused: 0 })
  })

  it('are refused with objects of an older generation from the re-sealing on', async () => {
    const s = await scene()
    const writing = await granted(s, s.east, { from: at(START), until: at(START + 30 * DAY), ...ahead })
    const old = (await s.east.open.reader.covers(writing))[0]!
    await s.anna.renewKeys(['glucose'])
    const stream = s.place.keysOf('anna').streamCommitment
    const hour = hourOf(at(START))
    const records = trace(START, START + HOUR)
    const deliver = async (cover: Cover) => {
      const [chunk] = await sealHours(nodeCrypto, cover, stream, [{ hour, revision: 0, records }])
      const object = hourObject(chunk!)
      const body = {
        custodian: s.south.id,
        created: at(s.place.now),
        nonce: Buffer.from(nodeCrypto.cipher.random(16)).toString('hex'),
        consentId: writing,
        purpose: 'TREAT' as const,
        objects: [cidOf(nodeCrypto.hasher, object)],
      }
      const order = sign('islet.append/1', body, s.east.keys.message)
      return codeOf(s.south.open.handle('append', { order: asJson(order), objects: packBundle([object]) }))
    }
    expect(await deliver(old)).toBe('GENERATION_OLD')
    expect(await deliver({ ...old, generation: 2 })).toBe('GENERATION_UNKNOWN')
    const fresh = (await s.east.open.reader.covers(writing)).find((cover) => cover.generation === 1)!
    expect(await deliver(fresh)).toBe('NO_ERROR')
    expect(await deliver(fresh)).toBe('REVISION_TAKEN')
    // What the older generation would have sealed opens with the keys handed out before; it is not in the store.
    expect(await triedOn([old], s.south, { first: hour, end: quantity<UtcHour>(hour + 1) })).toEqual([])
  })

  it('do not lose each other’s records in one hour', async () => {
    const s = await scene()
    const wanted = { from: at(START), until: at(START + 30 * DAY), ...ahead }
    const one = await granted(s, s.east, wanted)
    const two = await granted(s, s.north, wanted)
    const all = trace(START, START + HOUR)
    await s.east.open.writer.write(one, all.slice(0, 5))
    await s.north.open.writer.write(two, all.slice(5, 9))
    await s.east.open.writer.write(one, all.slice(9))
    const reading = await granted(s, s.east, { from: at(START), until: at(START + HOUR) })
    expect((await s.east.open.reader.read(reading)).records).toEqual(all)
  })

  it('add nothing when they deliver the same again', async () => {
    const s = await scene()
    expect(await s.anna.add(trace(START - 5 * DAY, START), { fill: true })).toMatchObject({
      added: 0,
      chunks: 0,
    })
    await s.anna.backUp()
    const fresh = await elsewhere(s)
    expect(await fresh.add(trace(START - 5 * DAY, START), { fill: true })).toMatchObject({
      added: 0,
      chunks: 0,
    })
  })
})

describe('a correction', () => {
  it('keeps the original, and the reader who was granted that hour reads both', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const original = trace(START - 5 * DAY, START).find((r) => r.at === START - 3 * DAY)!
    const other = await granted(s, s.east, THREE_DAYS)
    await s.anna.revoke(other)
    await s.anna.correct({ original, replacement: { ...original, value: 111.5 } })
    const hour = hourOf(original.at)
    const window = { first: hour, end: quantity<UtcHour>(hour + 1) }
    const reading = await s.north.open.reader.read(id, { window, history: true })
    expect(reading.chunks.map((chunk) => [chunk.place.revision, chunk.place.generation])).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect(reading.chunks[0]!.records[0]).toEqual(original)
    expect(reading.records[0]).toEqual({ ...original, value: 111.5 })
    expect(reading.records.length).toBe(12)
  })
})

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
    const size = (await south.disk.list('')).length
    expect(size).toBeGreaterThan(0)
    events.length = 0
    const get = south.store.get
    let logged = 0
    Object.assign(south.store, {
      get: async (cid: Parameters<typeof get>[0]) => get(cid),
    })
    const before = place.wire.length
    await north.open.reader.read(id)
    logged = events.filter((event) => event.startsWith('South Hospital')).length
    expect(logged).toBe(1)
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

  it('is caught when it shows a log that lost an entry, or another log', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await s.north.open.reader.read(id)
    await s.anna.accesses()
    // A log begun anew under the same key: as long as the one seen, and longer.
    for (const name of ['', 'checkpoint', 'tile', 'tail']) await s.south.disk.remove(name)
    for (const part of ['tile', 'tail']) await s.south.disk.remove(part)
    await s.south.restart()
    for (let i = 0; i < 4; i++) await s.north.open.reader.read(id)
    expect(await codeOf(s.anna.accesses())).toBe('ACCESS_LOG_BROKEN')
  })

  it('is caught when its log does not go on from the root on the ledger, though the patient never saw it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await s.north.open.reader.read(id)
    await s.south.open.tick(true)
    const anchored = await s.south.chain.latestSlot(s.south.id, 'log')
    expect(anchored).toBeGreaterThan(0)
    // A log that went on from its anchor is believed, and so is one that did not grow.
    const fresh = () => elsewhere(s)
    const known = (await (await fresh()).accesses()).length
    await s.north.open.reader.read(id)
    expect((await (await fresh()).accesses()).length).toBe(known + 1)
    // Begun anew under the same key: shorter than the anchor, then longer.
    for (const part of ['', 'checkpoint', 'tile', 'tail']) await s.south.disk.remove(part)
    await s.south.restart()
    await s.north.open.reader.read(id)
    for (let reads = 1; reads <= known + 4; reads += known + 3) {
      const agent = await fresh()
      expect(agent.memory.now.seenLog).toBe(null)
      await expect(agent.accesses()).rejects.toMatchObject({
        code: 'ACCESS_LOG_BROKEN',
        facts: { part: 'anchor' },
      })
      for (let i = 0; i < known + 3; i++) await s.north.open.reader.read(id)
    }
  })

  it('is caught when it changes a stored object', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const served = s.south.store.get
    Object.assign(s.south.store, {
      get: async (cid: Parameters<typeof served>[0]) => {
        const bytes = await served(cid)
        bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
        return bytes
      },
    })
    const reading = await s.north.open.reader.read(id)
    // The last chunk of each object was changed: it is under no root and opens to nothing; the others are untouched.
    const bad = reading.chunks.filter((chunk) => chunk.code !== 'OPENED')
    expect(bad.length).toBeGreaterThan(0)
    for (const chunk of reading.chunks) {
      const changed = bad.includes(chunk)
      expect([chunk.code, chunk.anchor.code, chunk.records.length]).toEqual(
        changed ? ['CHUNK_TAMPERED', 'NOT_UNDER_ROOT', 0] : ['OPENED', 'ANCHORED', 12],
      )
    }
  })
})

describe('the patient', () => {
  it('who lost the phone gets every grant back from R alone, and can stop each', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const restored = await elsewhere(s)
    expect(restored.memory.now.grants.map((grant) => grant.handOver.consentId)).toEqual([id])
    expect(await restored.revoke(id)).toBe('on-ledger')
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    expect(restored.memory.now.nextConsent).toBeGreaterThanOrEqual(65_536)
  })

  it('once erased leaves nothing that opens and nothing that names them', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await s.north.open.reader.read(id)
    const key = s.place.keysOf('anna').identityKey
    await s.anna.erase()
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_NOT_HANDED_OVER')
    let objects = 0
    for await (const _ of s.south.store.list()) objects++
    expect(objects).toBe(0)
    const stream = Buffer.from(s.place.keysOf('anna').streamCommitment).toString('base64url')
    for (const house of [s.south, s.north]) {
      for (const name of await house.shelf.list('')) {
        const text = Buffer.from((await house.shelf.get(name)) ?? []).toString('utf8')
        for (const trace of [key, key.slice(2), stream, id]) {
          // The reader's own log of what it read stays: it names the consent, nobody else.
          if (name.startsWith('reader/reads/') || name.startsWith('revokes/')) continue
          expect(text.includes(trace), name).toBe(false)
        }
      }
    }
    // The log keeps its entries and still holds together; nobody can open them.
    await s.south.restart()
    await s.south.open.tick(true)
    expect(seedOf('x').length).toBe(32)
  })
})

function lastBody(place: Town, type: string): string | undefined {
  return place.wire.filter((message) => message.type === type).at(-1)?.body
}
