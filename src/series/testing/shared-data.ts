/**
 * Reference files that live beside the repository, for tests: read when they are there; when missing, a failure in CI and
 * elsewhere a plain word on the console about what was left out.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type LocalSeconds, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { Glucose } from '../records.ts'

const ROOT = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))

/** Whether a set is there. Throws in CI when it is not. */
export function hasSharedData(set: string): boolean {
  if (existsSync(ROOT + set)) return true
  if (process.env['CI'] !== undefined) throw new Error(`shared test data is missing: ${set}`)
  console.warn(`left out: tests against ../shared/data/${set}, which is not on this machine`)
  return false
}

export function sharedText(path: string): string {
  return readFileSync(ROOT + path, 'utf8')
}

/** A plain comma-separated file without quotes → records by column name. */
export function sharedTable(path: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = sharedText(path).replaceAll('\r', '').replaceAll('"', '').trim().split('\n')
  const names = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']))
  })
}

/** The wall clock text of an `id,time,gl` file is kept as local time and, without a zone, as UTC. */
export function sharedTraces(path: string): ReadonlyMap<string, readonly Glucose[]> {
  const people = new Map<string, Glucose[]>()
  for (const row of sharedTable(path)) {
    const seconds = Date.parse(`${(row['time'] ?? '').replace(' ', 'T')}Z`) / 1000
    const list = people.get(row['id'] ?? '') ?? []
    list.push(reading(seconds, Number(row['gl'])))
    people.set(row['id'] ?? '', list)
  }
  return people
}

/** A sensor reading with the wall clock at UTC. */
export function reading(seconds: number, value: number, unit: Glucose['unit'] = 'mg/dL'): Glucose {
  return {
    type: 'glucose',
    at: quantity<UnixSeconds>(seconds),
    local: quantity<LocalSeconds>(seconds),
    value,
    unit,
    method: 'cgm',
  }
}
