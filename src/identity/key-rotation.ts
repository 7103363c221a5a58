/**
 * An institution changes its keys while it still holds the old ones: the old message key names the new keys, and each
 * new signing key proves that somebody holds it. Who lost the old keys comes back by `replace-keys` (institution
 * enrolment) and a vote.
 *
 * Laws: rotations of one institution are numbered from 1 without gaps and each is signed by the key before it, so that
 * the history of message keys, under which old log checkpoints stand, can be checked from the first key on.
 */
import {
  type Bytes,
  formatInstant,
  type Hash32,
  type Hex,
  type InstitutionId,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { Ed25519 } from './ed25519.ts'
import type { InstitutionKeys, InstitutionPublicKeys } from './institution-keys.ts'
import { proveLedgerKey, verifyLedgerKeyProof } from './ledger-proof.ts'
import { documentBytes, type SignedDocument, signDocument, verifyDocument } from './sign-document.ts'

export const KEY_ROTATION_TYPE = 'islet.key-rotation/1'
const POSSESSION_TYPE = 'islet.key-possession/1'

export type KeyRotationBody = {
  readonly institution: InstitutionId
  /** 1 for the first change of keys. */
  readonly sequence: number
  readonly previous: Hash32
  readonly next: InstitutionPublicKeys
  readonly at: string
}
/** Signed by the previous message key, with proofs by the next message and ledger keys. */
export type KeyRotation = SignedDocument<KeyRotationBody> & {
  readonly possession: SignedDocument<KeyRotationBody>
  readonly ledgerProof: Hex
}

/** Signs a change of keys. */
export function rotateKeys(
  institution: InstitutionId,
  keys: { readonly previous: InstitutionKeys; readonly next: InstitutionKeys },
  sequence: number,
  at: UnixSeconds,
): KeyRotation {
  const { previous, next } = keys
  const body: KeyRotationBody = {
    institution,
    sequence,
    previous: previous.public.messageKey,
    next: next.public,
    at: formatInstant(at),
  }
  return {
    ...signDocument(KEY_ROTATION_TYPE, body, previous.message),
    possession: signDocument(POSSESSION_TYPE, body, next.message),
    ledgerProof: proveLedgerKey(next.ledgerKey, rotationBytes(body)),
  }
}

export type RotationCheck =
  | { readonly ok: true; readonly keys: InstitutionPublicKeys }
  | {
      readonly ok: false
      readonly code:
        | 'ROTATION_FORGED'
        | 'ROTATION_OUT_OF_ORDER'
        | 'ROTATION_KEY_UNPROVED'
        | 'ROTATION_ELSEWHERE'
    }

/** Whether a change of keys holds for an institution whose message key is known and who rotated `done` times before. */
export function checkRotation(
  rotation: KeyRotation,
  institution: { readonly id: InstitutionId; readonly messageKey: Hash32; readonly done: number },
  ed: Ed25519,
): RotationCheck {
  const { body, possession } = rotation
  if (body.institution !== institution.id) return { ok: false, code: 'ROTATION_ELSEWHERE' }
  const expected = { type: KEY_ROTATION_TYPE, signer: institution.messageKey } as const
  if (!verifyDocument(rotation, expected, ed) || body.previous !== institution.messageKey) {
    return { ok: false, code: 'ROTATION_FORGED' }
  }
  if (body.sequence !== institution.done + 1) return { ok: false, code: 'ROTATION_OUT_OF_ORDER' }
  const held =
    verifyDocument({ ...possession, body }, { type: POSSESSION_TYPE, signer: body.next.messageKey }, ed) &&
    verifyLedgerKeyProof(rotation.ledgerProof, rotationBytes(body), body.next.ledgerAddress)
  return held ? { ok: true, keys: body.next } : { ok: false, code: 'ROTATION_KEY_UNPROVED' }
}

export type KeyHistory =
  /** Message keys, newest first. */
  | { readonly ok: true; readonly messageKeys: readonly Hash32[]; readonly current: InstitutionPublicKeys }
  | {
      readonly ok: false
      readonly code:
        | 'ROTATION_FORGED'
        | 'ROTATION_OUT_OF_ORDER'
        | 'ROTATION_KEY_UNPROVED'
        | 'ROTATION_ELSEWHERE'
      readonly sequence: number
    }

/** Every message key an institution ever had, checked from the first; rotations in any order. */
export function keyHistory(
  id: InstitutionId,
  first: InstitutionPublicKeys,
  rotations: readonly KeyRotation[],
  ed: Ed25519,
): KeyHistory {
  let current = first
  const messageKeys: Hash32[] = [first.messageKey]
  const ordered = rotations.toSorted((a, b) => a.body.sequence - b.body.sequence)
  for (const [done, rotation] of ordered.entries()) {
    const check = checkRotation(rotation, { id, messageKey: current.messageKey, done }, ed)
    if (!check.ok) return { ...check, sequence: rotation.body.sequence }
    current = check.keys
    messageKeys.unshift(current.messageKey)
  }
  return { ok: true, messageKeys, current }
}

function rotationBytes(body: KeyRotationBody): Bytes {
  return documentBytes(KEY_ROTATION_TYPE, body)
}
