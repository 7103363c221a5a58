/**
 * Signed answers: the answer of an institution is bound to the very request that it answers.
 *
 * Law: the signature covers status, digest and, through `;req`, the method, target and signature of the request, so that
 * an answer can be neither altered, nor moved to another question, nor replayed.
 * Source: RFC 9421 section 2.4.
 */
import { type UnixSeconds, utf8 } from '../vocabulary/index.ts'
import { contentDigest, digestMatches, type Sha256 } from './content-digest.ts'
import { type Component, signatureBase, type WireRequest, type WireResponse } from './signature-base.ts'
import { readSignature, writeSignature } from './signature-fields.ts'
import {
  CLOCK_SKEW_SECONDS,
  keyBytes,
  type MessageSigner,
  type Refused,
  SIGNATURE_LIFE_SECONDS,
  type SignatureVerifier,
  TAG,
} from './signed-request.ts'

const COVERED: readonly Component[] = [
  { name: '@status' },
  { name: 'content-digest' },
  { name: '@method', request: true },
  { name: '@target-uri', request: true },
  { name: 'signature', request: true },
]

/** Signs an answer to a signed request. */
export async function signResponse(
  response: WireResponse,
  answered: Omit<WireRequest, 'body'>,
  means: { readonly signer: MessageSigner; readonly sha256: Sha256; readonly now: UnixSeconds },
): Promise<WireResponse> {
  const parameters = [
    ['created', Math.floor(means.now)],
    ['keyid', means.signer.keyId],
    ['alg', 'ed25519'],
    ['tag', TAG],
  ] as const
  const headers = { ...response.headers, 'content-digest': contentDigest(response.body, means.sha256) }
  const bare = { ...response, headers }
  const request = { ...answered, body: new Uint8Array(0) }
  const signature = await means.signer.sign(utf8(signatureBase(bare, COVERED, parameters, request)))
  return {
    ...bare,
    headers: { ...headers, ...writeSignature({ components: COVERED, parameters, signature }) },
  }
}

export type AnswerRefusal = 'ANSWER_UNSIGNED' | 'ANSWER_SIGNATURE_WRONG' | 'ANSWER_ALTERED' | 'ANSWER_STALE'

/** Whether an answer comes from the holder of `expectedKeyId` and answers exactly this request. */
export async function verifyResponse(
  response: WireResponse,
  answered: WireRequest,
  expectedKeyId: string,
  means: { readonly verifier: SignatureVerifier; readonly sha256: Sha256; readonly now: UnixSeconds },
): Promise<{ readonly ok: true } | Refused<AnswerRefusal>> {
  const fields = readSignature(response.headers)
  if (fields === undefined) return { ok: false, code: 'ANSWER_UNSIGNED' }
  const values = new Map(fields.parameters)
  const created = values.get('created')
  const publicKey = keyBytes(expectedKeyId)
  const complete = COVERED.every((wanted) =>
    fields.components.some(({ name, request }) => name === wanted.name && request === wanted.request),
  )
  if (
    publicKey === undefined ||
    values.get('keyid') !== expectedKeyId ||
    values.get('tag') !== TAG ||
    values.get('alg') !== 'ed25519' ||
    typeof created !== 'number' ||
    !complete
  ) {
    return { ok: false, code: 'ANSWER_SIGNATURE_WRONG' }
  }
  const age = means.now - created
  if (age > SIGNATURE_LIFE_SECONDS + CLOCK_SKEW_SECONDS || age < -CLOCK_SKEW_SECONDS) {
    return { ok: false, code: 'ANSWER_STALE' }
  }
  let base: string
  try {
    base = signatureBase(response, fields.components, fields.parameters, answered)
  } catch {
    return { ok: false, code: 'ANSWER_SIGNATURE_WRONG' }
  }
  if (!(await means.verifier.verify(publicKey, utf8(base), fields.signature))) {
    return { ok: false, code: 'ANSWER_SIGNATURE_WRONG' }
  }
  return digestMatches(response.headers['content-digest'], response.body, means.sha256)
    ? { ok: true }
    : { ok: false, code: 'ANSWER_ALTERED' }
}
