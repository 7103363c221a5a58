/** A study of a ridge on virtual patients, whole: consents, masked rounds on the ledger, passport, audit, comparison. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareModel } from '../src/node/study/judge-desk.ts'
import { playVirtualStudy, type VirtualStudy } from '../src/node/study/virtual-study.ts'
import { type Consortium, openConsortium } from '../src/node/world/consortium.ts'
import { auditRound, checkedPlan, studyLearner } from '../src/study/index.ts'
import { nodeCrypto } from '../src/vault/node-cipher.door.ts'

const directory = await mkdtemp(join(tmpdir(), 'islet-study-ridge-'))
let consortium: Consortium
let played: VirtualStudy

beforeAll(async () => {
  consortium = await openConsortium({ directory })
  played = await playVirtualStudy(consortium, {
    seed: 5,
    sites: ['north', 'south', 'west', 'harbour'],
    rounds: 2,
    papers: ({ plan, sheet }) => {
      const draft = {
        ...plan,
        model: { ...plan.model, name: 'ridge' },
        strategy: { name: 'ridge' as const },
        privacy: { ...plan.privacy, aggregation: 'masked' as const },
      }
      const learner = studyLearner(draft, { hasher: nodeCrypto.hasher })
      const model = { ...draft.model, initial_hash: learner.modelHash(learner.firstModel()) }
      return { plan: checkedPlan({ ...draft, model }), sheet }
    },
  })
}, 240_000)
afterAll(async () => {
  await consortium?.close()
  await rm(directory, { recursive: true, force: true })
})

test('a ridge under masks ends in a passport that holds, ahead of the forecast that glucose stays as it is', async () => {
  const { verdict, desk, file, sites } = played
  expect(verdict).toMatchObject({ ok: true, findings: [], anchored: true })
  const compared = await compareModel(desk, file, sites)
  expect(compared?.rows.map(({ model }) => model)).toEqual(['persistence', 'ridge'])
  const [still, ridge] = compared?.rows ?? []
  expect(ridge?.rmse_30_mgdl).toBeLessThan(still?.rmse_30_mgdl ?? 0)
})

test('a site’s round done again from its own data gives the committed update', async () => {
  const { sites } = played
  for (const { site, ports } of sites.sites.slice(1))
    expect(await auditRound(ports, sites.study, 2, await site.cohort(2))).toMatchObject({ code: 'REPEATED' })
})
