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
import type { Consortium } from '../world/consortium.ts'

export interface PersonHere {
  /** Random folder name. */
  readonly handle: string
  readonly directory: string
  readonly keys: PatientKeys
  readonly agent: PatientAgent
}

const HOLDS = 'patient'

/** Opens a person's agent, drawing a new root key when the folder holds none. Throws `KEY_FILE_LOCKED`, `KEY_FILE_DAMAGED`. */
export async function openPerson(
  consortium: Consortium,
  handle: string,
  unlock: Unlock,
): Promise<PersonHere> {
  const directory = join(consortium.directory, 'patients', handle)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const root = await openRoot(join(directory, 'keys.json'), unlock)
  const keys = patientKeys(root, nodeCrypto.hasher, nodeEd25519)
  const agent = await openPatientAgent({
    keys,
    ed: nodeEd25519,
    crypto: nodeCrypto,
    chain: consortium.house('south').chain,
    shelf: await diskShelf(join(directory, 'shelf')),
    clock: () => quantity<UnixSeconds>(wallClock()),
    send: patientSend(keys.identity, consortium.road),
  })
  return { handle, directory, keys, agent }
}

async function openRoot(path: string, unlock: Unlock): Promise<Bytes> {
  let text: string
  try {
    text = await readKeyFile(path)
  } catch (error) {
    if (!isIsletError(error, 'KEY_FILE_MISSING')) throw error
    const root = nodeCrypto.cipher.random(32)
    await writeKeyFile(path, await sealKeyFile(root, { holds: HOLDS, unlock }, nodeCrypto))
    return root
  }
  const opened = await openKeyFile(text, { holds: HOLDS, unlock }, nodeCrypto)
  if (opened.code === 'OPENED') return opened.secrets
  throw new IsletError(
    opened.code,
    opened.code === 'KEY_FILE_LOCKED' ? 'the passphrase is wrong' : 'the key file is damaged',
    {},
    { at: { file: path }, remedy: 'try the passphrase again, or use the recovery code' },
  )
}
