/**
 * The bytes of an export on the disk, and the place of what is wrong with them.
 *
 * Law: a file larger than intake takes is refused before it is read; every fault names its file.
 */
import { promises as fs } from 'node:fs'
import { DEFAULT_LIMITS } from '../intake/index.ts'
import { IsletError } from '../vocabulary/index.ts'

/** Throws `NOT_A_FILE`, `FILE_TOO_LARGE`, and the system's own errors. */
export async function exportBytes(path: string): Promise<Uint8Array> {
  const stat = await fs.stat(path)
  if (stat.isDirectory()) {
    throw new IsletError(
      'NOT_A_FILE',
      'this is a folder, not a file',
      {},
      { at: { file: path }, remedy: 'name the files in it' },
    )
  }
  const { size } = stat
  if (size > DEFAULT_LIMITS.bytes) {
    throw new IsletError(
      'FILE_TOO_LARGE',
      `the file is larger than ${DEFAULT_LIMITS.bytes / 2 ** 20} MiB`,
      { bytes: size },
      { at: { file: path }, remedy: 'split it into several files, by year for example' },
    )
  }
  return await fs.readFile(path)
}

/** Does `work`; what it throws about the content names the file too. */
export function placed<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof IsletError)) throw error
    throw new IsletError(error.code, error.message, error.facts, {
      at: { ...error.at, file: path },
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      cause: error,
    })
  }
}
