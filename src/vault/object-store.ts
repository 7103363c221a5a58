/**
 * The port to wherever sealed objects lie: a disk, a bucket, a content swarm.
 *
 * What every store promises: `put` and `putMany` return only when the objects survive a power cut, and then all of
 * them; `get` gives exactly the bytes that the name stands for or an error, never something else; putting an object
 * again changes nothing; nobody ever sees half an object. A store knows no keys.
 */
import type { Bytes, Cid } from '../vocabulary/index.ts'

export interface ObjectStore {
  /** Stores one object durably and returns its name. */
  put(bytes: Uint8Array): Promise<Cid>
  /** Stores many objects durably, names in the same order; far cheaper than one by one. */
  putMany(objects: readonly Uint8Array[]): Promise<readonly Cid[]>
  /** The object of a name. Throws `OBJECT_MISSING`, `OBJECT_TAMPERED`, `NOT_A_CID`. */
  get(cid: Cid): Promise<Bytes>
  /** Whether the store holds the name; says nothing about its bytes. */
  has(cid: Cid): Promise<boolean>
  /** Removes an object for good; true when it was there. After it returns, no restart brings the object back. */
  delete(cid: Cid): Promise<boolean>
  /** Every name, in no order. */
  list(): AsyncIterable<Cid>
  /** Finishes what runs in the background; the store is not used after it. */
  close(): Promise<void>
}
