import { describe, expect, it } from 'vitest'
import { fromBase64Url } from '../../vocabulary/index.ts'
import { type Ask, Bench } from '../testing/round-bench.ts'

const PLAN = { mode: 'masked', rule: { name: 'mean' }, rounds: 2, quorum: 3 } as const
const ask = (bench: Bench, id: string): Ask => bench.asked.find((one) => one.site === id)!
const said = (bench: Bench, question: Ask) =>
  bench.participant(question.site).answer(fromBase64Url(question.payload))

/** Four sites up to the question for shares. */
async function revealing(bench: Bench, silent: readonly string[] = []): Promise<void> {
  while (bench.asked[0]!.stage !== 'reveal') {
    const absent = bench.asked[0]!.stage === 'train' ? silent : []
    await bench.turn(absent)
    if (absent.length > 0) bench.wait()
  }
}

describe('a site that has revealed shares', () => {
  it('reveals for no other survivors of the same updates, though the round is tried again', async () => {
    const bench = new Bench(4, PLAN)
    await revealing(bench)
    await said(bench, ask(bench, 'site 0'))
    // The coordinator keeps what it was told, says that shares are missing, and leaves one site out: the two sums would
    // differ by what that site said.
    bench.asked = []
    bench.wait()
    await revealing(bench, ['site 3'])
    expect(ask(bench, 'site 0')).toMatchObject({ round: 1, attempt: 2, stage: 'reveal' })
    await expect(said(bench, ask(bench, 'site 0'))).rejects.toMatchObject({ code: 'SURVIVORS_CHANGED' })
    await expect(said(bench, ask(bench, 'site 1'))).resolves.toHaveLength(16 * 4)
  })

  it('reveals again where the same sites survived, and for others of the next model', async () => {
    const bench = new Bench(4, PLAN)
    await revealing(bench)
    await said(bench, ask(bench, 'site 0'))
    bench.asked = []
    bench.wait()
    await revealing(bench)
    await bench.turn()
    expect(bench.state).toMatchObject({ round: 2, version: 1 })
    await revealing(bench, ['site 3'])
    await bench.turn()
    expect(bench.state.reports.at(-1)).toMatchObject({
      outcome: 'AGGREGATED',
      contributors: ['site 0', 'site 1', 'site 2'],
    })
  })

  it('takes up no earlier sum, where it would have forgotten for whom it revealed', async () => {
    const bench = new Bench(4, PLAN)
    const first = ask(bench, 'site 0')
    await revealing(bench)
    bench.asked = []
    bench.wait()
    await said(bench, ask(bench, 'site 0'))
    await expect(said(bench, first)).rejects.toMatchObject({ code: 'STALE_ROUND' })
  })
})
