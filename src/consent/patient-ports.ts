/**
 * What a patient's agent works with, and how it judges a request before a person sees it.
 *
 * Law: a request is shown only when the institution it names signed it, is an active member, put its commitment on the
 * ledger, and holds the key that the covers would be sealed to.
 */
import type { Ed25519, PatientKeys } from '../identity/index.ts'
import { hpkeKeyHash } from '../identity/index.ts'
import type { Crypto } from '../vault/index.ts'
import { IsletError, type UnixSeconds } from '../vocabulary/index.ts'
import { requestCommitment, type SignedRequest } from './access-request.ts'
import type { ChainReader } from './chain.ts'
import { isCardOf } from './delegations.ts'
import { requireSigned } from './document.ts'
import type { Send } from './house.ts'
import type { Shelf } from './shelf.ts'

export interface PatientPorts {
  readonly keys: PatientKeys
  readonly ed: Ed25519
  readonly crypto: Crypto
  readonly chain: ChainReader
  readonly shelf: Shelf
  readonly clock: () => UnixSeconds
  readonly send: Send
  /** Milliseconds that one institution may take over a message; `PATIENCE` when left out. */
  readonly patience?: number
}

/** Throws `REQUEST_REFUSED` (names the part) or `SIGNATURE_REFUSED`. */
export async function checkRequest(
  ports: Pick<PatientPorts, 'chain' | 'crypto' | 'ed'>,
  request: SignedRequest,
): Promise<void> {
  const { body } = request
  requireSigned(request, ports.ed, 'access request')
  const member = await ports.chain.member(body.reader)
  const keyIsTheirs =
    body.subject.type === 'delegate'
      ? isCardOf(body.card, body.subject.key, body.hpkeKey, ports.ed)
      : member?.hpkeKeyHash === hpkeKeyHash(body.hpkeKey, ports.crypto.hasher)
  const parts: readonly (readonly [string, boolean])[] = [
    ['signer', member?.messageKey === request.signer],
    ['member', member?.active === true],
    ['key', keyIsTheirs],
    ['ledger', (await ports.chain.requestedAt(body.reader, requestCommitment(body))) !== undefined],
    ['window', body.until > body.from && body.expiresAt > body.created],
  ]
  const broken = parts.find(([, holds]) => !holds)
  if (broken !== undefined) {
    throw new IsletError('REQUEST_REFUSED', 'the request is not what an active member asked on the ledger', {
      part: broken[0],
    })
  }
}
