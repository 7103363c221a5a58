/** One byte of a stored object is flipped on the disk: the next read finds it. Put back, all is well. */
import { promises as fs } from 'node:fs'
import { join } from 'node:path'
import { placesOf } from '../../../consent/probe.door.ts'
import { need, refusalOf, type Stage } from '../stage.ts'

export async function tamper(stage: Stage): Promise<void> {
  const { custodian, material, remainingReader, consortium } = stage
  const remaining = need(stage.progress.remaining, 'the remaining consent')
  await consortium.tick(true)
  let victim: string | undefined
  let newest = -1
  for await (const cid of custodian.store.list()) {
    for (const place of placesOf(await custodian.store.get(cid))) {
      if (place.kind !== 'glucose' || place.hour !== material.window.first || place.revision <= newest)
        continue
      victim = cid
      newest = place.revision
    }
  }
  const path = need(
    await fileNamed(join(custodian.directory, 'objects'), need(victim, 'an object')),
    'its file',
  )
  const whole = await fs.readFile(path)
  const bitten = Buffer.from(whole)
  bitten[whole.length - 7] = (bitten[whole.length - 7] ?? 0) ^ 1
  await fs.chmod(path, 0o600)
  await fs.writeFile(path, bitten)
  const read = () => remainingReader.institution.reader.read(remaining)
  const broken = await refusalOf(read())
  stage.check('a flipped byte on the custodian’s disk is caught', broken === 'OBJECT_TAMPERED', broken)
  await fs.writeFile(path, whole)
  const whole_ = await refusalOf(read())
  stage.check('with the byte put back it reads again', whole_ === 'NOT_REFUSED', whole_)
  stage.note({ refusals: 1, accesses: 1 })
}

async function fileNamed(folder: string, name: string): Promise<string | undefined> {
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      const found = await fileNamed(path, name)
      if (found !== undefined) return found
    } else if (entry.name.startsWith(name)) return path
  }
  return undefined
}
