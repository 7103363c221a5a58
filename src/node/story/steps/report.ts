/** The reader's report of what it opened equals the report of the source's same readings. */
import { reportDocument } from '../../../glycemia/index.ts'
import type { HealthRecord } from '../../../series/index.ts'
import { within } from '../material.ts'
import { need, type Stage } from '../stage.ts'

export async function report(stage: Stage): Promise<void> {
  const { material } = stage
  const opened = need(stage.progress.opened, 'what was opened')
  const glucose = (records: readonly HealthRecord[]) => records.filter((record) => record.type === 'glucose')
  const mine = reportDocument(glucose(opened.records))
  const source = reportDocument(
    glucose(material.records).filter((record) => within(material.window, record.at)),
  )
  const figures = Object.keys(mine).length
  stage.check(
    'every figure of the report equals the source’s own report of those hours',
    JSON.stringify(mine) === JSON.stringify(source),
    `${figures} figures compared, ${mine.readings} readings`,
  )
}
