/** One byte of a stored object is flipped on the disk: the next read tells its hours, and reads the others. Put back, all is well. */
import { promises as fs } from 'node:fs'
import { hoursIn, isDamaged } from '../../../consent/browser.door.ts'
import { need, type Stage } from '../stage.ts'
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
  const { path, bytes, places } = need(victim, 'an object')
  const bitten = Uint8Array.from(bytes)
  bitten[bytes.length - 7] = (bitten[bytes.length - 7] ?? 0) ^ 1
  await fs.chmod(path, 0o600)
  await fs.writeFile(path, bitten)
  const { damaged, chunks } = await remainingReader.read(remaining)
  const inVictim = ({ hour, kind }: { readonly hour: number; readonly kind: string }): boolean =>
    places.some((place) => place.hour === hour && place.kind === kind)
  const exactly = chunks.every((chunk) => isDamaged(chunk) === inVictim(chunk.place))
  const lost = `${hoursIn(damaged)} hours damaged`
  stage.check('a flipped byte on the custodian’s disk is caught', damaged.length > 0, lost)
  stage.check('the other hours are read as they were recorded', exactly, exactly ? 'OPENED' : 'NOT_OPENED')
  await fs.writeFile(path, bytes)
  const mended = hoursIn((await remainingReader.read(remaining)).damaged)
  stage.check('with the byte put back it reads again', mended === 0, `${mended} hours damaged`)
  stage.note({ accesses: 2 })
}
