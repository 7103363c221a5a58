/**
 * The outer layer: objects that lie with strangers (a content swarm, a bucket) lie there under a key of their own, which
 * the custodian gives out only on an allowed access (PROTOCOL 1).
 *
 *   stored object = "islo" ‖ suite u16 ‖ nonce 12 ‖ AES-256-GCM(object) ‖ tag 16
 *   outer key     = HKDF(the custodian's secret, salt = nonce, info = "islet/v1/outer-key")
 *
 * Laws: without the outer key neither context nor chunk shows; the outer key of one object opens no other; a reader who
 * holds an hour key and finds the object in the swarm still asks the custodian. The name is that of the stored bytes.
 */
import { type Bytes, type Cid, concat, IsletError, utf8 } from '../vocabulary/index.ts'
import { hkdf } from './hkdf.ts'
import type { ObjectStore } from './object-store.ts'
import { type Crypto, type Hasher, KEY_BYTES, LABELS, NONCE_BYTES, SUITE, TAG_BYTES } from './suite.ts'

const HEADER = concat(utf8('islo'), Uint8Array.of(SUITE >> 8, SUITE & 0xff))
const ASSOCIATED = concat(LABELS.outer, HEADER)
/** What the outer layer adds to an object: 34 bytes. */
export const OUTER_OVERHEAD = HEADER.length + NONCE_BYTES + TAG_BYTES

/** The store of a custodian over a store of strangers; `get` takes the outer layer off. */
export function outerKeyStore(crypto: Crypto, secret: Uint8Array, store: ObjectStore): ObjectStore {
  if (secret.length !== KEY_BYTES) {
    throw new IsletError('OUTER_SECRET_MALFORMED', 'the outer secret has 32 bytes', { length: secret.length })
  }
  const wrap = async (objects: readonly Uint8Array[]): Promise<readonly Bytes[]> => {
    const nonces = crypto.cipher.random(objects.length * NONCE_BYTES)
    const jobs = objects.map((plaintext, i) => {
      const nonce = nonces.subarray(i * NONCE_BYTES, (i + 1) * NONCE_BYTES)
      return { key: keyFor(crypto.hasher, secret, nonce), nonce, associated: ASSOCIATED, plaintext }
    })
    const sealed = await crypto.cipher.encrypt(jobs)
    return jobs.map(({ nonce }, i) => concat(HEADER, nonce, sealed[i] ?? new Uint8Array(0)))
  }
  return {
    put: async (bytes) => {
      const [wrapped] = await wrap([bytes])
      if (wrapped === undefined)
        throw new IsletError('CIPHER_BROKEN', 'the cipher gave back fewer results than jobs')
      return store.put(wrapped)
    },
    putMany: async (objects) => store.putMany(await wrap(objects)),
    get: async (cid) => {
      const stored = await store.get(cid)
      return openOuter(crypto, outerKeyOf(crypto.hasher, secret, stored), stored, cid)
    },
    has: (cid) => store.has(cid),
    delete: (cid) => store.delete(cid),
    list: () => store.list(),
    close: () => store.close(),
  }
}

/** The key of one stored object: what the custodian releases to an allowed reader. Throws `OUTER_LAYER_BROKEN`. */
export function outerKeyOf(hasher: Hasher, secret: Uint8Array, stored: Uint8Array): Bytes {
  if (stored.length < OUTER_OVERHEAD || !HEADER.every((byte, i) => byte === stored[i])) throw broken()
  return keyFor(hasher, secret, stored.subarray(HEADER.length, HEADER.length + NONCE_BYTES))
}

/** Takes the outer layer off an object with its released key. Throws `OUTER_LAYER_BROKEN`. */
export async function openOuter(
  crypto: Pick<Crypto, 'cipher'>,
  key: Uint8Array,
  stored: Uint8Array,
  cid?: Cid,
): Promise<Bytes> {
  const nonce = stored.subarray(HEADER.length, HEADER.length + NONCE_BYTES)
  const sealed = stored.subarray(HEADER.length + NONCE_BYTES)
  const [object] = await crypto.cipher.decrypt([{ key, nonce, associated: ASSOCIATED, sealed }])
  if (object === undefined) throw broken(cid)
  return object
}

function keyFor(hasher: Hasher, secret: Uint8Array, nonce: Uint8Array): Bytes {
  return hkdf(hasher, secret, { salt: nonce, info: LABELS.outerKey, length: KEY_BYTES })
}

function broken(cid?: Cid): IsletError {
  const facts = cid === undefined ? {} : { cid }
  return new IsletError('OUTER_LAYER_BROKEN', 'the object does not open under its outer key', facts)
}
