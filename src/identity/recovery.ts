/**
 * Ways back to a patient's root: passphrase, recovery code, guardians. Each wraps the same R on its own.
 *
 * Law: real data is accepted only after two different ways have each been tried and led to the same R (DESIGN 6).
 * A way counts when it has opened, not when it was written.
 */
import { type Crypto, hkdf, KEY_BYTES, NONCE_BYTES } from '../vault/index.ts'
import {
  type Bytes,
  equalBytes,
  fromBase64Url,
  type Hash32,
  hash32,
  IsletError,
  isIsletError,
  toBase64Url,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import type { Ed25519 } from './ed25519.ts'
import { patientKeys, ROOT_BYTES } from './patient-keys.ts'
import { RECOVERY_BYTES } from './recovery-code.ts'

const LABEL = utf8('islet/v1/recovery-wrap')
const LOOKUP_LABEL = utf8('islet/v1/recovery-lookup')

/** R wrapped by a recovery code; worthless without the code, so it may be kept by custodian and patient. */
export type RecoveryWrap = {
  readonly schema: 'islet.recovery-wrap/1'
  readonly salt: string
  readonly nonce: string
  readonly sealed: string
}

/** Wraps a root under a recovery code's secret. The code has 160 bits, so no slow derivation is needed. */
export async function wrapRoot(root: Uint8Array, secret: Uint8Array, crypto: Crypto): Promise<RecoveryWrap> {
  const salt = crypto.cipher.random(KEY_BYTES)
  const nonce = crypto.cipher.random(NONCE_BYTES)
  const key = wrapKey(secret, salt, crypto)
  const [sealed] = await crypto.cipher.encrypt([{ key, nonce, associated: LABEL, plaintext: root }])
  if (sealed === undefined) throw new IsletError('RECOVERY_WRAP_FAILED', 'the root could not be wrapped')
  return {
    schema: 'islet.recovery-wrap/1',
    salt: toBase64Url(salt),
    nonce: toBase64Url(nonce),
    sealed: toBase64Url(sealed),
  }
}

/**
 * The name under which a wrap can be left with others: 32 bytes that only whoever has the secret can tell, and that say
 * nothing of the key that wraps.
 */
export function recoveryLookup(secret: Uint8Array, crypto: Crypto): Hash32 {
  checkSecret(secret)
  return hash32(toHex(hkdf(crypto.hasher, secret, { info: LOOKUP_LABEL, length: 32 })))
}

export type Unwrapped =
  | { readonly code: 'OPENED'; readonly root: Bytes }
  /** Another code, or a changed wrap. */
  | { readonly code: 'RECOVERY_CODE_WRONG' }

/** Opens a wrap with a recovery code's secret. */
export async function unwrapRoot(wrap: RecoveryWrap, secret: Uint8Array, crypto: Crypto): Promise<Unwrapped> {
  try {
    const key = wrapKey(secret, fromBase64Url(wrap.salt), crypto)
    const nonce = fromBase64Url(wrap.nonce)
    const sealed = fromBase64Url(wrap.sealed)
    if (nonce.length !== NONCE_BYTES) return { code: 'RECOVERY_CODE_WRONG' }
    const [root] = await crypto.cipher.decrypt([{ key, nonce, associated: LABEL, sealed }])
    return root?.length === ROOT_BYTES ? { code: 'OPENED', root } : { code: 'RECOVERY_CODE_WRONG' }
  } catch (error) {
    if (isIsletError(error, 'NOT_BASE64URL')) return { code: 'RECOVERY_CODE_WRONG' }
    throw error
  }
}

export type RecoveryRoute = 'passphrase' | 'recovery-code' | 'guardians' | 'passkey'

/** A way that was tried and opened. The tag tells whether two ways lead to the same R, and nothing of R. */
export interface RouteProof {
  readonly route: RecoveryRoute
  readonly rootTag: Bytes
}

/** Notes that a way gave this root. Throws `NOT_A_ROOT`. */
export function provedRoute(route: RecoveryRoute, root: Uint8Array, crypto: Crypto, ed: Ed25519): RouteProof {
  return { route, rootTag: patientKeys(root, crypto.hasher, ed).rootTag }
}

export type RecoveryReadiness =
  | { readonly ready: true; readonly routes: readonly RecoveryRoute[] }
  | { readonly ready: false; readonly code: 'RECOVERY_ROUTES_TOO_FEW' | 'RECOVERY_ROUTES_DIFFER' }

/** Whether real data may be accepted: two different ways, tried, to one root. */
export function recoveryReady(proofs: readonly RouteProof[]): RecoveryReadiness {
  const [first] = proofs
  if (first !== undefined && proofs.some((proof) => !equalBytes(proof.rootTag, first.rootTag))) {
    return { ready: false, code: 'RECOVERY_ROUTES_DIFFER' }
  }
  const routes = [...new Set(proofs.map(({ route }) => route))]
  return routes.length >= 2 ? { ready: true, routes } : { ready: false, code: 'RECOVERY_ROUTES_TOO_FEW' }
}

function wrapKey(secret: Uint8Array, salt: Uint8Array, crypto: Crypto): Bytes {
  checkSecret(secret)
  return hkdf(crypto.hasher, secret, { salt, info: LABEL, length: KEY_BYTES })
}

function checkSecret(secret: Uint8Array): void {
  if (secret.length !== RECOVERY_BYTES) {
    throw new IsletError('RECOVERY_SECRET_WRONG', 'a recovery secret has 20 bytes', { length: secret.length })
  }
}
