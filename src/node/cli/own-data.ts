/**
 * The user's own data at `islet start --import`: whose they are, and what opens them.
 *
 * Law: everything that a person has to give or decide is settled before the node opens; a recovery code is handed over and
 * proved before a record is taken in; with `--ephemeral` the passphrase is random and known to nobody.
 */
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Bytes, toBase64Url } from '../../vocabulary/index.ts'
import { setUpOwnPerson } from '../service/own-person.ts'
import type { StoryRecord } from '../service/story-record.ts'
import {
  freshHandle,
  openPersonWith,
  type PersonHere,
  personFolder,
  readRoot,
  writeRoot,
} from '../story/person.ts'
import type { Cast } from '../story/source.ts'
import type { World } from '../world/world.ts'
import { type Asker, checkRecoverySink, confirmRecovery, passphraseFrom } from './secrets.ts'

export interface OwnDataOptions {
  readonly ephemeral: boolean
  readonly passphraseFile: string | undefined
  readonly recoveryFile: string | undefined
}

export interface OwnDataParts extends OwnDataOptions {
  readonly asker: Asker | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory: string
  readonly record: StoryRecord | undefined
  readonly cast: Cast
}

export interface OwnData {
  readonly cast: Cast
  /** Whether this person's story was told before: then their files only add to what is held. */
  readonly known: boolean
  person(world: World): Promise<PersonHere>
}

export function ownDataOptions(options: Readonly<Record<string, unknown>>): OwnDataOptions {
  const text = (name: string): string | undefined => {
    const value = options[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    ephemeral: options['ephemeral'] === true,
    passphraseFile: text('passphraseFile'),
    recoveryFile: text('recoveryFile'),
  }
}

/** Settles passphrase and recovery code. Throws the codes of secrets.ts and own-person.ts, `KEY_FILE_LOCKED`. */
export async function openOwnData(parts: OwnDataParts): Promise<OwnData> {
  const { asker, environment, directory, record, cast } = parts
  if (parts.ephemeral) {
    const handle = freshHandle()
    const root = nodeCrypto.cipher.random(32)
    const passphrase = toBase64Url(nodeCrypto.cipher.random(32))
    await writeRoot(personFolder(directory, handle), root, { passphrase })
    return { cast, known: false, person: (world) => openPersonWith(world, handle, root) }
  }
  const before = record?.own === true ? record : undefined
  const held = before !== undefined && (await hasKeys(personFolder(directory, before.person)))
  const passphrase = await passphraseFrom({
    asker,
    environment,
    file: parts.passphraseFile,
    fresh: !held,
  })
  let cutOff: { readonly handle: string; readonly root: Bytes } | undefined
  if (held) {
    const handle = before.person
    const root = await readRoot(personFolder(directory, handle), { passphrase })
    if (before.state === 'finished') {
      return { cast, known: true, person: (world) => openPersonWith(world, handle, root) }
    }
    cutOff = { handle, root }
  }
  const sink = { asker, file: parts.recoveryFile }
  await checkRecoverySink(sink)
  const handle = freshHandle()
  const folder = personFolder(directory, handle)
  let root: Bytes
  try {
    root = await setUpOwnPerson({
      directory: folder,
      passphrase,
      confirm: (code) => confirmRecovery(sink, code),
    })
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  return {
    cast,
    known: false,
    person: async (world) => {
      if (cutOff !== undefined) await forget(world, directory, cutOff)
      return openPersonWith(world, handle, root)
    },
  }
}

/** Erases a person whose story was cut off: what they left at institutions, then their keys. */
async function forget(
  world: World,
  directory: string,
  { handle, root }: { readonly handle: string; readonly root: Bytes },
): Promise<void> {
  const { agent } = await openPersonWith(world, handle, root)
  if (agent.memory.now.custodian !== null) await agent.erase()
  await rm(personFolder(directory, handle), { recursive: true, force: true })
}

async function hasKeys(folder: string): Promise<boolean> {
  return (await stat(join(folder, 'keys.json')).catch(() => undefined)) !== undefined
}
