/**
 * What goes wrong with an access log on disk, in the codes of the house.
 */
import { IsletError } from '../vocabulary/index.ts'

/** What stands on disk is not what the log wrote. */
export function damaged(message: string): IsletError {
  return new IsletError('LOG_DAMAGED', message, {}, { remedy: 'restore the log from a backup' })
}

const DISK_CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EROFS: 'READ_ONLY_DIRECTORY',
  EACCES: 'NO_PERMISSION',
  EPERM: 'NO_PERMISSION',
}

/** The coded error for a failed call of the disk; a coded one comes back as it is. */
export function diskFailed(cause: unknown): IsletError {
  if (cause instanceof IsletError) return cause
  const system = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  const code = DISK_CODES[system] ?? 'LOG_DISK_FAILED'
  return new IsletError(code, 'the disk refused the access log', { system }, { cause })
}
