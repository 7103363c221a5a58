/**
 * A validator's secrets at rest: in an encrypted key file of its home, opened only to hand them to the engine.
 *
 * Law: neither the seat's key nor the peer's lies on a disk in clear; the engine gets them through a pipe.
 */
import { join } from 'node:path'
import { openKeyFile, sealKeyFile, type Unlock } from '../../identity/index.ts'
import { nodeKey, readKeyFile, writeKeyFile } from '../../identity/key-file.door.ts'
import type { EngineSecrets } from '../../ledger/consortium.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { concat, IsletError } from '../../vocabulary/index.ts'

const HOLDS = 'validator'
const SEED_BYTES = 32

/** What unlocks the key files of a data directory. */
export async function unlockOf(directory: string): Promise<Unlock> {
  return { nodeKey: await nodeKey(join(directory, 'node.key'), (length) => nodeCrypto.cipher.random(length)) }
}

/** Keeps a node's secrets in its home, encrypted. Throws the codes of `writeKeyFile`. */
export async function keepNodeSecrets(home: string, secrets: EngineSecrets, unlock: Unlock): Promise<void> {
  const text = await sealKeyFile(concat(secrets.seat, secrets.peer), { holds: HOLDS, unlock }, nodeCrypto)
  await writeKeyFile(pathOf(home), text)
}

/** Opens a node's secrets. Throws `KEY_FILE_MISSING`, `KEY_FILE_LOCKED`, `KEY_FILE_DAMAGED`. */
export async function openNodeSecrets(home: string, unlock: Unlock): Promise<EngineSecrets> {
  const opened = await openKeyFile(await readKeyFile(pathOf(home)), { holds: HOLDS, unlock }, nodeCrypto)
  if (opened.code === 'OPENED' && opened.secrets.length === 2 * SEED_BYTES) {
    return { seat: opened.secrets.slice(0, SEED_BYTES), peer: opened.secrets.slice(SEED_BYTES) }
  }
  throw new IsletError(
    opened.code === 'OPENED' ? 'KEY_FILE_DAMAGED' : opened.code,
    'the key file of a validator does not open',
    {},
    { at: { file: pathOf(home) }, remedy: 'restore it with the node.key that it was made under' },
  )
}

function pathOf(home: string): string {
  return join(home, 'keys.json')
}
