/** Plans and sheets as files that somebody names: what is refused in them is named by the file too. */
import { IsletError, isIsletError } from '../../vocabulary/index.ts'

/** Reads a paper's text. Throws what `read` throws, with the file in its place. */
export function readPaper<T>(file: string, text: string, read: (text: string) => T): T {
  try {
    return read(text)
  } catch (error) {
    if (!isIsletError(error)) throw error
    throw new IsletError(error.code, error.message, error.facts, {
      at: { ...error.at, file },
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      cause: error,
    })
  }
}
