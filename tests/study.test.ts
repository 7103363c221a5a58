/** A study on virtual patients, whole: real consents through the consent room, a real ledger, a passport verified. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { playVirtualStudy } from '../src/node/study/virtual-study.ts'
import { openConsortium } from '../src/node/world/consortium.ts'

const directory = await mkdtemp(join(tmpdir(), 'islet-study-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

test('a study on virtual patients ends in a passport that holds against ledger, updates and model', async () => {
  const consortium = await openConsortium({ directory })
  try {
    const told: string[] = []
    const { verdict, passport, desk, file, sites, stopped } = await playVirtualStudy(consortium, {
      seed: 3,
      sites: ['north', 'south', 'west'],
      rounds: 2,
      watcher: {
        consented: (people) => told.push(`${people} consented`),
        ended: (round, phase) => told.push(`round ${round} ${phase}`),
      },
    })
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
    // Every round read each person anew through their custodian, who logged it.
    expect(consortium.house('north').log.size).toBeGreaterThanOrEqual(2)
  } finally {
    await consortium.close()
  }
})
