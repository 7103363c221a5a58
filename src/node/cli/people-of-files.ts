/**
 * Files of records → people with everything that was written down of them, for dose support.
 *
 * Law: what several files say under one id is one person's, because glucose and insulin often come in separate exports;
 * what they say twice counts once. (Forecasting keeps such people apart: there a twin would be taught and judged.)
 */
import { mergeRecords, type ReadOptions } from '../../intake/index.ts'
import type { HealthRecord } from '../../series/index.ts'
import { readFile } from './read-files.ts'

export interface PersonRecords {
  readonly id: string
  readonly records: readonly HealthRecord[]
}

/** Throws the codes of intake with the path as place. */
export async function peopleOfFiles(
  paths: readonly string[],
  options: ReadOptions,
): Promise<readonly PersonRecords[]> {
  const people = new Map<string, HealthRecord[]>()
  for (const path of paths) {
    const { document } = await readFile(path, options)
    for (const { id, records } of document.people) {
      const held = people.get(id) ?? []
      people.set(id, [...held, ...mergeRecords(held, records).added])
    }
  }
  return [...people].map(([id, records]) => ({ id, records }))
}
