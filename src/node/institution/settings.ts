/**
 * The configuration of an institution: a schema-checked file in its own data directory.
 *
 * Law: a directory belongs to one institution of one ledger; opened for another it is refused, and nothing is touched.
 */
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { oneOf } from '../../api/index.ts'
import type { Deployment } from '../../ledger/index.ts'
import {
  type Address,
  type Hash32,
  INSTITUTION_ROLES,
  type InstitutionId,
  type InstitutionRole,
  IsletError,
} from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from './document-file.ts'

const text = Type.String()
const InstitutionFile = Type.Object({
  schema: Type.Literal('islet.institution/1'),
  id: text,
  key: text,
  name: text,
  roles: Type.Array(oneOf(INSTITUTION_ROLES)),
  slotMinutes: Type.Integer({ minimum: 1 }),
  ledger: Type.Object({
    chainId: Type.Integer(),
    genesisHash: text,
    operator: text,
    deployment: Type.Object({ membership: text, consents: text, anchors: text }),
  }),
})
type InstitutionFile = Static<typeof InstitutionFile>

export interface Settings {
  readonly id: InstitutionId
  readonly key: string
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  /** Minutes of an anchor slot; what the directory was begun with stays. */
  readonly slotMinutes: number
  readonly ledger: {
    readonly chainId: number
    readonly genesisHash: Hash32
    /** Whose signature the heads of this ledger carry. */
    readonly operator: Address
    readonly deployment: Deployment
  }
}

/** Writes the configuration the first time, holds it against the file later; gives the slot minutes in force. Throws `OTHER_INSTITUTION`, `INSTITUTION_FILE_DAMAGED`. */
export async function keepSettings(directory: string, settings: Settings): Promise<number> {
  const path = join(directory, 'institution.json')
  const known = await readDocumentFile(path, InstitutionFile, 'INSTITUTION_FILE_DAMAGED')
  const { id, ledger } = settings
  if (known === undefined) {
    const { chainId, genesisHash, operator, deployment } = ledger
    const { membership, consents, anchors } = deployment
    const file: InstitutionFile = {
      schema: 'islet.institution/1',
      id,
      key: settings.key,
      name: settings.name,
      roles: [...settings.roles],
      slotMinutes: settings.slotMinutes,
      ledger: { chainId, genesisHash, operator, deployment: { membership, consents, anchors } },
    }
    await writeDocumentFile(path, file)
    return settings.slotMinutes
  }
  const same =
    known.id === id &&
    known.ledger.chainId === ledger.chainId &&
    known.ledger.genesisHash === ledger.genesisHash &&
    known.ledger.operator === ledger.operator &&
    known.ledger.deployment.membership === ledger.deployment.membership
  if (same) return known.slotMinutes
  throw new IsletError(
    'OTHER_INSTITUTION',
    'the data directory belongs to another institution or another ledger',
    {},
    { at: { file: path }, remedy: 'choose another directory, or start it with the ledger it was begun on' },
  )
}
