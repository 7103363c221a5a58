/**
 * The record of what a seat signed last, as the engine keeps it: read, and begun.
 *
 * Law: it never goes back. It is begun once for a fresh key, or at a height above everything that the seat can have
 * signed; the engine alone moves it on. It lies apart from the node's home, so that no backup of the home holds it.
 * Source: CometBFT's FilePV (privval/file.go): height as text, round, step (3: precommit, the last of a round).
 */
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { IsletError } from '../vocabulary/index.ts'
import { diskError } from './disk.ts'
import { member } from './json-rpc.ts'

const LAST_STEP = 3

/** Height up to which the seat signed; undefined where there is no record. Throws `SIGNATURES_UNKNOWN` where it is damaged. */
export async function signedHeight(path: string): Promise<number | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw diskError(error)
  }
  const height = heightOf(text)
  if (Number.isSafeInteger(height) && height >= 0) return height
  throw new IsletError(
    'SIGNATURES_UNKNOWN',
    'the record of what a seat signed is damaged',
    {},
    { at: { file: path }, remedy: 'Take it away and start the node while others run: it begins above them.' },
  )
}

/**
 * Begins a record, durably. A seat whose record begins at a height signs nothing up to it. Throws `SIGNATURES_KNOWN`
 * where there is one already.
 */
export async function beginSigned(path: string, height = 0): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'wx', 0o600)
    try {
      const step = height === 0 ? 0 : LAST_STEP
      await file.writeFile(`${JSON.stringify({ height: String(height), round: 0, step })}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new IsletError(
        'SIGNATURES_KNOWN',
        'what this seat signed is on record already',
        {},
        { at: { file: path } },
      )
    }
    throw diskError(error)
  }
}

function heightOf(text: string): number {
  try {
    return Number(member(JSON.parse(text), 'height'))
  } catch {
    return Number.NaN
  }
}
