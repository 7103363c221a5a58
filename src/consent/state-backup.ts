/**
 * The agent's state, sealed under R and kept at the custodian, so that whoever has R again has every grant again.
 *
 * Law: the custodian stores noise; the key comes from R and serves for nothing else; a newer state is never replaced by an
 * older one.
 */
import type { PatientKeys } from '../identity/index.ts'
import { type Crypto, hkdf, KEY_BYTES, NONCE_BYTES } from '../vault/index.ts'
import { concat, fromUtf8, IsletError, utf8 } from '../vocabulary/index.ts'
import { parseText } from './document.ts'
import { type PatientState, PatientStateSchema } from './patient-state.ts'

const LABEL = utf8('islet/v1/state-backup')
/** States are padded to a multiple of this, so that their size says little. */
const PADDING = 16_384

/** nonce ‖ AES-256-GCM of the padded state. */
export async function sealState(crypto: Crypto, keys: PatientKeys, state: PatientState): Promise<Uint8Array> {
  const text = utf8(JSON.stringify(state))
  const plaintext = new Uint8Array(Math.ceil((text.length + 1) / PADDING) * PADDING).fill(0x20)
  plaintext.set(text)
  const nonce = crypto.cipher.random(NONCE_BYTES)
  const [sealed] = await crypto.cipher.encrypt([
    { key: stateKey(crypto, keys), nonce, associated: LABEL, plaintext },
  ])
  if (sealed === undefined) throw new IsletError('CIPHER_BROKEN', 'the cipher gave no result')
  return concat(nonce, sealed)
}

/** Throws `STATE_DOES_NOT_OPEN`, `DOCUMENT_REFUSED`. */
export async function openState(
  crypto: Crypto,
  keys: PatientKeys,
  sealed: Uint8Array,
): Promise<PatientState> {
  const job = {
    key: stateKey(crypto, keys),
    nonce: sealed.subarray(0, NONCE_BYTES),
    associated: LABEL,
    sealed: sealed.subarray(NONCE_BYTES),
  }
  const [plaintext] = await crypto.cipher.decrypt([job])
  if (plaintext === undefined) {
    throw new IsletError('STATE_DOES_NOT_OPEN', 'the stored state was not sealed under this root key')
  }
  return parseText(PatientStateSchema, fromUtf8(plaintext), 'state of the patient agent')
}

function stateKey(crypto: Crypto, keys: PatientKeys): Uint8Array {
  return hkdf(crypto.hasher, keys.root, { info: LABEL, length: KEY_BYTES })
}
