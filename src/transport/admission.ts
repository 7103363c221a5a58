/**
 * The gate of signed requests, the same for every transport and every route: who is it, is it fresh, is it for us.
 *
 * Law: the head is judged before a byte of the body is read; the body must be the one that was signed; a signature counts once.
 * Source: PROTOCOL 6 and 21; RFC 9421.
 */
import {
  digestMatches,
  type Parties,
  type Party,
  type ProvenRequest,
  type ReplayCache,
  type Role,
  type Sha256,
  type SignatureRefusal,
  type SignatureVerifier,
  verifyRequest,
  type WireRequest,
} from '../api/index.ts'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'

export interface Gate {
  /** Origin under which we are addressed, as in https://10.0.0.7:7443. Never taken from the request. */
  readonly origin: () => string
  readonly parties: Parties
  readonly replays: ReplayCache
  readonly verifier: SignatureVerifier
  readonly sha256: Sha256
  /** Seconds since 1970. */
  readonly now: () => number
}

/** A proven sender; `party` is absent for a key that nobody enrolled. */
export interface Admitted {
  readonly ok: true
  readonly proof: ProvenRequest
  readonly party?: Party
  /** Roles in force: none for a stranger or a suspended party. */
  readonly roles: readonly Role[]
}

export interface Turned<Code extends string> {
  readonly ok: false
  readonly code: Code
}

/** Judges the head of a request. */
export async function admitHead(
  request: Omit<WireRequest, 'body'>,
  gate: Gate,
): Promise<Admitted | Turned<SignatureRefusal | 'TARGET_WRONG'>> {
  if (!request.url.startsWith(`${gate.origin()}/`)) return { ok: false, code: 'TARGET_WRONG' }
  const proof = await verifyRequest(request, {
    verifier: gate.verifier,
    now: quantity<UnixSeconds>(gate.now()),
  })
  if (!proof.ok) return proof
  const party = await gate.parties.find(proof.keyId)
  if (party === undefined) return { ok: true, proof, roles: [] }
  return { ok: true, proof, party, roles: party.state === 'active' ? party.roles : [] }
}

/** Judges the body of an admitted request, and lets it count only once. */
export async function admitBody(
  request: Pick<WireRequest, 'headers' | 'body'>,
  proof: ProvenRequest,
  gate: Gate,
): Promise<{ readonly ok: true } | Turned<'DIGEST_WRONG' | 'REQUEST_REPLAYED'>> {
  if (!digestMatches(request.headers['content-digest'], request.body, gate.sha256)) {
    return { ok: false, code: 'DIGEST_WRONG' }
  }
  const fresh = await gate.replays.remember(`${proof.keyId} ${proof.nonce}`, proof.until)
  return fresh ? { ok: true } : { ok: false, code: 'REQUEST_REPLAYED' }
}
