import { describe, expect, test } from 'vitest'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { type Hash32, hash32, type InstitutionId, toHex } from '../vocabulary/index.ts'
import { addressBook, signAddress } from './address-book.ts'
import { somebody } from './testing/world.ts'

const north = somebody('north')
const mallory = somebody('mallory')
const keyOf = (who: typeof north): Hash32 => hash32(toHex(who.key.publicKey))
const record = (sequence: number, origin = 'https://10.0.0.7:7443') => ({
  institution: north.id,
  origin,
  certificate: hash32(`0x${'ab'.repeat(32)}`),
  sequence,
  from: '2026-03-01T08:00:00Z',
})

describe('address book', () => {
  const open = () => {
    const keys = new Map<InstitutionId, Hash32>([[north.id, keyOf(north)]])
    return { keys, book: addressBook(async (id) => keys.get(id), nodeEd25519) }
  }

  test('an address counts with the signature of the member’s own key, and names the key to expect there', async () => {
    const { book } = open()
    await book.learn(signAddress(record(1), north.key))
    expect(await book.peer(north.id)).toEqual({
      institution: north.id,
      origin: 'https://10.0.0.7:7443',
      certificate: record(1).certificate,
      keyId: north.signer.keyId,
    })
  })

  test('an address signed by another, or altered, is refused', async () => {
    const { book } = open()
    const signed = signAddress(record(1), north.key)
    const forged = signAddress(record(1), mallory.key)
    const moved = { ...signed, body: { ...signed.body, origin: 'https://evil.example' } }
    for (const bad of [forged, { ...forged, signer: signed.signer }, moved]) {
      await expect(book.learn(bad)).rejects.toMatchObject({ code: 'ADDRESS_NOT_SIGNED' })
    }
    expect(await book.peer(north.id)).toBeUndefined()
  })

  test('an older address never replaces a newer one; the same one may come again', async () => {
    const { book } = open()
    const second = signAddress(record(2), north.key)
    await book.learn(second)
    await book.learn(second)
    for (const sequence of [1, 2]) {
      const other = signAddress(record(sequence, 'https://10.0.0.8:7443'), north.key)
      await expect(book.learn(other)).rejects.toMatchObject({ code: 'ADDRESS_SEQUENCE_OLD' })
    }
    await book.learn(signAddress(record(3, 'https://10.0.0.9:7443'), north.key))
    expect(await book.peer(north.id)).toMatchObject({ origin: 'https://10.0.0.9:7443' })
  })

  test('when the ledger names another key, the old address no longer counts', async () => {
    const { book, keys } = open()
    await book.learn(signAddress(record(1), north.key))
    keys.set(north.id, keyOf(mallory))
    expect(await book.peer(north.id)).toBeUndefined()
  })
})
