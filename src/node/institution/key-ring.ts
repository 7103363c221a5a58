/**
 * An institution's keys on this node: drawn once where they are used, at rest only in an encrypted key file.
 */
import { join } from 'node:path'
import {
  decodeInstitutionSecrets,
  drawInstitutionSecrets,
  encodeInstitutionSecrets,
  type InstitutionKeys,
  institutionKeys,
  openKeyFile,
  sealKeyFile,
  type Unlock,
} from '../../identity/index.ts'
import { readKeyFile, writeKeyFile } from '../../identity/key-file.door.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { fromUtf8, IsletError, isIsletError, utf8 } from '../../vocabulary/index.ts'

const HOLDS = 'institution'

/** Opens the keys in a directory, drawing them the first time. Throws `KEY_FILE_LOCKED`, `KEY_FILE_DAMAGED`. */
export async function openInstitutionKeys(directory: string, unlock: Unlock): Promise<InstitutionKeys> {
  const path = join(directory, 'keys.json')
  let text: string
  try {
    text = await readKeyFile(path)
  } catch (error) {
    if (!isIsletError(error, 'KEY_FILE_MISSING')) throw error
    const secrets = drawInstitutionSecrets((length) => nodeCrypto.cipher.random(length))
    await writeKeyFile(
      path,
      await sealKeyFile(utf8(encodeInstitutionSecrets(secrets)), { holds: HOLDS, unlock }, nodeCrypto),
    )
    return institutionKeys(secrets, nodeEd25519)
  }
  const opened = await openKeyFile(text, { holds: HOLDS, unlock }, nodeCrypto)
  if (opened.code !== 'OPENED') {
    throw new IsletError(
      opened.code,
      'the key file of an institution does not open',
      {},
      { at: { file: path }, remedy: 'give the passphrase it was made with, or restore it from a backup' },
    )
  }
  return institutionKeys(decodeInstitutionSecrets(fromUtf8(opened.secrets)), nodeEd25519)
}
