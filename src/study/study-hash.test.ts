import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Hash32, InstitutionId } from '../vocabulary/index.ts'
import { bytesHash, documentHash, planHashOf, studyIdOf, updateCommitment } from './study-hash.ts'

interface Case {
  readonly name: string
  readonly plan: {
    readonly document: Hash32
    readonly sheet: Hash32
    readonly model: Hash32
    readonly aggregation: number
    readonly minimumSites: number
    readonly rounds: number
    readonly stepSeconds: number
    readonly ends: string
  }
  readonly planHash: Hash32
  readonly applicant: InstitutionId
  readonly studySalt: Hash32
  readonly study: Hash32
  readonly round: number
  readonly site: InstitutionId
  readonly update: Hash32
  readonly salt: Hash32
  readonly commitment: Hash32
}
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync('test-vectors/study-hashes.json', 'utf8'),
)

describe.each(cases)('the frozen case $name', (frozen) => {
  it('has the plan hash, the study id and the commitment of the contracts', () => {
    const aggregation = frozen.plan.aggregation === 0 ? 'open' : 'masked'
    const plan = { ...frozen.plan, aggregation, ends: BigInt(frozen.plan.ends) } as const
    expect(planHashOf(plan)).toBe(frozen.planHash)
    expect(studyIdOf(frozen.applicant, frozen.planHash, frozen.studySalt)).toBe(frozen.study)
    const { study, round, site, update, salt } = frozen
    expect(updateCommitment({ study, round, site, update, salt })).toBe(frozen.commitment)
  })
})

it('two kinds of document never have one hash', () => {
  const labels = ['plan', 'sheet', 'conditions', 'report', 'aggregate', 'update'] as const
  expect(new Set(labels.map((label) => documentHash(label, { a: 1 }))).size).toBe(labels.length)
  expect(new Set(labels.map((label) => bytesHash(label, new Uint8Array(8)))).size).toBe(labels.length)
})
