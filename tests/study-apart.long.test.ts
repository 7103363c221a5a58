import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Apart, openApart } from '../src/node/apart/apart.ts'
import { playStudyApart } from '../src/node/apart/study-apart.ts'
import { type TestProgram, testProgram } from '../src/node/apart/testing/program.ts'
import type { PlayedStudy } from '../src/node/study/played-study.ts'
import { consenting, virtualStudy } from '../src/node/study/virtual-study.ts'
import { formatInstant, type Hash32, hash32 } from '../src/vocabulary/index.ts'
import { signedIn } from './testing/clinic-apart.ts'
import { suspendedIsRefused } from './testing/institutions-apart.ts'

const SITES = ['north', 'south', 'east', 'west']

describe('a study of sites in processes of their own', { timeout: 900_000 }, () => {
  let program: TestProgram
  let directory: string
  let world: Apart
  let masked: PlayedStudy
  let study: Hash32
  beforeAll(async () => {
    program = await testProgram()
    directory = await mkdtemp(join(tmpdir(), 'islet-study-apart-'))
    world = await openApart({ directory, program: program.path })
  }, 900_000)
  afterAll(async () => {
    await world.close()
    await rm(directory, { recursive: true, force: true })
    await program.remove()
  })

  test('under masks verifies at each, also after kill -9 of one', async () => {
    masked = await playStudyApart(world, {
      seed: 3,
      sites: SITES,
      papers: ({ plan, sheet }) => ({
        sheet,
        plan: { ...plan, privacy: { ...plan.privacy, aggregation: 'masked' } },
      }),
    })
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

  test('is applied with, decided on, opened, run and judged by people at the addresses of their own', async () => {
    const sites = SITES.slice(0, 3)
    const { lived, homes, papers, until } = virtualStudy({
      seed: 5,
      sites,
      rounds: 1,
      papers: ({ plan, sheet }) => ({ sheet, plan: { ...plan, outputs: [...plan.outputs, 'contribution'] } }),
    })
    const ada = await signedIn(world, 'meadow', 'ada')
    const seats = await Promise.all(
      ['ines', 'tom', 'maya'].map((persona, at) => signedIn(world, sites[at] ?? '', persona)),
    )
    const applied = (await ada.tell('study-application', { ...papers, replaces: null })) as { study: string }
    const params = { study: hash32(applied.study) }
    let named = {}
    for (const { desk, tell } of seats) {
      // The papers have come from the applicant, and are those of the ledger.
      const { plan, plan_hash: planHash } = await desk.studyPapers({ params })
      expect(plan).toEqual(papers.plan)
      named = { ...params, plan_hash: planHash, conditions: null }
      await tell('study-decision', { ...named, decision: 'APPROVE', until: formatInstant(until) })
    }
    for (const { tell } of seats)
      await tell('study-decision', { ...named, decision: 'TAKE_PART', until: null })
    await ada.tell('study-opening', { ...params, conditions: null })
    const file = (await ada.desk.studies()).studies.find(({ study }) => study === params.study)
    expect(file).toMatchObject({ state: 'OPEN', applicant: 'meadow' })
    await Promise.all(
      lived.people.map((person, at) =>
        consenting(world, world.party(homes[at] ?? ''), person, params, papers.plan),
      ),
    )
    await ada.tell('study-run', params)
    await expect
      .poll(async () => (await ada.desk.study({ params })).run, { timeout: 600_000, interval: 500 })
      .toEqual({ state: 'idle', because: null })

    // At the applicant and at a member that has no part in it the passport is that of the sites.
    const kim = await signedIn(world, 'lantern', 'kim')
    const passport = await ada.desk.studyPassport({ params })
    expect(await kim.desk.studyPassport({ params })).toEqual(passport)
    expect(passport.sites.map(({ institution }) => institution).sort()).toEqual(
      sites.map((key) => world.party(key).id).sort(),
    )
    const [judging = ''] = sites
    expect(await world.studiesAt(judging).judgePassport(params.study, passport)).toMatchObject({
      ok: true,
      anchored: true,
    })
    const { models } = await kim.desk.studyRegistry()
    expect(models.map(({ study, data_roots: roots }) => [study, roots.length])).toContainEqual([
      params.study,
      3,
    ])

    // Each site judges on its own readings, for the applicant alone, and once.
    const document = await ada.tell('study-contribution', params)
    expect(document).toMatchObject({ method: 'exact', rounds: [1], coalitions: 8 })
    const { values } = document as { values: { site: string; value: number }[] }
    expect(values.map(({ site }) => site).sort()).toEqual(sites.map((key) => world.party(key).id).sort())
    expect(values.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(0)
    expect(await ada.tell('study-contribution', params)).toEqual(document)
    await expect(world.studiesAt(judging).studyContribution(params.study)).rejects.toMatchObject({
      code: 'NOT_THE_APPLICANT',
    })
  })
})
