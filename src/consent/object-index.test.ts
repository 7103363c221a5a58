import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Cid, HourWindow, Kind, PatientId, UtcHour } from '../vocabulary/index.ts'
import { type IndexedChunk, objectIndex } from './object-index.ts'

const [ANNA, BEN] = ['anna', 'ben'] as unknown as readonly [PatientId, PatientId]
const window = (first: number, end: number) => ({ first, end }) as HourWindow

function chunk(kind: Kind, hour: number, revision: number): IndexedChunk {
  return {
    kind,
    hour: hour as UtcHour,
    revision,
    generation: 0,
    overflow: 0,
    cid: `${kind} ${hour} ${revision}` as Cid,
    part: 0,
    slot: 1,
    index: 0,
  }
}

type Question = readonly [kinds: readonly Kind[], within: HourWindow, history: boolean]
const QUESTIONS: readonly [Question, ...Question[]] = [
  [['glucose', 'meals'], window(0, 6), false],
  [['glucose', 'meals'], window(0, 6), true],
  [['glucose'], window(1, 4), false],
]

it('what is found again is what a fresh index would find, whatever came and went between', () => {
  const step = fc.record({
    patient: fc.constantFrom(ANNA, BEN),
    does: fc.constantFrom('add', 'add', 'forget', 'ask'),
    kind: fc.constantFrom<Kind>('glucose', 'meals'),
    hour: fc.nat(5),
    asked: fc.constantFrom(...QUESTIONS),
  })
  const [usual] = QUESTIONS
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const index = objectIndex()
      const noted = new Map<PatientId, IndexedChunk[]>()
      for (const { patient, does, kind, hour, asked } of steps) {
        if (does === 'forget') {
          index.forget(patient)
          noted.delete(patient)
        } else if (does === 'add') {
          const added = chunk(kind, hour, index.nextRevision(patient, kind, hour as UtcHour))
          index.add(patient, [added])
          noted.set(patient, [...(noted.get(patient) ?? []), added])
        }
        const fresh = objectIndex()
        fresh.add(patient, noted.get(patient) ?? [])
        for (const question of does === 'ask' ? [asked, usual] : [usual])
          expect(index.find(patient, ...question)).toEqual(fresh.find(patient, ...question))
      }
    }),
  )
})

it('the same question about an unchanged patient has the very same answer, though another patient changed', () => {
  const index = objectIndex()
  index.add(ANNA, [chunk('glucose', 1, 0)])
  const found = index.find(ANNA, ['glucose'], window(0, 9), false)
  index.add(BEN, [chunk('glucose', 1, 0)])
  expect(index.find(ANNA, ['glucose'], window(0, 9), false)).toBe(found)
})
