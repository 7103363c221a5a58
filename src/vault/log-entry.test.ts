import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, type Json, quantity, type UnixSeconds, utf8 } from '../vocabulary/index.ts'
import { hkdf } from './hkdf.ts'
import { LOG_KEY, record } from './log.suite.ts'
import { openEntry, readEntry, sealEntry, verifyOpening } from './log-entry.ts'
import { nodeCrypto } from './node-cipher.door.ts'
import { webCrypto } from './web-cipher.door.ts'

const { hasher, cipher } = nodeCrypto

describe('an entry of the access log', () => {
  it('gives back what was sealed to whoever holds the log key, in clear only what auditors need', async () => {
    const made = record(7, { reader: 'North Clinic', staff: 'Ada', kinds: ['glucose'] })
    const entry = await sealEntry(made, LOG_KEY, nodeCrypto)
    expect(readEntry(entry).clear).toEqual(made.clear)
    expect(await openEntry(entry, LOG_KEY, nodeCrypto)).toMatchObject({ code: 'OPENED', sealed: made.sealed })
    expect(await openEntry(entry, LOG_KEY, webCrypto)).toMatchObject({ code: 'OPENED', sealed: made.sealed })
    expect(Buffer.from(entry).includes('Clinic')).toBe(false)
    expect(Buffer.from(entry).includes('glucose')).toBe(false)
  })

  it('survives the round trip for any JSON and any clear part', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.nat(2 ** 31),
        fc.integer({ min: 0, max: 4e12 }),
        fc.boolean(),
        async (value, block, ms, none) => {
          const sealed = JSON.parse(JSON.stringify(value)) as Json
          const clear = { ...record(1).clear, block, at: quantity<UnixSeconds>(ms / 1000) }
          const made = { clear: none ? { ...clear, consent: undefined } : clear, sealed }
          const entry = await sealEntry(made, LOG_KEY, nodeCrypto)
          expect(readEntry(entry).clear).toEqual(made.clear)
          expect(await openEntry(entry, LOG_KEY, nodeCrypto)).toMatchObject({ code: 'OPENED', sealed })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('has one length for every short sealed part, so that a name does not show in the size', async () => {
    const lengths = await Promise.all(
      ['A', 'A much longer name of a clinic', 'x'.repeat(200)].map(
        async (reader) => (await sealEntry(record(0, { reader }), LOG_KEY, nodeCrypto)).length,
      ),
    )
    expect(new Set(lengths).size).toBe(1)
  })

  it('opens under no other key, and not once a byte of it changed', async () => {
    const entry = await sealEntry(record(1), LOG_KEY, nodeCrypto)
    const other = new Uint8Array(32).fill(4)
    expect(await openEntry(entry, other, nodeCrypto)).toEqual({ code: 'SEALED' })
    for (let at = 2; at < entry.length; at += 5) {
      const changed = entry.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      const outcome = await openEntry(changed, LOG_KEY, nodeCrypto).catch((error: unknown) => error)
      expect(outcome).toMatchObject({ code: expect.stringMatching(/^(SEALED|LOG_ENTRY_WRONG)$/) })
    }
  })

  it('can be shown to a third party without the log key, and no other text passes for it', async () => {
    const entry = await sealEntry(record(1, { reader: 'A' }), LOG_KEY, nodeCrypto)
    const reading = await openEntry(entry, LOG_KEY, nodeCrypto)
    if (reading.code !== 'OPENED') throw new Error(reading.code)
    expect(verifyOpening(entry, reading.opening, hasher)).toBe(true)
    expect(verifyOpening(entry, { ...reading.opening, sealed: { reader: 'B' } }, hasher)).toBe(false)
    expect(verifyOpening(entry, { ...reading.opening, salt: new Uint8Array(32) }, hasher)).toBe(false)
    const another = await sealEntry(record(2, { reader: 'A' }), LOG_KEY, nodeCrypto)
    expect(verifyOpening(another, reading.opening, hasher)).toBe(false)
  })

  it('whose writer committed to something else than was sealed is caught by the key holder', async () => {
    const entry = await sealEntry(record(1), LOG_KEY, nodeCrypto)
    const clear = entry.slice(0, 54)
    const commitment = hasher.sha256(utf8('something else'))
    const key = hkdf(hasher, LOG_KEY, { info: utf8('islet/v1/log-cipher'), length: 32 })
    const nonce = entry.slice(86, 98)
    const plaintext = new Uint8Array(256)
    plaintext.set(concat(Uint8Array.of(0, 0, 0, 2), utf8('{}')))
    const [sealed] = await cipher.encrypt([{ key, nonce, associated: concat(clear, commitment), plaintext }])
    const lie = concat(clear, commitment, nonce, sealed ?? new Uint8Array(0))
    expect(await openEntry(lie, LOG_KEY, nodeCrypto)).toEqual({ code: 'COMMITMENT_BROKEN' })
  })

  it('is refused when too large, malformed, or under a key of the wrong length', async () => {
    await expect(sealEntry(record(1, 'x'.repeat(70_000)), LOG_KEY, nodeCrypto)).rejects.toMatchObject({
      code: 'LOG_ENTRY_TOO_LARGE',
    })
    await expect(sealEntry(record(1), new Uint8Array(16), nodeCrypto)).rejects.toMatchObject({
      code: 'LOG_KEY_WRONG',
    })
    const clear = { ...record(1).clear, count: -1 }
    await expect(sealEntry({ clear, sealed: null }, LOG_KEY, nodeCrypto)).rejects.toMatchObject({
      code: 'LOG_ENTRY_WRONG',
    })
    const entry = await sealEntry(record(1), LOG_KEY, nodeCrypto)
    const bad = [
      new Uint8Array(0),
      entry.slice(1),
      entry.slice(0, -1),
      entry.map((b, i) => (i === 1 ? 200 : b)),
      entry.map((b, i) => (i === 34 ? 255 : b)),
    ]
    for (const wrong of bad)
      expect(() => readEntry(wrong)).toThrow(expect.objectContaining({ code: 'LOG_ENTRY_WRONG' }))
  })
})
