import { describe, expect, it } from 'vitest'
import { fromBase64Url } from '../../vocabulary/index.ts'
import type { BySite } from '../masking/sum-member.ts'
import { nodeMaskSuite } from '../node-mask-suite.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { Bench, FIRST } from '../testing/round-bench.ts'
import { memoryOf, modelOf } from './machine.ts'
import { SummedMember } from './summed-member.ts'
import { type SummedRound, summedRound } from './summed-round.ts'

const STAGES = { advertise: 'adverts', share: 'shares', train: 'masked', reveal: 'revealed' } as const
type Answers = Partial<Record<(typeof STAGES)[keyof typeof STAGES], BySite>>

const trained = ({ id }: { readonly id: string }) =>
  quadraticSite(id, [1, 2, Number(id.slice(5))], { rate: 0.5, examples: 40 + 30 * Number(id.slice(5)) })

/** Seven sites of unlike size through a masked round of the state machine; every answer is held against the plain one. */
async function byMachine(silent: Partial<Record<keyof typeof STAGES, readonly string[]>>) {
  const strategy = { name: 'fedadam', rate: 0.01 } as const
  const rule = { name: 'mean' } as const
  const plan = { mode: 'masked', rule, rounds: 1, attempts: 1, quorum: 1, maskDepth: 16, range: 5 } as const
  const bench = new Bench(7, { ...plan, strategy, clip: 5 }, trained)
  const members = Object.entries(bench.state.members).map(([site, { examples }]) => ({ site, examples }))
  const sites = members.map(({ site }) => site)
  const memberOf = (site: string) =>
    new SummedMember(bench.state.plan, sites, site, { suite: nodeMaskSuite, keys: bench.side(site).keys })
  const plain = async (stage: keyof typeof STAGES, member: SummedMember, site: string) => {
    const heard = { ...round(), peers: bench.side(site).peers }
    if (stage === 'advertise') return member.advert
    if (stage === 'share') return member.shares(heard)
    const train = async () => (await member.update(heard, trained({ id: site }), FIRST)).answer
    return stage === 'train' ? train() : member.reveal(heard).answer
  }
  const answers: Answers = {}
  const round = (): SummedRound => ({ plan: bench.state.plan, members, answers })
  const kept = new Map(sites.map((site) => [site, memberOf(site)]))
  for (const [stage, name] of Object.entries(STAGES) as [keyof typeof STAGES, keyof Answers][]) {
    if (bench.state.stage !== stage) break
    const given = new Map<string, Uint8Array>()
    for (const ask of bench.asked.splice(0)) {
      const { site } = ask
      if (silent[stage]?.includes(site) === true) continue
      const reply = await bench.answer(ask)
      const answer = fromBase64Url(reply.payload)
      // Whether the member has seen the earlier stages or begins here.
      for (const member of [kept.get(site)!, memberOf(site)])
        expect(Buffer.from(await plain(stage, member, site))).toEqual(Buffer.from(answer))
      given.set(site, answer)
      bench.take(reply)
    }
    answers[name] = given
    if (bench.state.stage === stage) bench.wait()
  }
  return { bench, round, memberOf }
}

describe('a masked round of answers that are at hand is the state machine’s, bit for bit', () => {
  it.each([
    ['with everybody', {}],
    ['without who never advertised', { advertise: ['site 3'] }],
    ['without who fell silent after the adverts', { share: ['site 0'], train: ['site 6'] }],
    ['without who shared and showed no update', { train: ['site 2', 'site 4'] }],
    ['though two reveal nothing', { reveal: ['site 1', 'site 5'] }],
  ])('%s', async (_, silent) => {
    const { bench, round } = await byMachine(silent)
    const made = summedRound(round(), { model: FIRST, memory: {} }, nodeMaskSuite)
    const [report] = bench.state.reports
    expect(report).toMatchObject({ outcome: 'AGGREGATED', contributors: made.contributors })
    expect(made.model).toEqual(modelOf(bench.state))
    expect(made.memory).toEqual(memoryOf(bench.state))
    expect(made.norm).toBe(report?.norm)
    expect(made.liars).toEqual([])
  })
})

it('who reveals a share that does not belong is named, and an answer cut short is none', async () => {
  const { bench, round } = await byMachine({})
  const { plan, members, answers } = round()
  const { revealed = new Map<string, Uint8Array>() } = answers
  const summed = (changed: BySite) =>
    summedRound(
      { plan, members, answers: { ...answers, revealed: changed } },
      { model: FIRST, memory: {} },
      nodeMaskSuite,
    )
  const lie = (revealed.get('site 3') ?? new Uint8Array()).map((byte) => byte ^ 1)
  const made = summed(new Map([...revealed, ['site 3', lie]]))
  expect(made.liars).toEqual(['site 3'])
  expect(made.model).toEqual(modelOf(bench.state))
  expect(summed(new Map([...revealed, ['site 3', lie.subarray(1)]]))).toEqual({ ...made, liars: [] })
})

it('below the threshold nothing is revealed and nothing summed', async () => {
  const { bench, round, memberOf } = await byMachine({ train: ['site 0', 'site 1', 'site 2'] })
  const few = expect.objectContaining({ code: 'TOO_FEW_SITES', facts: { needed: 5, sites: 4 } })
  const heard = { ...round(), peers: bench.side('site 5').peers }
  expect(() => memberOf('site 5').reveal(heard)).toThrow(few)
  expect(() => summedRound(round(), { model: FIRST, memory: {} }, nodeMaskSuite)).toThrow(few)
})

it('what a member opened before counts only for the very same shares, adverts and keys', async () => {
  const { bench, round, memberOf } = await byMachine({})
  const { members, plan, answers } = round()
  const heard = { plan, members, answers, peers: bench.side('site 5').peers }
  const changed = (by: BySite = new Map()): BySite =>
    new Map([...by].map(([site, bytes]) => [site, site === 'site 2' ? bytes.map((byte) => byte ^ 1) : bytes]))
  const others = [
    { ...heard, answers: { ...answers, shares: changed(answers.shares) } },
    { ...heard, answers: { ...answers, adverts: changed(answers.adverts) } },
    { ...heard, peers: changed(heard.peers) },
  ]
  for (const other of others) {
    const member = memberOf('site 5')
    expect(member.reveal(heard).refused).toEqual([])
    const anew = memberOf('site 5').reveal(other)
    expect(anew.refused).toContain('site 2')
    expect(member.reveal(other)).toEqual(anew)
    expect(member.reveal(heard).refused).toEqual([])
  }
})
