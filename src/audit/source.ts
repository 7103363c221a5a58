/**
 * Where an export reads: the ledger's directory and those of the institutions, described by their paths.
 *
 * Law: nothing is opened for writing and no key is read but the destroyable salt keys of leaves, which show what a leaf
 * stands for; the patients' own directories are never part of a source.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import Type from 'typebox'
import type { Deployment } from '../ledger/index.ts'
import type { ObjectStore } from '../vault/index.ts'
import { address, type InstitutionId, IsletError, institutionId } from '../vocabulary/index.ts'
import { parse } from './dump-format.ts'

export interface InstitutionSource {
  readonly id: InstitutionId
  /** Short handle, a folder name. */
  readonly key: string
  /** Name of the institution, for people. */
  readonly name: string
  /** Directory of the access log. */
  readonly log: string
  /** Directory of the disk store of sealed objects. */
  readonly objects: string
  /** The objects themselves, where they lie with a server. */
  readonly stored?: Pick<ObjectStore, 'list' | 'get'>
  /** Directory of the institution's documents. */
  readonly shelf: string
  /** File with the hashes of those who were erased; the list on the shelf counts as well. */
  readonly erased: string
  /** Directory of the signed heads that the institution holds. */
  readonly heads: string
}

export interface DumpSource {
  /** Directory of the embedded engine. */
  readonly ledger: string
  readonly deployment: Deployment
  readonly institutions: readonly InstitutionSource[]
}

const ConsortiumFile = Type.Object({
  schema: Type.Literal('islet.consortium/1'),
  deployment: Type.Object({ membership: Type.String(), consents: Type.String(), anchors: Type.String() }),
  institutions: Type.Array(Type.Object({ key: Type.String(), id: Type.String(), name: Type.String() })),
})

/** The source that a node's data directory is. Throws `NO_DATA`, `CONSORTIUM_FILE_DAMAGED`. */
export async function sourceOf(data: string): Promise<DumpSource> {
  const path = join(data, 'consortium.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new IsletError(
      'NO_DATA',
      'there is no consortium in this data directory',
      {},
      { at: { file: data }, remedy: 'Name the data directory of a node with --data DIR.', cause },
    )
  }
  const file = parse(ConsortiumFile, text)
  if (file === undefined) {
    throw new IsletError(
      'CONSORTIUM_FILE_DAMAGED',
      'the file that names the institutions is damaged',
      {},
      { at: { file: path }, remedy: 'Restore it from a backup.' },
    )
  }
  const institutions = file.institutions.map(({ key, id, name }) =>
    institutionSource(join(data, 'institutions', key), { id: institutionId(id), key, name }),
  )
  const present: InstitutionSource[] = []
  for (const one of institutions) if (await isFolder(one.shelf)) present.push(one)
  const { membership, consents, anchors } = file.deployment
  return {
    ledger: join(data, 'ledger'),
    deployment: { membership: address(membership), consents: address(consents), anchors: address(anchors) },
    institutions: present,
  }
}

/** The source that the directory of one institution is. */
export function institutionSource(
  directory: string,
  who: Pick<InstitutionSource, 'id' | 'key' | 'name'>,
): InstitutionSource {
  return {
    ...who,
    log: join(directory, 'log'),
    objects: join(directory, 'objects'),
    shelf: join(directory, 'shelf'),
    erased: join(directory, 'erasures', 'erased'),
    heads: join(directory, 'heads'),
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}
