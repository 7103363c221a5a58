/**
 * That a backup of this data directory was made, and when: what an operator asks first after a fault.
 *
 * Law: it says that a file was written whole, not that it still exists or opens; only a restore shows that.
 */
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { formatInstant, type UnixSeconds } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'

const BackupRecord = Type.Object({
  schema: Type.Literal('islet.backup.record/1'),
  at: Type.String(),
  bytes: Type.Integer({ minimum: 0 }),
})

const placeIn = (directory: string): string => join(directory, 'backup.json')

/** The newest backup that is known of; null where none is. Throws `BACKUP_RECORD_DAMAGED`. */
export async function backupRecord(
  directory: string,
): Promise<Omit<Static<typeof BackupRecord>, 'schema'> | null> {
  const record = await readDocumentFile(placeIn(directory), BackupRecord, 'BACKUP_RECORD_DAMAGED')
  return record === undefined ? null : { at: record.at, bytes: record.bytes }
}

/** Notes that a backup of so many bytes was written. */
export function noteBackup(directory: string, at: UnixSeconds, bytes: number): Promise<void> {
  return writeDocumentFile(placeIn(directory), {
    schema: 'islet.backup.record/1',
    at: formatInstant(at),
    bytes,
  })
}
