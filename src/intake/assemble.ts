/**
 * Outcomes of rows → people with sorted records, and the report that adds up.
 *
 * Laws: every outcome is counted exactly once; two readings at one instant from one device stay two if they differ and
 * become one if they do not.
 */
import type { HealthRecord, RecordType } from '../series/index.ts'
import { type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { deviceModel } from './device-model.ts'
import { type Body, type Context, type Draft, type Sheet, zeroCounts } from './draft.ts'
import { floating, type Placed, Placer } from './place.ts'
import { compareRecords, recordKey } from './record-key.ts'
import type { Dropped, DropReason, IntakeDocument, OtherType, Person } from './report.ts'
import { DROP_REASONS } from './report.ts'
import { isZone, zoneClock } from './zones.ts'

/** Hours that key trees can hold: 1900 to 2139, a day kept clear at both ends. */
const FIRST_AT = -2_208_988_800 + 86_400
const LAST_AT = 5_333_126_400
/** A clock without zone may run up to 14 h ahead of UTC. */
const FUTURE_SLACK_SECONDS = 86_400
const LINES_SHOWN = 20

/** Turns a reader's sheet into the document. */
export function assemble(sheet: Sheet, context: Context): IntakeDocument {
  const { options } = context
  const named = options.zone ?? (sheet.zone !== undefined && isZone(sheet.zone) ? sheet.zone : undefined)
  const clock = named === undefined ? undefined : zoneClock(named)
  const drops = new Map<DropReason, { count: number; lines: number[] }>()
  const people = new Map<string, Builder>()
  const other = zeroCounts()
  const extra = zeroCounts()
  const tally = { kept: 0, low: 0, high: 0, repeatedHour: 0, skippedHour: 0 }
  const dropRow = (line: number, reason: DropReason): void => {
    const entry = drops.get(reason) ?? { count: 0, lines: [] }
    entry.count++
    if (entry.lines.length < LINES_SHOWN) entry.lines.push(line)
    drops.set(reason, entry)
  }
  const latest = options.now === undefined ? LAST_AT : Math.min(LAST_AT, options.now + FUTURE_SLACK_SECONDS)
  const placer = clock === undefined ? undefined : new Placer(clock, sheet.outcomes)

  for (const outcome of sheet.outcomes) {
    if ('drop' in outcome) {
      dropRow(outcome.line, outcome.drop)
      continue
    }
    let first: RecordType | undefined
    let reason: DropReason = 'NOT_GLUCOSE'
    for (const draft of outcome.drafts) {
      const placed = placer?.place(draft) ?? floating(draft)
      if (placed === undefined || placed.at < FIRST_AT || placed.at >= LAST_AT) {
        reason = 'UNPARSED_TIME'
        continue
      }
      if (placed.at > latest) {
        reason = 'FUTURE_DATE'
        continue
      }
      const person = people.get(outcome.person) ?? newPerson(people, outcome.person)
      const record = person.add(draft, placed)
      if (record === undefined) {
        reason = 'DUPLICATE'
        continue
      }
      if (first !== undefined) {
        extra[record.type]++
        continue
      }
      first = record.type
      if (record.type === 'glucose') {
        tally.kept++
        if (record.text === 'low') tally.low++
        if (record.text === 'high') tally.high++
        if (placed.repeated) tally.repeatedHour++
        if (placed.skipped) tally.skippedHour++
      } else other[record.type]++
    }
    if (first === undefined) dropRow(outcome.line, reason)
  }

  let outOfOrder = 0
  const result: Person[] = []
  for (const builder of people.values()) {
    outOfOrder += builder.outOfOrder()
    result.push(builder.finish(clock?.zone ?? null, sheet.models))
  }
  const dropped: Dropped[] = []
  for (const reason of DROP_REASONS) {
    const entry = drops.get(reason)
    if (entry !== undefined) dropped.push({ reason, count: entry.count, lines: entry.lines })
  }
  return {
    format: sheet.format,
    rows: sheet.outcomes.length,
    kept: tally.kept,
    other: withoutGlucose(other),
    extra,
    dropped,
    low: tally.low,
    high: tally.high,
    outOfOrder,
    repeatedHour: tally.repeatedHour,
    skippedHour: tally.skippedHour,
    people: result,
  }
}

function withoutGlucose(counts: Record<RecordType, number>): Record<OtherType, number> {
  const { glucose: _, ...rest } = counts
  return rest
}

function newPerson(people: Map<string, Builder>, name: string): Builder {
  const builder = new Builder(name === '' ? String(people.size + 1) : name)
  people.set(name, builder)
  return builder
}

/** Collects one person's records. */
class Builder {
  readonly #id: string
  readonly #devices = new Map<string, number>()
  /** Records by instant: only those of one instant can be the same. */
  readonly #seen = new Map<number, HealthRecord[]>()
  readonly #ticks = new Map<number, Map<number, Draft>>()
  readonly #records: HealthRecord[] = []
  #localOnly = 0
  readonly #order = new Map<string, { previous: number; up: number; down: number }>()

  constructor(id: string) {
    this.#id = id
  }

  /** The record, or undefined when the same one is there already. */
  add(draft: Draft, placed: Placed): HealthRecord | undefined {
    const device = draft.source === undefined ? undefined : this.#deviceOf(draft.source)
    const record = build(draft.body, placed, draft.tick, device)
    const there = this.#seen.get(placed.at)
    if (there?.some((one) => one.device === device && recordKey(one) === recordKey(record))) return undefined
    if (draft.tick !== undefined && draft.display !== undefined && this.#shownElsewhere(draft, device ?? 0)) {
      return undefined
    }
    if (there === undefined) this.#seen.set(placed.at, [record])
    else there.push(record)
    this.#records.push(record)
    if (draft.moment.instant === undefined) this.#localOnly++
    if (record.type === 'glucose') this.#step(device ?? 0, record.method, record.tick ?? record.at)
    return record
  }

  /** One transmitter shown by a phone and a receiver: the same tick and value is the same measurement. */
  #shownElsewhere(draft: Draft, device: number): boolean {
    const ticks = this.#ticks.get(device) ?? new Map<number, Draft>()
    this.#ticks.set(device, ticks)
    const shown = ticks.get(draft.tick ?? 0)
    if (shown === undefined) {
      ticks.set(draft.tick ?? 0, draft)
      return false
    }
    const [one, two] = [shown.body, draft.body]
    return (
      shown.display !== draft.display &&
      one.type === 'glucose' &&
      two.type === 'glucose' &&
      one.value === two.value &&
      one.text === two.text
    )
  }

  #step(device: number, method: string, at: number): void {
    const stream = `${device}|${method}`
    const order = this.#order.get(stream)
    if (order === undefined) {
      this.#order.set(stream, { previous: at, up: 0, down: 0 })
      return
    }
    if (at > order.previous) order.up++
    if (at < order.previous) order.down++
    order.previous = at
  }

  /** Steps against the direction that most steps of their stream take. */
  outOfOrder(): number {
    let count = 0
    for (const { up, down } of this.#order.values()) count += Math.min(up, down)
    return count
  }

  #deviceOf(source: string): number {
    const known = this.#devices.get(source)
    if (known !== undefined) return known
    const number = this.#devices.size + 1
    this.#devices.set(source, number)
    return number
  }

  finish(zone: string | null, models: ReadonlyMap<string, string>): Person {
    return {
      id: this.#id,
      zone,
      clock: this.#localOnly === 0 ? 'source' : zone === null ? 'floating' : 'zone',
      devices: [...this.#devices].map(([source, device]) => ({
        device,
        model: deviceModel(models.get(source)),
      })),
      records: this.#records.sort(compareRecords),
    }
  }
}

/** Completes the body in place: the reader made it for this one record, and a copy per row costs more than all else here. */
function build(
  body: Body,
  placed: Placed,
  tick: number | undefined,
  device: number | undefined,
): HealthRecord {
  const at = quantity<UnixSeconds>(placed.at)
  const local = quantity<LocalSeconds>(placed.local)
  if (tick === undefined)
    return Object.assign(body, device === undefined ? { at, local } : { at, local, device })
  return Object.assign(body, device === undefined ? { at, local, tick } : { at, local, tick, device })
}
