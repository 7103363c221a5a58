/**
 * Where members are reached: address records, each signed by the member's own message key as the ledger knows it.
 *
 * Law: a record counts only with the signature of the key that is in force; a lower sequence never replaces a higher.
 */
import type { SignedAddress } from '../api/index.ts'
import { type Ed25519, type Signer, signDocument, verifyDocument } from '../identity/index.ts'
import {
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  toBase64Url,
} from '../vocabulary/index.ts'
import type { Peer } from './courier.ts'

const TYPE = 'islet.address/1'

/** Signs one's own address. */
export function signAddress(record: SignedAddress['body'], key: Signer): SignedAddress {
  return { ...signDocument(TYPE, { ...record }, key), type: TYPE, body: record }
}

export interface AddressBook {
  /**
   * Takes a record in. Throws `ADDRESS_NOT_SIGNED` unless the institution's own message key signed it,
   * `ADDRESS_SEQUENCE_OLD` when a different record with this or a higher sequence is known.
   */
  readonly learn: (signed: SignedAddress) => Promise<void>
  readonly peer: (institution: InstitutionId) => Promise<Peer | undefined>
  /** Every record, to be passed on or kept. */
  readonly records: () => readonly SignedAddress[]
}

/** A book in memory; `messageKey` tells the key in force of a member, from the ledger. */
export function addressBook(
  messageKey: (institution: InstitutionId) => Promise<Hash32 | undefined>,
  ed: Ed25519,
): AddressBook {
  const known = new Map<InstitutionId, SignedAddress>()
  return {
    learn: async (signed) => {
      const { institution, sequence } = signed.body
      const key = await messageKey(institution)
      const document = { ...signed, body: { ...signed.body } }
      if (key === undefined || !verifyDocument(document, { type: TYPE, signer: key }, ed)) {
        throw new IsletError(
          'ADDRESS_NOT_SIGNED',
          'the address is not signed by the message key of the member',
          {
            institution,
          },
        )
      }
      const before = known.get(institution)
      if (before !== undefined && before.signature === signed.signature) return
      if (before !== undefined && before.body.sequence >= sequence) {
        throw new IsletError('ADDRESS_SEQUENCE_OLD', 'a newer address of this member is known', { sequence })
      }
      known.set(institution, signed)
    },
    peer: async (institution) => {
      const signed = known.get(institution)
      const key = await messageKey(institution)
      if (signed === undefined || key === undefined || hash32(signed.signer) !== key) return undefined
      const { origin, certificate } = signed.body
      return { institution, origin, certificate, keyId: toBase64Url(fromHex(key)) }
    },
    records: () => [...known.values()],
  }
}
