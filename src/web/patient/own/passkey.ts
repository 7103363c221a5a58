/**
 * Passkeys as a way back: WebAuthn with the PRF extension gives a secret that only this passkey gives again.
 *
 * Laws: the secret wraps the root and is never the root, so that deleting a passkey loses a way and not the data; the
 * person is verified each time; nothing is registered anywhere but in the authenticator.
 * Source: WebAuthn level 3, section 10.1.4 (`prf`); a name is needed, an address in numbers has no passkeys (section 5.1.2).
 */
import { RECOVERY_BYTES } from '../../../identity/index.ts'
import { hkdf } from '../../../vault/index.ts'
import { webCrypto } from '../../../vault/web-cipher.door.ts'
import { type Bytes, IsletError, utf8 } from '../../../vocabulary/index.ts'

const LABEL = utf8('islet/v1/passkey')
const PATIENCE = 120_000
/** ES256 and EdDSA, by their COSE numbers. */
const ALGORITHMS = [-7, -8] as const

/** Whether this address can have passkeys at all. */
export function passkeysHere(): boolean {
  return 'PublicKeyCredential' in window && !/^[\d.]+$|:/.test(location.hostname)
}

/** Makes a passkey under a label; gives its secret. Throws `PASSKEY_DENIED`, `PASSKEY_WITHOUT_SECRET`. */
export async function makePasskey(label: string): Promise<Bytes> {
  const random = webCrypto.cipher.random
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: random(32),
        rp: { name: 'Islet' },
        user: { id: random(16), name: label, displayName: label },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        timeout: PATIENCE,
        extensions: { prf: { eval: { first: LABEL } } },
      },
    }),
  )
  const { prf } = made.getClientExtensionResults()
  if (prf?.enabled === false) throw withoutSecret()
  return prf?.results === undefined ? askPasskey(made) : secretOf(prf.results.first)
}

/** Asks for a passkey, any of this address or one in particular; gives its secret. Throws as `makePasskey`. */
export async function askPasskey(one?: PublicKeyCredential): Promise<Bytes> {
  const used = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: webCrypto.cipher.random(32),
        userVerification: 'required',
        timeout: PATIENCE,
        allowCredentials: one === undefined ? [] : [{ type: 'public-key', id: one.rawId }],
        extensions: { prf: { eval: { first: LABEL } } },
      },
    }),
  )
  const results = used.getClientExtensionResults().prf?.results
  if (results === undefined) throw withoutSecret()
  return secretOf(results.first)
}

function secretOf(output: BufferSource): Bytes {
  const bytes = ArrayBuffer.isView(output)
    ? new Uint8Array(output.buffer, output.byteOffset, output.byteLength)
    : new Uint8Array(output)
  return hkdf(webCrypto.hasher, bytes, { info: LABEL, length: RECOVERY_BYTES })
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const given = await ask()
    if (given instanceof PublicKeyCredential) return given
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
  }
  throw new IsletError(
    'PASSKEY_DENIED',
    'the passkey was not given',
    {},
    { remedy: 'try again, or use the recovery code' },
  )
}

function withoutSecret(): IsletError {
  return new IsletError(
    'PASSKEY_WITHOUT_SECRET',
    'this passkey cannot keep a key for the app',
    {},
    { remedy: 'use another device or a security key' },
  )
}
