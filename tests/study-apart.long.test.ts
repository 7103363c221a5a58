import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Apart, openApart } from '../src/node/apart/apart.ts'
import { playStudyApart } from '../src/node/apart/study-apart.ts'
import { type TestProgram, testProgram } from '../src/node/apart/testing/program.ts'
import type { PlayedStudy } from '../src/node/study/played-study.ts'
import type { StudyPlan } from '../src/study/index.ts'
import { type Hash32, hash32 } from '../src/vocabulary/index.ts'
import { suspendedIsRefused } from './testing/institutions-apart.ts'

const SITES = ['north', 'south', 'east', 'west']

describe('a study of sites in processes of their own', { timeout: 240_000 }, () => {
  let program: TestProgram
  let directory: string
  let world: Apart
  let masked: PlayedStudy
  let study: Hash32
  const played = (seed: number, changed: (plan: StudyPlan) => Partial<StudyPlan>, sites = SITES) =>
    playStudyApart(world, {
      seed,
      sites,
      papers: ({ plan, sheet }) => ({ sheet, plan: { ...plan, ...changed(plan) } }),
    })

  beforeAll(async () => {
    program = await testProgram()
    directory = await mkdtemp(join(tmpdir(), 'islet-study-apart-'))
    world = await openApart({ directory, program: program.path })
  }, 240_000)
  afterAll(async () => {
    await world.close()
    await rm(directory, { recursive: true, force: true })
    await program.remove()
  })

  test('under masks verifies at each, also after kill -9 of one', async () => {
    masked = await played(3, ({ privacy }) => ({ privacy: { ...privacy, aggregation: 'masked' } }))
    const { passport, verdict } = masked
    expect(passport.plan.privacy.aggregation).toBe('masked')
    expect(passport.rounds.map(({ report }) => report.expected.length)).toEqual([4, 4])
    expect(verdict).toMatchObject({ ok: true, anchored: true, unchecked: [] })
    expect(await masked.cohort(2)).not.toContain(masked.stopped)

    study = hash32(passport.study.id)
    const [, killed = ''] = SITES
    await world.kill(killed)
    await world.restart(killed)
    for (const key of SITES)
      expect(await world.studiesAt(key).judgePassport(study, passport)).toMatchObject(verdict)
  })

  test('is audited at each from its own data when one asks, and says honestly who cannot repeat what', async () => {
    const [asking = '', first = '', ...others] = [...SITES].reverse()
    const codes = async () => {
      const outcomes = await world.studiesAt(asking).auditStudy(study)
      return Object.fromEntries(
        outcomes.map(({ site, round, code, people }) => [`${handleOf(site)} ${round}`, [code, people]]),
      )
    }
    const handleOf = (site: string) => world.parties.find(({ id }) => id === site)?.key ?? site
    // Whoever stopped after the first round at North is gone for an audit too; how many took part elsewhere is not told.
    const expected = {
      ...Object.fromEntries(
        SITES.flatMap((key) => [1, 2].map((round) => [`${key} ${round}`, ['REPEATED', null]])),
      ),
      'north 1': ['PERSON_GONE', null],
      [`${asking} 1`]: ['REPEATED', 1],
      [`${asking} 2`]: ['REPEATED', 1],
    }
    expect(await codes()).toEqual(expected)
    const passport = await world.studiesAt(first).studyPassport(study)
    expect(passport.cohort_evidence).toBe('declared')
    const verdict = await world.studiesAt(others[0] ?? '').judgePassport(study, passport)
    expect(verdict).toMatchObject({ ok: true, anchored: true })
    expect(verdict.auditedSites.map(handleOf).sort()).toEqual(['east', 'south', 'west'])

    // A suspended member is refused, and repeats nothing that counts.
    await suspendedIsRefused(world, first, async () => {
      const refused = await world.studiesAt(first).auditStudy(study)
      const codesOf = new Set(refused.flatMap(({ site, code }) => (handleOf(site) === first ? [] : [code])))
      expect(codesOf).toEqual(new Set(['PARTY_SUSPENDED']))
    })
  })

  test('in open mode is judged by each site on its own readings, to what the updates were worth', async () => {
    const sites = SITES.slice(1)
    const open = await played(
      5,
      ({ outputs }) => ({ rounds: 1, outputs: [...outputs, 'contribution'] }),
      sites,
    )
    const { id } = open.passport.study
    const document = await world.studiesAt('meadow').studyContribution(hash32(id))
    expect(document).toMatchObject({ method: 'exact', rounds: [1], coalitions: 8 })
    expect(document.values.map(({ site }) => site).sort()).toEqual(
      sites.map((key) => world.party(key).id).sort(),
    )
    expect(document.values.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(0)
    // Asked again it is told as recorded; and nobody but the applicant is answered.
    expect(await world.studiesAt('meadow').studyContribution(hash32(id))).toEqual(document)
    await expect(world.studiesAt('south').studyContribution(hash32(id))).rejects.toMatchObject({
      code: 'NOT_THE_APPLICANT',
    })
  })
})
