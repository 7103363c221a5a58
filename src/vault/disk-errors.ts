/**
 * What a file system says when it fails, in the codes of the house: the machine is the obstacle, not the input.
 */
import { IsletError, isIsletError } from '../vocabulary/index.ts'

/** Runs work on the disk and gives its failures a code. */
export async function coded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw diskError(error)
  }
}

/** The coded error for a failed call of the file system; anything else comes back as it is. */
export function diskError(error: unknown): unknown {
  if (isIsletError(error)) return error
  const errno = errnoOf(error)
  const options = (remedy: string): { remedy: string; cause: unknown } => ({ remedy, cause: error })
  switch (errno) {
    case undefined:
      return error
    case 'ENOSPC':
    case 'EDQUOT':
      return new IsletError(
        'DISK_FULL',
        'the disk of the object store is full',
        {},
        options('Free some space, then try again; nothing was half-written.'),
      )
    case 'EROFS':
      return new IsletError(
        'READ_ONLY_DIRECTORY',
        'the object store lies on a read-only file system',
        {},
        options('Mount it writable or choose another data directory.'),
      )
    case 'EACCES':
    case 'EPERM':
      return new IsletError(
        'NO_PERMISSION',
        'the object store may not be written or read by this user',
        {},
        options('Give this user the data directory.'),
      )
    default:
      return new IsletError(
        'STORE_FAILED',
        'the file system refused a call of the object store',
        { errno },
        options('Look at the disk; `islet doctor` says more.'),
      )
  }
}

/** The errno of a failed system call, as `ENOENT`, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && 'syscall' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
