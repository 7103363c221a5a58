/**
 * A sealed cover and the consent key's word for it: how the first envelope and every re-sealed one travel.
 *
 * Law: key generations are never on the ledger; an envelope is signed off the ledger by its consent's own key, without
 * a transaction, so that one revoke links no other consent (PROTOCOL 8). A later sequence replaces an earlier one.
 */
import Type from 'typebox'
import { AddressField, Base64UrlField, ConsentIdField, Hash32Field, KindField } from '../api/index.ts'
import type { Hasher } from '../vault/index.ts'
import { type CoverScope, envelopeHash } from '../vault/keys.door.ts'
import {
  type Address,
  canonicalJson,
  fromBase64Url,
  type Hash32,
  hash32,
  IsletError,
  toBase64Url,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import { hexWord, keccak } from './abi-words.ts'
import {
  asJson,
  Count,
  type Document,
  Generation,
  LedgerSignature,
  manyOf,
  record,
  Window,
} from './document.ts'
import { signDigest, signerOf } from './intents.ts'

const EnvelopeNoticeSchema = record({
  consentId: ConsentIdField,
  signer: AddressField,
  /** 0 for the envelope of the grant, then one more with each re-sealing. */
  sequence: Count,
  chainId: Type.String({ pattern: '^[1-9][0-9]{0,18}$' }),
  covers: manyOf(record({ kind: KindField, generation: Generation, window: Window }), 4096),
  envelope: Hash32Field,
})
export type EnvelopeNotice = Document<typeof EnvelopeNoticeSchema>

export const SignedEnvelopeSchema = record({
  notice: EnvelopeNoticeSchema,
  signature: LedgerSignature,
  sealed: Base64UrlField,
})
export type SignedEnvelope = Document<typeof SignedEnvelopeSchema>

/** The 32 bytes that bind an envelope to its consent: the address that signs for it alone. */
export function envelopeBinding(signer: Address): Hash32 {
  return hash32(toHex(hexWord(signer)))
}

/** Signs an envelope with its consent's key. */
export function signEnvelope(
  notice: EnvelopeNotice,
  sealed: Uint8Array,
  consentKey: Uint8Array,
): SignedEnvelope {
  return { notice, signature: signDigest(consentKey, noticeDigest(notice)), sealed: toBase64Url(sealed) }
}

/** The sealed bytes, once their hash and the consent key's signature hold. Throws `ENVELOPE_REFUSED`. */
export function sealedBytes(hasher: Hasher, envelope: SignedEnvelope, signer: Address): Uint8Array {
  const sealed = fromBase64Url(envelope.sealed)
  const { notice } = envelope
  const holds =
    notice.signer === signer &&
    notice.envelope === envelopeHash(hasher, sealed) &&
    signerOf(noticeDigest(notice), envelope.signature) === signer
  if (!holds) {
    throw new IsletError('ENVELOPE_REFUSED', 'the envelope is not the one that the consent key signed')
  }
  return sealed
}

/** The scope to open an envelope with. */
export function envelopeScope(notice: EnvelopeNotice): {
  readonly chainId: bigint
  readonly consent: Hash32
  readonly covers: readonly CoverScope[]
} {
  return {
    chainId: BigInt(notice.chainId),
    consent: envelopeBinding(notice.signer),
    covers: notice.covers,
  }
}

function noticeDigest(notice: EnvelopeNotice): Hash32 {
  return keccak(utf8('islet/v1/envelope-notice\0'), utf8(canonicalJson(asJson(notice))))
}
