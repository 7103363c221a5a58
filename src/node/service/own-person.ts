/**
 * The user's own person: a root under their passphrase, and a recovery code as second way to it, tried and used.
 *
 * Laws: data are accepted only after both ways were tried from what lies on the disk and led to the same root (DESIGN 6);
 * neither passphrase nor code is ever written by us, but into the file that the user named.
 */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  drawRecoverySecret,
  formatRecoveryCode,
  provedRoute,
  type RecoveryWrap,
  readRecoveryCode,
  recoveryReady,
  unwrapRoot,
  wrapRoot,
} from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Bytes, equalBytes, IsletError, isIsletError } from '../../vocabulary/index.ts'
import { readRoot, writeRoot } from '../story/person.ts'

const WRAP = 'recovery.json'

export interface OwnSetup {
  readonly directory: string
  readonly passphrase: string
  /**
   * Hands the code to the person and gives back what they typed or what lies in their file: nothing is taken on trust.
   */
  readonly confirm: (code: string) => Promise<string>
}

/** Draws a root, seals it both ways, proves both. Throws `RECOVERY_CODE_NOT_CONFIRMED`, `RECOVERY_ROUTES_DIFFER`. */
export async function setUpOwnPerson({ directory, passphrase, confirm }: OwnSetup): Promise<Bytes> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const root = nodeCrypto.cipher.random(32)
  const secret = drawRecoverySecret((length) => nodeCrypto.cipher.random(length))
  const wrap = await wrapRoot(root, secret, nodeCrypto)
  await writeRoot(directory, root, { passphrase })
  await writeFile(join(directory, WRAP), `${JSON.stringify(wrap)}\n`, { mode: 0o600, flush: true })
  const typed = await confirm(formatRecoveryCode(secret))
  const proofs = [
    provedRoute('passphrase', await readRoot(directory, { passphrase }), nodeCrypto, nodeEd25519),
    provedRoute('recovery-code', await rootByCode(directory, typed), nodeCrypto, nodeEd25519),
  ]
  const readiness = recoveryReady(proofs)
  if (!readiness.ready) throw new IsletError(readiness.code, 'the two ways to the key do not lead to one key')
  return root
}

/**
 * Opens a person's root with the recovery code, whoever of a data directory it belongs to; gives what seals that root under
 * a new passphrase. Throws `NOBODY_TO_RECOVER`, `RECOVERY_CODE_INCOMPLETE`, `RECOVERY_CODE_MISTYPED`, `RECOVERY_CODE_WRONG`.
 */
export async function recoverOwnPerson(
  dataDirectory: string,
  typed: string,
): Promise<{ sealUnder(passphrase: string): Promise<void> }> {
  const folders = await ownFolders(dataDirectory)
  for (const [index, directory] of folders.entries()) {
    try {
      const root = await rootByCode(directory, typed)
      return { sealUnder: (passphrase) => sealAnew(directory, root, passphrase) }
    } catch (error) {
      // Another person's, unless it was the last that it could open.
      if (index < folders.length - 1 && isIsletError(error, 'RECOVERY_CODE_WRONG')) continue
      throw error
    }
  }
  throw new IsletError(
    'NOBODY_TO_RECOVER',
    'this data directory holds nobody’s own data',
    {},
    { at: { file: dataDirectory }, remedy: 'choose the directory of your data with --data DIR' },
  )
}

/** Folders of people who have a recovery code. */
export async function ownFolders(dataDirectory: string): Promise<readonly string[]> {
  const people = join(dataDirectory, 'patients')
  const names = await readdir(people).catch(() => [])
  const found = await Promise.all(
    names.map(async (name) => {
      const there = await stat(join(people, name, WRAP)).catch(() => undefined)
      return there?.isFile() === true ? [join(people, name)] : []
    }),
  )
  return found.flat()
}

/** Seals a root under a new passphrase in place of the old, and opens it once to be sure. */
async function sealAnew(directory: string, root: Uint8Array, passphrase: string): Promise<void> {
  await writeRoot(directory, root, { passphrase })
  if (equalBytes(await readRoot(directory, { passphrase }), root)) return
  throw new IsletError('RECOVERY_ROUTES_DIFFER', 'the two ways to the key do not lead to one key')
}

/** The root by the recovery code. Throws `RECOVERY_CODE_INCOMPLETE`, `RECOVERY_CODE_MISTYPED`, `RECOVERY_CODE_WRONG`. */
async function rootByCode(directory: string, typed: string): Promise<Bytes> {
  const reading = readRecoveryCode(typed)
  if (!reading.ok) {
    const where = reading.code === 'RECOVERY_CODE_MISTYPED' ? ` in group ${reading.groups.join(', ')}` : ''
    throw new IsletError(
      reading.code,
      `the recovery code is mistyped${where}`,
      {},
      { remedy: 'type it again as it was shown: eight groups of five' },
    )
  }
  const wrap = parseWrap(await readFile(join(directory, WRAP), 'utf8'))
  const opened = await unwrapRoot(wrap, reading.secret, nodeCrypto)
  if (opened.code !== 'OPENED') {
    throw new IsletError(
      opened.code,
      'that is another recovery code',
      {},
      { remedy: 'use the code of this person' },
    )
  }
  return opened.root
}

function parseWrap(text: string): RecoveryWrap {
  const value = jsonIn(text)
  const field = (name: string): string => {
    const found = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
    if (typeof found === 'string') return found
    throw new IsletError(
      'RECOVERY_WRAP_DAMAGED',
      'what the recovery code opens is damaged',
      {},
      { remedy: 'restore it from a backup' },
    )
  }
  return {
    schema: 'islet.recovery-wrap/1',
    salt: field('salt'),
    nonce: field('nonce'),
    sealed: field('sealed'),
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
