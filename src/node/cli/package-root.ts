/** Where the package lies, from a bundle in `dist/` as well as from a source file. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IsletError } from '../../vocabulary/index.ts'

/** The folder that holds package.json. Throws `ENGINE_MISSING` when the installation is broken. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) {
      throw new IsletError(
        'ENGINE_MISSING',
        'the installation is incomplete',
        {},
        { remedy: 'run npm ci again' },
      )
    }
    folder = parent
  }
  return folder
}
