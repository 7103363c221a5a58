/**
 * Signed requests: who sends proves it with an Ed25519 key; no secret is shared with anybody.
 *
 * Law (PROTOCOL 21): a signature covers method, target URI and content digest; it lives at most 60 s and carries a nonce
 * that counts once. The key id *is* the public key, so that no look-up can confuse keys; who holds it is asked afterwards.
 * Source: RFC 9421 section 3.3.6 (ed25519), RFC 9530.
 */
import { fromBase64Url, quantity, toBase64Url, type UnixSeconds, utf8 } from '../vocabulary/index.ts'
import { contentDigest, type Sha256 } from './content-digest.ts'
import { type Component, signatureBase, type WireRequest } from './signature-base.ts'
import { readSignature, writeSignature } from './signature-fields.ts'

/** Signs with a message or identity key; `keyId` is its Ed25519 public key in base64url. */
export interface MessageSigner {
  readonly keyId: string
  readonly sign: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>
}

/** A signer of messages from a key pair that can sign. */
export function messageSigner(key: {
  readonly publicKey: Uint8Array
  readonly sign: MessageSigner['sign']
}): MessageSigner {
  return { keyId: toBase64Url(key.publicKey), sign: (bytes) => key.sign(bytes) }
}

/** Checks Ed25519 signatures (RFC 8032). */
export interface SignatureVerifier {
  readonly verify: (
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
  ) => boolean | Promise<boolean>
}

/** A signature lives at most this long, in seconds. */
export const SIGNATURE_LIFE_SECONDS = 60
/** How far two clocks may stand apart, in seconds, in either direction. */
export const CLOCK_SKEW_SECONDS = 30

export const TAG = 'islet-v1'
const ALGORITHM = 'ed25519'
const COVERED: readonly Component[] = [
  { name: '@method' },
  { name: '@target-uri' },
  { name: 'content-digest' },
]
const NONCE = /^[A-Za-z0-9_-]{22,64}$/

export interface UnsignedRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

export interface SigningMeans {
  readonly signer: MessageSigner
  readonly sha256: Sha256
  readonly now: () => UnixSeconds
  /** Fresh random bytes. */
  readonly random: (length: number) => Uint8Array
}

/** Signs a request; a new nonce each time, so that a retry is a new request. */
export async function signRequest(request: UnsignedRequest, means: SigningMeans): Promise<WireRequest> {
  const body = request.body ?? new Uint8Array(0)
  const created = Math.floor(means.now())
  const parameters = [
    ['created', created],
    ['expires', created + SIGNATURE_LIFE_SECONDS],
    ['nonce', toBase64Url(means.random(16))],
    ['keyid', means.signer.keyId],
    ['alg', ALGORITHM],
    ['tag', TAG],
  ] as const
  const headers = { ...request.headers, 'content-digest': contentDigest(body, means.sha256) }
  const bare: WireRequest = { method: request.method, url: request.url, headers, body }
  const signature = await means.signer.sign(utf8(signatureBase(bare, COVERED, parameters)))
  return {
    ...bare,
    headers: { ...headers, ...writeSignature({ components: COVERED, parameters, signature }) },
  }
}

/** What a valid signature proves: possession of this key, for this request, once. */
export interface ProvenRequest {
  readonly ok: true
  readonly keyId: string
  readonly publicKey: Uint8Array
  /** Unique per key until `until`; to be remembered so that it counts once. */
  readonly nonce: string
  /** From then on the signature is refused by its age alone. */
  readonly until: UnixSeconds
}

export type SignatureRefusal =
  | 'SIGNATURE_MISSING'
  | 'SIGNATURE_MALFORMED'
  | 'SIGNATURE_INCOMPLETE'
  | 'SIGNATURE_WRONG'
  | 'SIGNATURE_EXPIRED'
  | 'SIGNATURE_TOO_EARLY'
  | 'SIGNATURE_LIVES_TOO_LONG'

export interface Refused<Code extends string> {
  readonly ok: false
  readonly code: Code
}

/**
 * Checks a request's signature over its head; the body is compared with the covered digest by `digestMatches`.
 * Reads no body, so that a stranger cannot make us read one.
 */
export async function verifyRequest(
  request: Omit<WireRequest, 'body'>,
  means: { readonly verifier: SignatureVerifier; readonly now: UnixSeconds },
): Promise<ProvenRequest | Refused<SignatureRefusal>> {
  const { headers } = request
  if (headers['signature'] === undefined && headers['signature-input'] === undefined) {
    return { ok: false, code: 'SIGNATURE_MISSING' }
  }
  const fields = readSignature(headers)
  if (fields === undefined) return { ok: false, code: 'SIGNATURE_MALFORMED' }
  const covers = (component: Component): boolean =>
    fields.components.some(({ name, request }) => name === component.name && request === undefined)
  const values = new Map(fields.parameters)
  const [created, expires, nonce] = [values.get('created'), values.get('expires'), values.get('nonce')]
  const keyId = values.get('keyid')
  if (
    !COVERED.every(covers) ||
    typeof created !== 'number' ||
    typeof expires !== 'number' ||
    typeof nonce !== 'string' ||
    !NONCE.test(nonce) ||
    typeof keyId !== 'string' ||
    values.get('alg') !== ALGORITHM ||
    values.get('tag') !== TAG ||
    headers['content-digest'] === undefined
  ) {
    return { ok: false, code: 'SIGNATURE_INCOMPLETE' }
  }
  if (expires - created > SIGNATURE_LIFE_SECONDS || expires <= created) {
    return { ok: false, code: 'SIGNATURE_LIVES_TOO_LONG' }
  }
  if (created > means.now + CLOCK_SKEW_SECONDS) return { ok: false, code: 'SIGNATURE_TOO_EARLY' }
  const until = quantity<UnixSeconds>(expires + CLOCK_SKEW_SECONDS)
  if (means.now >= until) return { ok: false, code: 'SIGNATURE_EXPIRED' }
  const publicKey = keyBytes(keyId)
  if (publicKey === undefined) return { ok: false, code: 'SIGNATURE_MALFORMED' }
  let base: string
  try {
    base = signatureBase({ ...request, body: new Uint8Array(0) }, fields.components, fields.parameters)
  } catch {
    return { ok: false, code: 'SIGNATURE_INCOMPLETE' }
  }
  if (!(await means.verifier.verify(publicKey, utf8(base), fields.signature))) {
    return { ok: false, code: 'SIGNATURE_WRONG' }
  }
  return { ok: true, keyId, publicKey, nonce, until }
}

/** The public key that a key id spells, or undefined. */
export function keyBytes(keyId: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(keyId)) return undefined
  try {
    return fromBase64Url(keyId)
  } catch {
    return undefined
  }
}
