/**
 * The outer layer: objects that lie with strangers (a content swarm, a bucket) lie there under a key of their own, which
 * the custodian gives out only on an allowed access (PROTOCOL 1).
 *
 *   stored object = "islo" ‖ suite u16 ‖ nonce 12 ‖ AES-256-GCM(object) ‖ tag 16
 *   outer key     = HKDF(the custodian's secret ‖ the object's half, salt = nonce, info = "islet/v1/outer-key")
 *
 * Laws: without the outer key neither context nor chunk shows; the outer key of one object opens no other; the half is drawn
 * for one object and kept with the custodian alone, so that its key is destroyed with it, whatever copies are left and
 * whoever has the secret; a reader who holds an hour key and finds the object in the swarm still asks the custodian. The
 * name is that of the stored bytes.
 */
import { type Bytes, type Cid, concat, IsletError, utf8 } from '../vocabulary/index.ts'
import { hkdf } from './hkdf.ts'
import type { ObjectStore } from './object-store.ts'
import { type Crypto, type Hasher, KEY_BYTES, LABELS, NONCE_BYTES, SUITE, TAG_BYTES } from './suite.ts'

const HEADER = concat(utf8('islo'), Uint8Array.of(SUITE >> 8, SUITE & 0xff))
const ASSOCIATED = concat(LABELS.outer, HEADER)
/** What the outer layer adds to an object: 34 bytes. */
export const OUTER_OVERHEAD = HEADER.length + NONCE_BYTES + TAG_BYTES

/** The halves of outer keys that are kept apart from the secret, by the names of stored objects. */
export interface KeyHalves {
  get(stored: Cid): Promise<Bytes | undefined>
  /** Enters halves; durable when it returns. */
  enter(entries: readonly (readonly [stored: Cid, half: Uint8Array])[]): Promise<void>
  /** Destroys one, durably; nothing there is no fault. */
  destroy(stored: Cid): Promise<void>
  close(): Promise<void>
}

/** What an outer key follows from. */
export interface OuterParts {
  /** The custodian's, 32 bytes. */
  readonly secret: Uint8Array
  /** The object's, 32 bytes. */
  readonly half: Uint8Array
}

/**
 * The store of a custodian over a store of strangers; `get` takes the outer layer off and throws `OUTER_KEY_DESTROYED` where
 * only a copy is left; `delete` destroys the key before it lets go of the object.
 */
export function outerKeyStore(
  crypto: Crypto,
  { secret, halves }: { readonly secret: Uint8Array; readonly halves: KeyHalves },
  store: ObjectStore,
): ObjectStore {
  if (secret.length !== KEY_BYTES) {
    throw new IsletError('OUTER_SECRET_MALFORMED', 'the outer secret has 32 bytes', { length: secret.length })
  }
  const putMany = async (objects: readonly Uint8Array[]): Promise<readonly Cid[]> => {
    const drawn = crypto.cipher.random(objects.length * (NONCE_BYTES + KEY_BYTES))
    const jobs = objects.map((plaintext, i) => {
      const own = drawn.subarray(i * (NONCE_BYTES + KEY_BYTES), (i + 1) * (NONCE_BYTES + KEY_BYTES))
      const [nonce, half] = [own.subarray(0, NONCE_BYTES), own.subarray(NONCE_BYTES)]
      const key = keyFor(crypto.hasher, { secret, half }, nonce)
      return { key, nonce, half, associated: ASSOCIATED, plaintext }
    })
    const sealed = await crypto.cipher.encrypt(jobs)
    const wrapped = jobs.map(({ nonce }, i) => concat(HEADER, nonce, sealed[i] ?? new Uint8Array(0)))
    const stored = await store.putMany(wrapped)
    await halves.enter(stored.map((name, i) => [name, jobs[i]?.half ?? new Uint8Array(0)] as const))
    return stored
  }
  return {
    put: async (bytes) => {
      const [stored] = await putMany([bytes])
      if (stored === undefined)
        throw new IsletError('CIPHER_BROKEN', 'the cipher gave back fewer results than jobs')
      return stored
    },
    putMany,
    get: async (cid) => {
      const stored = await store.get(cid)
      const half = await halves.get(cid)
      if (half === undefined) {
        throw new IsletError('OUTER_KEY_DESTROYED', 'the key of this object was destroyed', { cid })
      }
      return openOuter(crypto, outerKeyOf(crypto.hasher, { secret, half }, stored), stored, cid)
    },
    has: (cid) => store.has(cid),
    delete: async (cid) => {
      await halves.destroy(cid)
      return store.delete(cid)
    },
    list: () => store.list(),
    close: async () => {
      await store.close()
      await halves.close()
    },
  }
}

/** The key of one stored object: what the custodian releases to an allowed reader. Throws `OUTER_LAYER_BROKEN`. */
export function outerKeyOf(hasher: Hasher, parts: OuterParts, stored: Uint8Array): Bytes {
  if (stored.length < OUTER_OVERHEAD || !HEADER.every((byte, i) => byte === stored[i])) throw broken()
  return keyFor(hasher, parts, stored.subarray(HEADER.length, HEADER.length + NONCE_BYTES))
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

function keyFor(hasher: Hasher, { secret, half }: OuterParts, nonce: Uint8Array): Bytes {
  return hkdf(hasher, concat(secret, half), { salt: nonce, info: LABELS.outerKey, length: KEY_BYTES })
}

function broken(cid?: Cid): IsletError {
  const facts = cid === undefined ? {} : { cid }
  return new IsletError('OUTER_LAYER_BROKEN', 'the object does not open under its outer key', facts)
}
