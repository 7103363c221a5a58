/**
 * What was done with a data directory: `islet.export/1`, `islet.backup/1`, `islet.restore/1`, `islet.recover/1`.
 */
import { type Static, Type } from 'typebox'
import { Hash32Field } from '../fields.ts'

const count = Type.Integer({ minimum: 0 })

export const ExportDocument = Type.Object(
  {
    schema: Type.Literal('islet.export/1'),
    directory: Type.String({ description: 'the dump' }),
    files: count,
    size_bytes: count,
    head: Type.Object({ height: count, hash: Hash32Field }, { description: 'the newest block in the dump' }),
    objects: Type.Union([Type.Literal('included'), Type.Literal('names')], {
      description: 'whether the sealed objects are in the dump, or their names and sizes only',
    }),
    unsigned_log_entries: Type.Integer({
      minimum: 0,
      description: 'entries of access logs left out, because no signed checkpoint held them yet',
    }),
  },
  { $id: 'islet.export/1', title: 'A dump that was written' },
)
export type ExportDocument = Static<typeof ExportDocument>

export const BackupDocument = Type.Object(
  { schema: Type.Literal('islet.backup/1'), files: count, size_bytes: count },
  { $id: 'islet.backup/1', title: 'A backup that was written' },
)
export type BackupDocument = Static<typeof BackupDocument>

export const RestoreDocument = Type.Object(
  { schema: Type.Literal('islet.restore/1'), files: count },
  { $id: 'islet.restore/1', title: 'A backup that was restored' },
)
export type RestoreDocument = Static<typeof RestoreDocument>

export const RecoverDocument = Type.Object(
  { schema: Type.Literal('islet.recover/1'), data: Type.String({ description: 'the data directory' }) },
  { $id: 'islet.recover/1', title: 'A new passphrase that was set with the recovery code' },
)
export type RecoverDocument = Static<typeof RecoverDocument>
