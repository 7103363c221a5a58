/**
 * A secret that a site draws once and keeps: 32 bytes, sealed at rest in its institution's directory.
 *
 * Law: what follows from it (blinding, noise, pseudonyms) is the same after every crash (PROTOCOL 17); it never leaves.
 */
import { openKeyFile, sealKeyFile, type Unlock } from '../../identity/index.ts'
import { readKeyFile, writeKeyFile } from '../../identity/key-file.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Bytes, IsletError, isIsletError } from '../../vocabulary/index.ts'

const HOLDS = 'study-site'

/** The secret at a path, drawn and sealed the first time. Throws `KEY_FILE_LOCKED`, `KEY_FILE_DAMAGED`. */
export async function siteSecret(path: string, unlock: Unlock): Promise<Bytes> {
  let text: string
  try {
    text = await readKeyFile(path)
  } catch (error) {
    if (!isIsletError(error, 'KEY_FILE_MISSING')) throw error
    const secret = nodeCrypto.cipher.random(32)
    await writeKeyFile(path, await sealKeyFile(secret, { holds: HOLDS, unlock }, nodeCrypto))
    return secret
  }
  const opened = await openKeyFile(text, { holds: HOLDS, unlock }, nodeCrypto)
  if (opened.code === 'OPENED') return opened.secrets
  throw new IsletError(opened.code, 'the secret of a study site does not open', {}, { at: { file: path } })
}
