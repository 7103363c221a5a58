import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openApart } from '../src/node/apart/apart.ts'
import { playStudyApart } from '../src/node/apart/study-apart.ts'
import { testProgram } from '../src/node/apart/testing/program.ts'
import { hash32 } from '../src/vocabulary/index.ts'

const SITES = ['north', 'south', 'east', 'west']

test('a masked study of sites in processes of their own verifies at each, also after kill -9 of one', async () => {
  const program = await testProgram()
  const directory = await mkdtemp(join(tmpdir(), 'islet-study-apart-'))
  const world = await openApart({ directory, program: program.path })
  try {
    const played = await playStudyApart(world, {
      seed: 3,
      sites: SITES,
      papers: ({ plan, sheet }) => ({
        sheet,
        plan: { ...plan, privacy: { ...plan.privacy, aggregation: 'masked' } },
      }),
    })
    const { passport, verdict } = played
    expect(passport.plan.privacy.aggregation).toBe('masked')
    expect(passport.rounds.map(({ report }) => report.expected.length)).toEqual([4, 4])
    expect(verdict).toMatchObject({ ok: true, anchored: true, unchecked: [] })
    expect(await played.cohort(2)).not.toContain(played.stopped)

    const study = hash32(passport.study.id)
    const [, killed = ''] = SITES
    await world.kill(killed)
    await world.restart(killed)
    for (const key of SITES)
      expect(await world.studiesAt(key).judgePassport(study, passport)).toMatchObject(verdict)
  } finally {
    await world.close()
    await rm(directory, { recursive: true, force: true })
    await program.remove()
  }
}, 240_000)
