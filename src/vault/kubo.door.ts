/**
 * The object store in a content swarm, by the institution's own kubo node: one raw block per object, pinned under the
 * institution's name.
 *
 * Laws: what is pinned is held and listed, nothing else; an object is acknowledged when the node has block and pin; every
 * read compares the hash. The swarm is a private one (a swarm key that the members share), and what lies in it lies under
 * an outer key all the same. The node's HTTP interface has no password: it belongs on the loopback.
 * Source: kubo's RPC API v0 (block/put, block/get, block/rm, pin/add, pin/rm, pin/ls).
 */
import { type Cid, cid, fromUtf8, IsletError } from '../vocabulary/index.ts'
import { checked, cidOf, digestOf } from './content-id.ts'
import { allInParallel } from './in-parallel.ts'
import { objectMissing } from './memory-store.ts'
import { askServer, type ServerAnswer, storeRefused } from './object-server.ts'
import type { ObjectStore } from './object-store.ts'
import type { Hasher } from './suite.ts'

export interface KuboStoreOptions {
  readonly hasher: Hasher
  /** The node's interface, as in http://127.0.0.1:5001. */
  readonly node: URL
  /** Name of the pins: one institution's objects among those of a node. */
  readonly pins: string
}

export interface KuboStore extends ObjectStore {
  /** Fetches an object of the swarm and holds it; what this node holds under another name stays so. Throws `OBJECT_MISSING`. */
  pin(name: Cid): Promise<void>
}

/** How long the swarm is asked for an object that this node lacks. */
const SWARM_LIMIT = '10s'

/** Opens it; nothing is asked of the node yet. Its methods throw `STORE_UNREACHABLE`, `STORE_REFUSED` besides. */
export function kuboStore({ hasher, node, pins }: KuboStoreOptions): KuboStore {
  const ask = (
    verb: string,
    words: Readonly<Record<string, string>>,
    block?: Uint8Array,
  ): Promise<ServerAnswer> => {
    const url = new URL(`/api/v0/${verb}`, node)
    for (const [name, value] of Object.entries(words)) url.searchParams.set(name, value)
    if (block === undefined) return askServer(url, { method: 'POST' })
    const body = new FormData()
    body.set('data', new Blob([block.slice()]))
    return askServer(url, { method: 'POST', body })
  }
  const done = async (work: Promise<ServerAnswer>): Promise<ServerAnswer> => {
    const answer = await work
    if (answer.status !== 200) throw storeRefused(node, answer)
    return answer
  }
  const local = (name: Cid): Promise<ServerAnswer> => ask('block/get', { arg: name, offline: 'true' })
  const pinned = async (words: Readonly<Record<string, string>>): Promise<readonly Cid[]> => {
    const answer = await ask('pin/ls', { type: 'recursive', names: 'true', stream: 'true', ...words })
    if (answer.status !== 200) return []
    return fromUtf8(answer.bytes)
      .split('\n')
      .flatMap((line) => (line === '' ? [] : pinIn(line, pins)))
  }
  const has = async (name: Cid): Promise<boolean> => (await pinned({ arg: name })).length > 0
  const hold = (name: Cid): Promise<ServerAnswer> =>
    ask('pin/add', { arg: name, recursive: 'true', name: pins, timeout: SWARM_LIMIT })
  const drop = async (name: Cid): Promise<void> => {
    await done(ask('pin/rm', { arg: name }))
    await done(ask('block/rm', { arg: name, force: 'true' }))
  }
  const put = async (bytes: Uint8Array): Promise<Cid> => {
    const name = cidOf(hasher, bytes)
    // The node writes no block that it has, so one that went bad makes room first.
    const before = await local(name)
    if (before.status === 200 && !isSound(hasher, name, before.bytes)) {
      await ask('pin/rm', { arg: name })
      await done(ask('block/rm', { arg: name, force: 'true' }))
    }
    await done(ask('block/put', { 'cid-codec': 'raw', mhtype: 'sha2-256', mhlen: '-1' }, bytes))
    await done(hold(name))
    return name
  }
  return {
    put,
    putMany: (objects) => allInParallel(objects, put),
    get: async (name) => {
      const digest = digestOf(name)
      const answer = await local(name)
      if (answer.status !== 200 || !(await has(name))) throw objectMissing(name)
      return checked(hasher, name, answer.bytes, digest)
    },
    has,
    delete: async (name) => {
      if (!(await has(name))) return false
      await drop(name)
      return true
    },
    async *list() {
      yield* await pinned({ name: pins })
    },
    pin: async (name) => {
      digestOf(name)
      // A node has one name for a pin: that of whoever held it first.
      if ((await ask('pin/ls', { arg: name, type: 'recursive' })).status === 200) return
      const answer = await hold(name)
      if (answer.status !== 200) throw objectMissing(name)
    },
    close: async () => undefined,
  }
}

function isSound(hasher: Hasher, name: Cid, bytes: Uint8Array): boolean {
  try {
    checked(hasher, name, bytes.slice())
    return true
  } catch (error) {
    if (error instanceof IsletError && error.code === 'OBJECT_TAMPERED') return false
    throw error
  }
}

/** A line of the node's list, where it is a pin of this institution. */
function pinIn(line: string, pins: string): readonly Cid[] {
  const said: unknown = JSON.parse(line)
  if (typeof said !== 'object' || said === null || !('Cid' in said) || !('Name' in said)) return []
  return said.Name === pins ? [cid(String(said.Cid))] : []
}
