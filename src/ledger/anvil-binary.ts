/**
 * Where the executor's native binary lies: in the platform's package, taken directly, so that no launcher script runs.
 *
 * Source: @foundry-rs/anvil, whose optional dependencies `anvil-<platform>-<arch>` carry the binary.
 */
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { IsletError } from '../vocabulary/index.ts'

/** Path of the anvil binary of this platform. Throws `ENGINE_MISSING`. */
export function anvilBinary(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@foundry-rs/anvil-${platform}-${arch === 'x64' ? 'amd64' : arch}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    const binary = join(dirname(manifest), 'bin', platform === 'win32' ? 'anvil.exe' : 'anvil')
    accessSync(binary, constants.X_OK)
    return binary
  } catch (cause) {
    throw new IsletError(
      'ENGINE_MISSING',
      'the ledger executor is not installed for this platform',
      { platform, arch },
      { cause, remedy: 'Run `npm ci` again without leaving out optional packages.' },
    )
  }
}
