/**
 * Where a person's records came from: every device, and what it gave, how much of its time and when last.
 *
 * Laws: reckoned from the records that this browser opened and from nothing else; every record stands in one row, but those by
 * which files name their devices; the share of the time is the wear of the report (`glycemia`), of that device alone.
 */
import { report } from '../../../glycemia/index.ts'
import { deviceNameIn } from '../../../intake/index.ts'
import { type Glucose, type HealthRecord, type RecordType, segments } from '../../../series/index.ts'

export type Given = Glucose['method'] | Exclude<RecordType, 'glucose'>

export interface Source {
  readonly key: string
  /** Product family, or undefined where no file named it. */
  readonly name: string | undefined
  /** Running number of the device, or undefined where the records carry none. */
  readonly device: number | undefined
  readonly given: Given
  readonly records: number
  /** Seconds since 1970. */
  readonly first: number
  readonly last: number
  /** Of a sensor: readings out of those that it would have given from first to last, per cent, and silences beyond 45 minutes. */
  readonly sensor: { readonly percent: number | null; readonly gaps: number } | undefined
}

/** One row per device and kind of record, what spoke last first. */
export function sourcesOf(records: readonly HealthRecord[]): readonly Source[] {
  const groups = new Map<string, { name: string | undefined; given: Given; records: HealthRecord[] }>()
  /** What each number stands for, as said last. */
  const named = new Map<number, string>()
  for (const record of records.toSorted((a, b) => a.at - b.at || nameFirst(a, b))) {
    const { device } = record
    const told = deviceNameIn(record)
    if (told !== undefined) {
      if (device !== undefined) named.set(device, told)
      continue
    }
    const name = device === undefined ? undefined : named.get(device)
    const given = record.type === 'glucose' ? record.method : record.type
    const key = `${device ?? ''} ${name ?? ''} ${given}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { name, given, records: [record] })
    else group.records.push(record)
  }
  return [...groups].map(([key, group]) => sourceOf(key, group)).sort((a, b) => b.last - a.last)
}

function nameFirst(a: HealthRecord, b: HealthRecord): number {
  return Number(deviceNameIn(a) === undefined) - Number(deviceNameIn(b) === undefined)
}

function sourceOf(
  key: string,
  { name, given, records }: Pick<Source, 'name' | 'given'> & { readonly records: readonly HealthRecord[] },
): Source {
  const at = records.map((record) => record.at)
  const glucose = records.filter((record) => record.type === 'glucose')
  return {
    key,
    name,
    device: records[0]?.device,
    given,
    records: records.length,
    first: at[0] ?? 0,
    last: at.at(-1) ?? 0,
    sensor:
      given === 'cgm'
        ? { percent: report(glucose).wear.percent, gaps: segments({ at: Float64Array.from(at) }).length - 1 }
        : undefined,
  }
}
