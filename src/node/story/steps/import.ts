/** The export was read: its report adds up, and reading it again gives nothing new. */
import { mergeRecords } from '../../../intake/index.ts'
import type { Stage } from '../stage.ts'

export async function importing(stage: Stage): Promise<void> {
  const { material, source } = stage
  for (const { format, rows, kept, other, dropped } of source.reports) {
    const others = Object.values(other).reduce((sum, count) => sum + count, 0)
    const lost = dropped.reduce((sum, { count }) => sum + count, 0)
    stage.check(
      'the report of the file adds up to its rows',
      rows === kept + others + lost,
      `${format}: ${rows} rows = ${kept} glucose + ${others} other + ${lost} dropped`,
    )
  }
  if (source.reports.length === 0) {
    stage.check(
      'virtual patients were made, marked as simulated',
      material.simulated && material.records.length > 0,
      `${material.records.length + material.late.length} simulated records, seed ${source.seed}`,
    )
  }
  const again = mergeRecords(material.records, material.records)
  stage.check('the same records again are all known', again.added.length === 0, `${again.added.length} new`)
}
