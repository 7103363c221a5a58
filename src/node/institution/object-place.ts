/**
 * Where an institution's sealed objects lie: on its disk, in a bucket (S3), or in a content swarm (kubo).
 *
 *   kubo+http://127.0.0.1:5001         the institution's own node of a private swarm
 *   s3+https://HOST/BUCKET?region=R    credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
 *
 * Laws: what lies with others lies under an outer key of which only this institution has the parts, one destroyed with the
 * object (PROTOCOL 1); a directory
 * keeps the place that it began with, so that nobody loses objects by a forgotten setting.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openKeyFile, sealKeyFile, type Unlock } from '../../identity/index.ts'
import { readKeyFile, writeKeyFile } from '../../identity/key-file.door.ts'
import { openDiskStore } from '../../vault/disk.door.ts'
import {
  contentNames,
  type KeyHalves,
  type NameBook,
  type NamedStore,
  type ObjectStore,
  outerKeyStore,
} from '../../vault/index.ts'
import { openKeyHalves, readKeyHalves } from '../../vault/key-halves.door.ts'
import { kuboStore } from '../../vault/kubo.door.ts'
import { openNameBook, readNameBook } from '../../vault/name-book.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { s3Store } from '../../vault/s3.door.ts'
import { IsletError } from '../../vocabulary/index.ts'
import type { Swarm } from './replicas.ts'

export interface ObjectPlace {
  /** The institution's directory. */
  readonly directory: string
  /** Handle: its folder in a bucket, the name of its pins. */
  readonly key: string
  readonly unlock: Unlock
  /** The process's settings: `ISLET_OBJECTS_URL` and the credentials of a bucket. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Objects, and the swarm that they lie in where they do. */
export interface PlacedObjects extends ObjectStore {
  readonly swarm?: Swarm
}

const HOLDS = 'outer-secret'
const SECRET_BYTES = 32
const { hasher } = nodeCrypto

/** Opens it. Throws `OBJECTS_URL_WRONG`, `OBJECTS_ELSEWHERE`, and the codes of key file and store. */
export async function openObjects(place: ObjectPlace): Promise<PlacedObjects> {
  const url = place.environment['ISLET_OBJECTS_URL']
  const folder = join(place.directory, 'objects')
  const [onDisk, elsewhere] = [await isThere(folder), await isThere(secretPath(place))]
  if (url === undefined || url === '') {
    if (elsewhere) throw objectsElsewhere('with a server')
    return openDiskStore({ folder, hasher })
  }
  if (onDisk) throw objectsElsewhere('on this disk')
  const store = await named(
    () => openNameBook(bookPath(place)),
    await underOuterKeys(url, place, openKeyHalves),
  )
  const node = swarmNode(url)
  if (node === undefined) return store
  const copies = kuboStore({ hasher, node, pins: `islet-${place.key}-held` })
  return { ...store, swarm: { storedAs: store.storedAs, copies } }
}

/**
 * The objects as they are read beside whoever keeps them, where they lie with a server; undefined where they lie on the
 * disk. Throws as `openObjects`.
 */
export async function objectsToRead({
  unlock,
  ...which
}: Omit<ObjectPlace, 'unlock'> & { readonly unlock: () => Promise<Unlock> }): Promise<
  ObjectStore | undefined
> {
  if (!(await isThere(secretPath(which)))) return undefined
  const place = { ...which, unlock: await unlock() }
  const url = place.environment['ISLET_OBJECTS_URL']
  if (url === undefined || url === '') throw objectsElsewhere('with a server')
  return named(() => readNameBook(bookPath(place)), await underOuterKeys(url, place, readKeyHalves))
}

async function underOuterKeys(
  url: string,
  place: ObjectPlace,
  open: (path: string) => Promise<KeyHalves>,
): Promise<ObjectStore> {
  const [distant, secret] = [distantStore(url, place), await outerSecret(place)]
  return outerKeyStore(
    nodeCrypto,
    { secret, halves: await open(join(place.directory, 'object-keys')) },
    distant,
  )
}

/** Under the names of their own bytes; where the book does not open, the store beneath is closed. */
async function named(open: () => Promise<NameBook>, under: ObjectStore): Promise<NamedStore> {
  try {
    return contentNames(hasher, await open(), under)
  } catch (error) {
    await under.close()
    throw error
  }
}

function distantStore(text: string, { key, environment }: ObjectPlace): ObjectStore {
  const swarm = swarmNode(text)
  if (swarm !== undefined) return kuboStore({ hasher, node: swarm, pins: `islet-${key}` })
  const url = addressIn(text, 's3')
  const accessKey = environment['AWS_ACCESS_KEY_ID']
  const secretKey = environment['AWS_SECRET_ACCESS_KEY']
  if (url !== undefined && accessKey !== undefined && secretKey !== undefined) {
    const region = url.searchParams.get('region') ?? 'us-east-1'
    return s3Store({ hasher, bucket: url, prefix: `${key}/`, credentials: { accessKey, secretKey, region } })
  }
  throw new IsletError(
    'OBJECTS_URL_WRONG',
    'ISLET_OBJECTS_URL names no object store that can be used',
    {},
    {
      remedy:
        'kubo+http://127.0.0.1:5001, or s3+https://HOST/BUCKET?region=R with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    },
  )
}

/** The node's interface where the objects lie in a swarm. */
function swarmNode(text: string): URL | undefined {
  return addressIn(text, 'kubo')
}

function addressIn(text: string, wanted: 'kubo' | 's3'): URL | undefined {
  const [, kind, address = ''] = /^(kubo|s3)\+(https?:\/\/.+)$/.exec(text) ?? []
  return kind === wanted && URL.canParse(address) ? new URL(address) : undefined
}

const bookPath = ({ directory }: Pick<ObjectPlace, 'directory'>): string => join(directory, 'object-names')
const secretPath = ({ directory }: Pick<ObjectPlace, 'directory'>): string => join(directory, 'outer.json')

/** Drawn the first time; at rest only in an encrypted key file. */
async function outerSecret(place: ObjectPlace): Promise<Uint8Array> {
  const path = secretPath(place)
  const { unlock } = place
  if (!(await isThere(path))) {
    const secret = nodeCrypto.cipher.random(SECRET_BYTES)
    await writeKeyFile(path, await sealKeyFile(secret, { holds: HOLDS, unlock }, nodeCrypto))
  }
  const opened = await openKeyFile(await readKeyFile(path), { holds: HOLDS, unlock }, nodeCrypto)
  if (opened.code === 'OPENED') return opened.secrets
  throw new IsletError(
    opened.code,
    'the secret of the outer keys does not open',
    {},
    { at: { file: path }, remedy: 'restore it with the node.key that it was made under' },
  )
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

function objectsElsewhere(where: string): IsletError {
  return new IsletError(
    'OBJECTS_ELSEWHERE',
    `the objects of this institution lie ${where}`,
    {},
    { remedy: 'Start it with the ISLET_OBJECTS_URL that it began with, or without one as it began.' },
  )
}
