/**
 * A person whose agent this node hosts: demo personas under the node's key, the user's own under their passphrase.
 *
 * Law: the root key is random, at rest only in an encrypted key file; personas are marked as such in it (DESIGN 6).
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openPatientAgent, type PatientAgent } from '../../consent/index.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import { openKeyFile, type PatientKeys, patientKeys, sealKeyFile, type Unlock } from '../../identity/index.ts'
import { readKeyFile, writeKeyFile } from '../../identity/key-file.door.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Bytes, IsletError, isIsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { patientSend, wallClock } from '../institution/wire.ts'
import type { World } from '../world/world.ts'

export interface PersonHere {
  /** Random folder name. */
  readonly handle: string
  readonly directory: string
  readonly keys: PatientKeys
  readonly agent: PatientAgent
}

const HOLDS = 'patient'

/** A folder name that says nothing about anybody. */
export function freshHandle(): string {
  return Buffer.from(nodeCrypto.cipher.random(8)).toString('hex')
}

/** The folder of a person's agent in a data directory. */
export function personFolder(dataDirectory: string, handle: string): string {
  return join(dataDirectory, 'patients', handle)
}

/** Opens a person's agent, drawing a new root key when the folder holds none. Throws `KEY_FILE_LOCKED`, `KEY_FILE_DAMAGED`. */
export async function openPerson(
  world: Pick<World, 'directory' | 'chain' | 'road'>,
  handle: string,
  unlock: Unlock,
): Promise<PersonHere> {
  const directory = personFolder(world.directory, handle)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return openPersonWith(world, handle, await openRoot(directory, unlock))
}

/** Opens a person's agent with a root key that is known already. */
export async function openPersonWith(
  world: Pick<World, 'directory' | 'chain' | 'road'>,
  handle: string,
  root: Uint8Array,
): Promise<PersonHere> {
  const directory = personFolder(world.directory, handle)
  const keys = patientKeys(root, nodeCrypto.hasher, nodeEd25519)
  const agent = await openPatientAgent({
    keys,
    ed: nodeEd25519,
    crypto: nodeCrypto,
    chain: world.chain,
    shelf: await diskShelf(join(directory, 'shelf')),
    // Whole seconds: what the agent remembers is dated in them.
    clock: () => quantity<UnixSeconds>(Math.floor(wallClock())),
    send: patientSend(keys.identity, world.road),
  })
  return { handle, directory, keys, agent }
}

/** The root key of a person's folder, drawn and sealed there the first time. Throws `KEY_FILE_LOCKED`, `KEY_FILE_DAMAGED`. */
async function openRoot(directory: string, unlock: Unlock): Promise<Bytes> {
  try {
    return await readRoot(directory, unlock)
  } catch (error) {
    if (!isIsletError(error, 'KEY_FILE_MISSING')) throw error
    const root = nodeCrypto.cipher.random(32)
    await writeRoot(directory, root, unlock)
    return root
  }
}

/** Seals a root key into a person's folder. Throws as `writeKeyFile`. */
export async function writeRoot(directory: string, root: Uint8Array, unlock: Unlock): Promise<void> {
  await writeKeyFile(
    join(directory, 'keys.json'),
    await sealKeyFile(root, { holds: HOLDS, unlock }, nodeCrypto),
  )
}

/** Reads the root key of a person's folder. Throws `KEY_FILE_MISSING`, `KEY_FILE_LOCKED`, `KEY_FILE_DAMAGED`. */
export async function readRoot(directory: string, unlock: Unlock): Promise<Bytes> {
  const path = join(directory, 'keys.json')
  const opened = await openKeyFile(await readKeyFile(path), { holds: HOLDS, unlock }, nodeCrypto)
  if (opened.code === 'OPENED') return opened.secrets
  throw new IsletError(
    opened.code,
    opened.code === 'KEY_FILE_LOCKED' ? 'the passphrase is wrong' : 'the key file is damaged',
    {},
    {
      at: { file: path },
      remedy: 'try again; with the recovery code a new passphrase is set: islet recover',
    },
  )
}
