/** One byte of a stored object is flipped on the disk: the next read finds it. Put back, all is well. */
import { promises as fs } from 'node:fs'
import { need, refusalOf, type Stage } from '../stage.ts'
import { type StoredFile, storedObjects } from './stored-objects.ts'

export async function tamper(stage: Stage): Promise<void> {
  const { custodian, material, remainingReader, consortium } = stage
  const remaining = need(stage.progress.remaining, 'the remaining consent')
  await consortium.tick(true)
  let victim: StoredFile | undefined
  let newest = -1
  for await (const stored of storedObjects(custodian)) {
    for (const place of stored.places) {
      if (place.kind !== 'glucose' || place.hour !== material.window.first || place.revision <= newest)
        continue
      victim = stored
      newest = place.revision
    }
  }
  const { path, bytes } = need(victim, 'an object')
  const bitten = Uint8Array.from(bytes)
  bitten[bytes.length - 7] = (bitten[bytes.length - 7] ?? 0) ^ 1
  await fs.chmod(path, 0o600)
  await fs.writeFile(path, bitten)
  const broken = await refusalOf(remainingReader.read(remaining))
  stage.check('a flipped byte on the custodian’s disk is caught', broken === 'OBJECT_TAMPERED', broken)
  await fs.writeFile(path, bytes)
  const mended = await refusalOf(remainingReader.read(remaining))
  stage.check('with the byte put back it reads again', mended === 'NOT_REFUSED', mended)
  stage.note({ refusals: 1, accesses: 1 })
}
