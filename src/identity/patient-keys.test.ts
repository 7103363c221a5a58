import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../test-vectors/identity.json' with { type: 'json' }
import { nobleHasher } from '../vault/index.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import { concat, fromHex, toHex, utf8 } from '../vocabulary/index.ts'
import { didDocument, didKey, publicKeyOfDid } from './did-key.ts'
import { nobleEd25519 } from './ed25519.ts'
import { fingerprint } from './fingerprint.ts'
import { institutionKeys } from './institution-keys.ts'
import { ledgerAddress } from './ledger-address.ts'
import { nodeEd25519 } from './node-signer.door.ts'
import { patientKeys } from './patient-keys.ts'
import { signDocument } from './sign-document.ts'

const root = fromHex(vectors.patient.root)
const keys = patientKeys(root, nodeHasher, nodeEd25519)

describe('the keys of a patient', () => {
  it('are the frozen ones, on the server and in the browser', () => {
    for (const [hasher, ed] of [
      [nodeHasher, nodeEd25519],
      [nobleHasher, nobleEd25519],
    ] as const) {
      const made = patientKeys(root, hasher, ed)
      expect({
        root: toHex(made.root),
        identityKey: made.identityKey,
        inboxSeed: toHex(made.inboxSeed),
        rootTag: toHex(made.rootTag),
        streamCommitment: toHex(made.streamCommitment),
        consents: vectors.patient.consents.map(({ index }) => {
          const { privateKey, address, salt } = made.consent(index)
          return { index, privateKey: toHex(privateKey), address, salt }
        }),
      }).toEqual(vectors.patient)
    }
  })

  it('come from HKDF with the labels of docs/architecture.md', () => {
    const expand = (label: Uint8Array): string => {
      const key = nodeHasher.hmacSha256(new Uint8Array(32), root)
      return toHex(nodeHasher.hmacSha256(key, concat(label, Uint8Array.of(1))))
    }
    expect(toHex(keys.inboxSeed)).toBe(expand(utf8('islet/v1/inbox')))
    expect(keys.identityKey).toBe(toHex(nodeEd25519.publicKey(fromHex(expand(utf8('islet/v1/identity'))))))
    expect(keys.consent(258).salt).toBe(
      expand(concat(utf8('islet/v1/consent-salt'), Uint8Array.of(0, 0, 1, 2))),
    )
  })

  it('differ for every consent and every root, and share nothing', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(0xffff_ffff),
        fc.nat(0xffff_ffff),
        (secret, a, b) => {
          fc.pre(a !== b)
          const own = patientKeys(secret, nodeHasher, nodeEd25519)
          const parts = [a, b].flatMap((index) => {
            const { privateKey, address, salt } = own.consent(index)
            expect(secp256k1.utils.isValidSecretKey(privateKey)).toBe(true)
            return [toHex(privateKey), address, salt]
          })
          const all = [
            ...parts,
            own.identityKey,
            toHex(own.inboxSeed),
            toHex(own.streamCommitment),
            toHex(own.root),
          ]
          expect(new Set(all).size).toBe(all.length)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('come back whole from the root alone: nothing else is to be kept', () => {
    const again = patientKeys(keys.root, nodeHasher, nodeEd25519)
    expect(again.consent(7)).toEqual(keys.consent(7))
    expect(again.identityKey).toBe(keys.identityKey)
  })

  it('are not made from a root of another length or for a consent out of range', () => {
    expect(() => patientKeys(new Uint8Array(31), nodeHasher, nodeEd25519)).toThrow(
      expect.objectContaining({ code: 'NOT_A_ROOT' }),
    )
    for (const index of [-1, 0.5, 2 ** 32, Number.NaN]) {
      expect(() => keys.consent(index)).toThrow(expect.objectContaining({ code: 'NOT_A_CONSENT_INDEX' }))
    }
  })
})

describe('a ledger address', () => {
  it.each([
    {
      why: 'the first account of the test mnemonic',
      key: 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
      address: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
    },
    {
      why: 'the private key 1',
      key: '01'.padStart(64, '0'),
      address: '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf',
    },
  ])('is that of $why', ({ key, address }) => {
    expect(ledgerAddress(fromHex(key))).toBe(address)
  })
})

describe('the frozen vectors', () => {
  it('hold for an institution, a document, a did:key and fingerprints', () => {
    const part = (name: 'ledger' | 'message' | 'hpke') => fromHex(vectors.institution.secrets[name])
    const institution = institutionKeys(
      { ledger: part('ledger'), message: part('message'), hpke: part('hpke') },
      nodeEd25519,
    )
    const { ledgerAddress: address, messageKey, hpkeKey } = institution.public
    expect({ address, messageKey, hpkeKeySha256: toHex(nodeHasher.sha256(utf8(hpkeKey))) }).toEqual(
      vectors.institution.public,
    )
    expect(signDocument('islet.vector/1', vectors.document.body, keys.identity)).toEqual(vectors.document)
    expect(didKey(keys.identityKey)).toBe(vectors.did)
    expect(publicKeyOfDid(vectors.did)).toBe(keys.identityKey)
    expect(fingerprint('identity', fromHex(keys.identityKey), nobleHasher)).toBe(vectors.fingerprint)
  })
})

describe('a did:key', () => {
  it('is that of the did:key specification for an Ed25519 key', () => {
    const did = 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH'
    const key = publicKeyOfDid(did)
    expect(key).toBe('0x94966b7c08e405775f8de6cc1c4508f6eb227403e1025b2c8ad2d7477398c5b2')
    expect(key === undefined ? '' : didKey(key)).toBe(did)
  })

  it('is not read out of other identifiers', () => {
    for (const did of [
      'did:web:example.com',
      'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme',
      'did:key:',
      'did:key:z0OIl',
      '',
    ]) {
      expect(publicKeyOfDid(did)).toBeUndefined()
    }
  })

  it('has a document whose methods all name the key', () => {
    const did = didKey(keys.identityKey)
    expect(didDocument(keys.identityKey)).toMatchObject({
      id: did,
      authentication: [`${did}#${did.slice(8)}`],
      verificationMethod: [{ type: 'Multikey', controller: did }],
    })
  })
})

describe('a fingerprint', () => {
  it('differs by key and by kind of key', () => {
    const other = new Uint8Array(32)
    const prints = [
      fingerprint('identity', fromHex(keys.identityKey), nodeHasher),
      fingerprint('message', fromHex(keys.identityKey), nodeHasher),
      fingerprint('identity', other, nodeHasher),
    ]
    expect(new Set(prints).size).toBe(3)
    for (const print of prints) expect(print).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/)
  })
})
