/**
 * Guardians: k of n people who together, and only together, can give a patient their root back.
 *
 * A random key wraps R; the key is split (Shamir over GF(2^8)), each share sealed to one guardian (HPKE). Guardians
 * change by a new kit with a new key; shares of the old one open nothing of the new one.
 *
 * Laws: fewer than k shares tell nothing of R; a share is checked against the hash in the kit before it is used, so
 * that a wrong one is named and cannot pass; shares alone, without the kit, open nothing.
 * Source: Shamir, "How to share a secret" (1979); package shamir-secret-sharing, audited, does not check results.
 */
import { combine, split } from 'shamir-secret-sharing'
import { type Crypto, type Hasher, hpkeOpen, hpkeSeal, KEY_BYTES, NONCE_BYTES } from '../vault/index.ts'
import {
  type Bytes,
  concat,
  equalBytes,
  fromBase64Url,
  IsletError,
  isIsletError,
  toBase64Url,
  uint32,
  utf8,
} from '../vocabulary/index.ts'
import { ROOT_BYTES } from './patient-keys.ts'

const WRAP_LABEL = utf8('islet/v1/guardian-wrap')
const SHARE_LABEL = utf8('islet/v1/guardian-share\0')

/** One guardian's part of a kit. */
export type GuardianShare = {
  /** SHA-256 over label, kit, place and share, base64url: the share has 256 random bits, so the hash tells nothing. */
  readonly hash: string
  /** The share, sealed to the guardian, base64url. */
  readonly sealed: string
}

/** What the patient keeps and may leave with their custodian. */
export type GuardianKit = {
  readonly schema: 'islet.guardian-kit/1'
  /** 16 random bytes, base64url; binds shares to their kit. */
  readonly id: string
  /** Guardians needed. */
  readonly threshold: number
  readonly nonce: string
  /** R under the random key. */
  readonly sealed: string
  readonly shares: readonly GuardianShare[]
}

/** Makes a kit for guardians named by their HPKE keys. Throws `GUARDIANS_WRONG` unless 2 ≤ threshold ≤ guardians ≤ 20. */
export async function makeGuardianKit(
  root: Uint8Array,
  guardians: readonly Uint8Array[],
  threshold: number,
  crypto: Crypto,
): Promise<GuardianKit> {
  if (
    !Number.isInteger(threshold) ||
    threshold < 2 ||
    threshold > guardians.length ||
    guardians.length > 20
  ) {
    throw new IsletError('GUARDIANS_WRONG', 'at least two guardians are needed, and no more than there are', {
      threshold,
      guardians: guardians.length,
    })
  }
  const { cipher, hasher } = crypto
  const id = cipher.random(16)
  const key = cipher.random(KEY_BYTES)
  const nonce = cipher.random(NONCE_BYTES)
  const [sealed] = await cipher.encrypt([{ key, nonce, associated: concat(WRAP_LABEL, id), plaintext: root }])
  const parts = await split(key, guardians.length, threshold)
  const shares = await Promise.all(
    guardians.map(async (guardian, place) => {
      const share = parts[place]
      if (share === undefined) throw new IsletError('GUARDIANS_WRONG', 'a share is missing', { place })
      const sealedShare = await hpkeSeal(guardian, shareInfo(id, place), share)
      return { hash: toBase64Url(shareHash(id, place, share, hasher)), sealed: toBase64Url(sealedShare) }
    }),
  )
  return {
    schema: 'islet.guardian-kit/1',
    id: toBase64Url(id),
    threshold,
    nonce: toBase64Url(nonce),
    sealed: toBase64Url(sealed ?? new Uint8Array(0)),
    shares,
  }
}

/** A guardian opens their share with their HPKE seed; undefined when it is not theirs. */
export async function openShare(
  kit: GuardianKit,
  place: number,
  hpkeSeed: Uint8Array,
): Promise<Bytes | undefined> {
  const share = kit.shares[place]
  if (share === undefined) return undefined
  const opened = await hpkeOpen(
    hpkeSeed,
    shareInfo(fromBase64Url(kit.id), place),
    fromBase64Url(share.sealed),
  )
  return opened.code === 'OPENED' ? opened.plaintext : undefined
}

export type GuardianRecovery =
  | { readonly code: 'OPENED'; readonly root: Bytes }
  | { readonly code: 'SHARES_TOO_FEW'; readonly have: number; readonly need: number }
  /** Places whose share is not the one in the kit. */
  | { readonly code: 'SHARE_WRONG'; readonly places: readonly number[] }
  | { readonly code: 'GUARDIAN_KIT_DAMAGED' }

/** Brings R back from shares and the places they belong to. */
export async function recoverWithGuardians(
  kit: GuardianKit,
  given: readonly { readonly place: number; readonly share: Uint8Array }[],
  crypto: Crypto,
): Promise<GuardianRecovery> {
  try {
    const id = fromBase64Url(kit.id)
    const distinct = [...new Map(given.map((one) => [one.place, one])).values()]
    const wrong = distinct.filter(({ place, share }) => {
      const known = kit.shares[place]
      return (
        known === undefined ||
        !equalBytes(shareHash(id, place, share, crypto.hasher), fromBase64Url(known.hash))
      )
    })
    if (wrong.length > 0) return { code: 'SHARE_WRONG', places: wrong.map(({ place }) => place) }
    if (distinct.length < kit.threshold) {
      return { code: 'SHARES_TOO_FEW', have: distinct.length, need: kit.threshold }
    }
    const key = await combine(distinct.map(({ share }) => new Uint8Array(share)))
    const nonce = fromBase64Url(kit.nonce)
    const job = { key, nonce, associated: concat(WRAP_LABEL, id), sealed: fromBase64Url(kit.sealed) }
    const [root] = await crypto.cipher.decrypt([job])
    return root?.length === ROOT_BYTES ? { code: 'OPENED', root } : { code: 'GUARDIAN_KIT_DAMAGED' }
  } catch (error) {
    if (isIsletError(error, 'NOT_BASE64URL')) return { code: 'GUARDIAN_KIT_DAMAGED' }
    throw error
  }
}

function shareInfo(id: Uint8Array, place: number): Bytes {
  return concat(SHARE_LABEL, id, uint32(place))
}

function shareHash(id: Uint8Array, place: number, share: Uint8Array, hasher: Pick<Hasher, 'sha256'>): Bytes {
  return hasher.sha256(concat(shareInfo(id, place), share))
}
