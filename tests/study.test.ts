/** A study on virtual patients, whole: real consents through the consent room, a real ledger, a passport verified. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPerson, type PersonHere } from '../src/node/story/person.ts'
import { joinStudy } from '../src/node/study/join-study.ts'
import { leaveStudy, myStudies } from '../src/node/study/my-studies.ts'
import { studyStatus } from '../src/node/study/study-status.ts'
import { playVirtualStudy, type VirtualStudy } from '../src/node/study/virtual-study.ts'
import { type Consortium, openConsortium } from '../src/node/world/consortium.ts'
import { type AuditedRound, auditRound } from '../src/study/index.ts'

const directory = await mkdtemp(join(tmpdir(), 'islet-study-'))
const told: string[] = []
let consortium: Consortium
let played: VirtualStudy
let people: readonly PersonHere[]

beforeAll(async () => {
  consortium = await openConsortium({ directory })
  played = await playVirtualStudy(consortium, {
    seed: 3,
    sites: ['north', 'south', 'west'],
    rounds: 2,
    watcher: {
      consented: (people) => told.push(`${people} consented`),
      ended: (round, phase) => told.push(`round ${round} ${phase}`),
    },
  })
}, 240_000)
beforeAll(async () => {
  const handles = await readdir(join(directory, 'patients'))
  people = await Promise.all(handles.map((handle) => openPerson(consortium, handle, consortium.unlock)))
})
afterAll(async () => {
  await consortium?.close()
  await rm(directory, { recursive: true, force: true })
})

test('a study on virtual patients ends in a passport that holds against ledger, updates and model', async () => {
  const { verdict, passport, desk, file, sites, stopped } = played
  expect(told).toEqual(['4 consented', 'round 1 FINAL', 'round 2 FINAL'])
  expect(verdict).toMatchObject({ ok: true, findings: [], anchored: true, unchecked: [] })
  expect(passport.rounds).toHaveLength(2)
  expect(passport.rounds[1]?.report.is_partial).toBe(false)
  const head = await desk.chain.headVersion(file.study)
  expect(passport.version.model).toBe(head?.model)
  // Two people of the first site took part; one of them stopped after the first round.
  const [first] = sites.sites
  expect((await first?.site.cohort(1))?.included).toContain(stopped)
  expect((await first?.site.cohort(2))?.included).not.toContain(stopped)
  for (const { site } of sites.sites) expect((await site.cohort(2))?.included).toHaveLength(1)
  // Every round read each person anew through their custodian, who logged it, also where the bytes were still at hand.
  for (const [i, { agent }] of people.entries()) {
    const accesses = await agent.accesses()
    const reads = accesses.filter(({ clear }) => clear.action === 'read')
    const left = agent.memory.now.grants.some(({ handOver }) => handOver.consentId === stopped)
    expect([i, reads.length]).toEqual([i, left ? 1 : 2])
    for (const { clear, details } of reads)
      expect([clear.count, details]).toEqual([reads[0]?.clear.count, reads[0]?.details])
  }
})

test('each person sees every round and model that learned from them, proved, and nobody else’s', async () => {
  const { desk, sites, file, stopped } = played
  const all = await Promise.all(people.map(({ agent }) => myStudies(desk, agent, async () => sites)))
  for (const [i, { studies, findings }] of all.entries()) {
    const grants = people[i]?.agent.memory.now.grants ?? []
    const left = grants.some(({ handOver }) => handOver.consentId === stopped)
    const [mine] = studies
    expect(findings).toEqual([])
    expect(mine?.rounds.map(({ proof, verified }) => [proof, verified])).toEqual([
      ['PRESENT', true],
      [left ? 'ABSENT' : 'PRESENT', true],
    ])
    // The second model is built on the first: it learned from all whom the first learned from.
    expect(mine?.models.map(({ version, rounds }) => [version, rounds])).toEqual([
      [1, [1]],
      [2, left ? [1] : [1, 2]],
    ])
    expect(mine?.study).toBe(file.study)
  }
})

test('a round done again from a site’s own data gives the committed hashes, unless somebody stopped since', async () => {
  const { sites } = played
  const codes: Record<string, AuditedRound['code']> = {}
  for (const { key, site, ports } of sites.sites)
    for (const round of [1, 2])
      codes[`${key} ${round}`] = (await auditRound(ports, sites.study, round, await site.cohort(round))).code
  const first = sites.sites[0]?.key ?? ''
  const expected = Object.fromEntries(Object.keys(codes).map((name) => [name, 'REPEATED']))
  expect(codes).toEqual({ ...expected, [`${first} 1`]: 'PERSON_GONE' })

  // A site that trained on other data than it declared is found out.
  const south = sites.sites[1]
  if (south === undefined) throw new Error('expected a second site')
  const { ports, site } = south
  const other: typeof ports = {
    ...ports,
    people: {
      ...ports.people,
      open: async (claim) => {
        const opened = await ports.people.open(claim)
        if (opened.trace === undefined) return opened
        const { glucose } = opened.trace
        const value = glucose.value.map((mgdl) => mgdl + 1)
        return { ...opened, trace: { ...opened.trace, glucose: { ...glucose, value } } }
      },
    },
  }
  expect(await auditRound(other, sites.study, 2, await site.cohort(2))).toMatchObject({
    code: 'UPDATE_DIFFERS',
  })
  const secret = ports.secret.map((byte) => byte ^ 1)
  expect(await auditRound({ ...ports, secret }, sites.study, 2, await site.cohort(2))).toMatchObject({
    code: 'COHORT_DIFFERS',
  })
})

test('the state of the study counts the people of its cohorts where the sites are of this node', async () => {
  const { desk, file, sites } = played
  const here = await studyStatus(desk, file, sites.sites)
  expect(here.rounds.map(({ cohort, state }) => [state, cohort])).toEqual([
    ['FINAL', { sites: 3, people: 4 }],
    ['FINAL', { sites: 3, people: 3 }],
  ])
  expect(here.sites.map(({ people: count }) => count)).toEqual([1, 1, 1])
  expect((await studyStatus(desk, file)).rounds.map(({ cohort }) => cohort.people)).toEqual([null, null])
})

test('whoever leaves gets a receipt of the block from which they are out', async () => {
  const { desk, file, stopped } = played
  const person = people.find(({ agent }) =>
    agent.memory.now.grants.some(({ handOver }) => handOver.consentId !== stopped),
  )
  if (person === undefined) throw new Error('expected people')
  const { height } = await desk.chain.head()
  const { receipts, on_their_way: onTheirWay } = await leaveStudy(desk, consortium, file, person.agent)
  expect(onTheirWay).toEqual([])
  expect(receipts).toHaveLength(1)
  expect(receipts[0]?.out_from_block).toBeGreaterThan(height)
  expect(await leaveStudy(desk, consortium, file, person.agent)).toMatchObject({
    receipts: [],
    on_their_way: [],
  })
})

test('whoever left may read the sheet and come back, by the version that they name and no other', async () => {
  const { desk, file, stopped } = played
  const person = people.find(({ agent }) =>
    agent.memory.now.grants.some(({ handOver }) => handOver.consentId === stopped),
  )
  if (person === undefined) throw new Error('expected the person who stopped')
  const { agent } = person
  const house = consortium.house('north')
  const shown = await joinStudy(desk, file, { agent, house })
  expect(shown.document).toMatchObject({ changes: [], consent: null, site: 'north' })
  expect(shown.sheet.sections.length).toBeGreaterThan(0)
  await expect(joinStudy(desk, file, { agent, house, read: '0xother' })).rejects.toMatchObject({
    code: 'SHEET_OUTDATED',
  })
  const read = shown.document.information_sheet.slice(0, 12)
  const { document } = await joinStudy(desk, file, { agent, house, read })
  expect(document.consent).not.toBe(stopped)
  const held = house.institution.reader.grants().map(({ consentId }) => String(consentId))
  expect(held).toContain(document.consent)
})
