import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StudyEvent } from '../ledger/index.ts'
import { hashOf } from '../ledger/testing/fixtures.ts'
import { planHashOf, updateCommitment } from './study-hash.ts'
import { type GovernedStudy, governedStudy } from './testing/governed-study.ts'

let town: GovernedStudy
beforeAll(async () => {
  town = await governedStudy(3)
})
afterAll(() => town?.close())

test('the port says of a study and its plan what was submitted and approved', async () => {
  const { chain, study, plan, names } = town
  expect(await chain.study(study)).toMatchObject({
    state: 'OPEN',
    version: 1,
    decisions: 1,
    planHash: planHashOf(plan),
    conditions: undefined,
  })
  expect(await chain.plan(study)).toEqual(plan)
  expect(await chain.approvedSites(study)).toEqual(names.map(town.id))
  expect(await chain.latestRound(study)).toBe(0)
  expect(await chain.round(study, 1)).toBeUndefined()
  expect(await chain.headVersion(study)).toBeUndefined()
})

test('a round goes through its five steps by the acts of its sites, and leaves a version and events', async () => {
  const { chain, study, names, id, signer } = town
  const acts = names.map((name) => ({ name, as: chain.as(signer(name)) }))
  const opened = await chain.as(signer('site 00')).openRound(study, 1, 0)
  const round = await chain.round(study, 1)
  expect(round).toMatchObject({ phase: 'COHORTS', openedBlock: opened.height, expected: names.map(id) })
  for (const { name, as } of acts) await as.commitCohort(study, 1, opened.height, hashOf(name))
  for (const { name, as } of acts) {
    const committed = {
      study,
      round: 1,
      site: id(name),
      update: hashOf(`u ${name}`),
      salt: hashOf(`s ${name}`),
    }
    await as.commitUpdate(study, 1, hashOf(name), updateCommitment(committed))
  }
  for (const { name, as } of acts) await as.reveal(study, 1, hashOf(`u ${name}`), hashOf(`s ${name}`))
  for (const { as } of acts.slice(0, 2)) await as.attest(study, 1, hashOf('new model'), hashOf('report'))
  expect(await chain.round(study, 1)).toMatchObject({ phase: 'FINAL', survivors: names.map(id) })
  expect(await chain.contribution(study, 1, id('site 01'))).toMatchObject({
    cohortRoot: hashOf('site 01'),
    update: hashOf('u site 01'),
  })
  expect(await chain.headVersion(study)).toMatchObject({ number: 1, model: hashOf('new model'), round: 1 })
  const events: StudyEvent[] = []
  for await (const event of chain.events(opened.height)) events.push(event)
  expect(events.map(({ name }) => name)).toEqual([
    'RoundOpened',
    ...Array(3).fill('CohortCommitted'),
    'StepEnded',
    ...Array(3).fill('UpdateCommitted'),
    'StepEnded',
    ...Array(3).fill('UpdateRevealed'),
    'StepEnded',
    'Attested',
    'Attested',
    'RoundFinal',
    'VersionMade',
  ])
})

test('an act that the contract refuses names itself, and may be tried again later', async () => {
  const { chain, study, signer } = town
  const act = chain.as(signer('site 00')).endStep(study, 1)
  await expect(act).rejects.toMatchObject({ code: 'STUDY_CALL_REFUSED', facts: { act: 'endStep' } })
  await expect(chain.as(signer('nobody')).openRound(study, 2, 1)).rejects.toMatchObject({
    facts: { act: 'openRound' },
  })
  await expect(chain.as(signer('site 00')).openRound(study, 2, 1)).resolves.toMatchObject({})
})
