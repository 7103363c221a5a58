/**
 * A year of one patient at the reader: asked of the custodian, judged, logged, served, proven against the root on the
 * ledger, opened and reported: what a clinician waits for, all of it in one process and on one thread.
 */
import { reportDocument } from '../src/glycemia/index.ts'
import type { Glucose } from '../src/series/index.ts'
import { hourOf, quantity, startOfHour, type UnixSeconds, type UtcHour } from '../src/vocabulary/index.ts'
import { readings, YEAR } from './support/readings.ts'
import { median, type Row, row, timed } from './support/rows.ts'
import { asked, inTown, settle } from './support/town.ts'

const TARGET_MS = 1000

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const runs = quick ? 3 : 15
  return inTown(async (town) => {
    const [custodian, reader] = [town.house('south'), town.house('north')]
    const person = await settle(town, 'person', custodian)
    const now = Math.floor(Date.now() / 1000)
    const year = readings(YEAR, now)
    await person.agent.add(year)
    await town.tick(true)
    const first = hourOf(quantity<UnixSeconds>(year[0]?.at ?? now))
    const window = {
      from: startOfHour(first),
      until: startOfHour(quantity<UtcHour>(first + Math.ceil(YEAR / 12))),
    }
    const { id, request } = await asked(person, custodian, reader, window)
    const { handOver } = await person.agent.grant(request, {}, { requestId: id })
    const times: Record<'read' | 'report' | 'whole' | 'core' | 'json', number[]> = {
      read: [],
      report: [],
      whole: [],
      core: [],
      json: [],
    }
    const text = JSON.stringify(year)
    for (let run = -1; run < runs; run++) {
      const reading = await timed(() => reader.institution.reader.read(handOver.consentId))
      const { records, chunks } = reading.result
      const proven = chunks.filter(({ anchor }) => anchor.code === 'ANCHORED').length
      if (records.length !== YEAR || proven !== chunks.length || proven === 0) {
        throw new Error(`${records.length} readings were opened, ${proven} of ${chunks.length} chunks proven`)
      }
      const glucose = records.filter((record): record is Glucose => record.type === 'glucose')
      const report = await timed(() => reportDocument(glucose))
      const json = await timed(() => JSON.parse(text))
      // The first run warms the compiler, and the custodian's tree of the slot.
      if (run < 0) continue
      times.read.push(reading.wall)
      times.report.push(report.wall)
      times.whole.push(reading.wall + report.wall)
      times.core.push(reading.core + report.core)
      times.json.push(json.wall)
    }
    const bound = `the bound of ${TARGET_MS} ms`
    const whole = median(times.whole)
    return [
      row(
        'a year of one patient asked for, served, proven, opened and reported',
        whole,
        'ms',
        bound,
        TARGET_MS,
        runs,
      ),
      row('the same in processor time', median(times.core), 'ms', bound, TARGET_MS, runs),
      row('of which until proven and opened', median(times.read), 'ms', 'the whole', whole, runs),
      row('of which the report', median(times.report), 'ms', 'the whole', whole, runs),
      row(
        'the whole beside JSON.parse of the same readings',
        whole,
        'ms',
        'JSON.parse',
        median(times.json),
        runs,
      ),
    ]
  })
}
