/** Records become sealed objects: every hour of the same size, nothing readable, nothing added by doing it twice. */
import type { Stage } from '../stage.ts'
import { storedObjects } from './stored-objects.ts'

export async function seal(stage: Stage): Promise<void> {
  const { person, leaving, material, leavingRecords, custodian } = stage
  const delivered = await person.agent.add(material.records, { fill: true })
  stage.check(
    'every record was sealed and taken by the custodian',
    delivered.added === material.records.length,
    `${delivered.added} of ${material.records.length} records in ${delivered.chunks} sealed chunks`,
  )
  const again = await person.agent.add(material.records, { fill: true })
  stage.check('importing the same file again adds nothing', again.added === 0, `${again.added} added`)
  await leaving.agent.add(leavingRecords.records, { fill: true })

  const sizes = new Map<number, number>()
  let plain = 0
  let objects = 0
  for await (const { bytes } of storedObjects(custodian)) {
    objects += 1
    sizes.set(bytes.length, (sizes.get(bytes.length) ?? 0) + 1)
    if (/"?(value|mg\/dL|mmol\/L|glucose)/.test(Buffer.from(bytes).toString('latin1'))) plain += 1
  }
  stage.check(
    'sealed objects have a few fixed sizes, so that size says nothing',
    sizes.size <= 4,
    `${objects} objects of ${sizes.size} sizes`,
  )
  stage.check('no stored object holds a readable word of a record', plain === 0, `${plain} of ${objects}`)
  stage.note({ readings: material.records.filter((record) => record.type === 'glucose').length })
}
