import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, fromBase64Url, type Json, toBase64Url } from '../../vocabulary/index.ts'
import { nodeMaskSuite } from '../node-mask-suite.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { Bench, FIRST, ids, site } from '../testing/round-bench.ts'
import { beginRounds, modelOf, stepRounds } from './machine.ts'
import { encodeParts } from './messages.ts'
import { Participant } from './participant.ts'
import { roundPlan } from './plan.ts'
import { runRounds } from './run-rounds.ts'
import type { RoundState } from './state.ts'

const spelled = (state: RoundState) => canonicalJson(state as unknown as Json)

describe('who is awaited, and until when', () => {
  it('is known in every stage, and shrinks with each answer', async () => {
    const bench = new Bench(5, { evaluate: true })
    expect(bench.state).toMatchObject({ stage: 'train', awaited: ids(5), until: 600 })
    bench.take(await bench.answer(bench.asked.shift()!))
    expect(bench.state.awaited).toEqual(ids(5).slice(1))
    await bench.turn()
    expect(bench.state).toMatchObject({ stage: 'evaluate', awaited: ids(5) })
    await bench.turn()
    expect(bench.state).toMatchObject({ stage: 'train', round: 2 })
    while (bench.asked.length > 0) await bench.turn()
    expect(bench.state).toMatchObject({ stage: 'finished', until: null, awaited: [] })
    expect(bench.state.reports.map(({ outcome, whole }) => [outcome, whole])).toEqual([
      ['AGGREGATED', true],
      ['AGGREGATED', true],
    ])
    expect(Object.keys(bench.state.reports[0]!.metrics)).toEqual(ids(5))
  })

  it('a silent site costs its deadline and no more: the round goes on without it and says so', async () => {
    const bench = new Bench(5)
    await bench.turn(['site 3'])
    expect(bench.state).toMatchObject({ stage: 'train', round: 1, awaited: ['site 3'] })
    expect(bench.wait()).toBe('NOTED')
    expect(bench.state.reports[0]).toMatchObject({
      outcome: 'AGGREGATED',
      whole: false,
      absent: { 'site 3': 'DEADLINE' },
      closed: 600,
    })
    expect(bench.state.round).toBe(2)
  })

  it('below the quorum there is no round: it is reported, tried again, then the run stops', async () => {
    const bench = new Bench(5, { quorum: 4, attempts: 2 })
    const before = bench.state.model
    await bench.turn(['site 0', 'site 1'])
    bench.wait()
    expect(bench.state).toMatchObject({ round: 1, attempt: 2, model: before, stage: 'train' })
    await bench.turn(['site 0', 'site 1'])
    bench.wait()
    expect(bench.state).toMatchObject({ stage: 'stopped', until: null, model: before })
    expect(bench.state.reports.map(({ outcome }) => outcome)).toEqual(['QUORUM_NOT_MET', 'QUORUM_NOT_MET'])
    expect(bench.effects.at(-1)).toEqual({ type: 'ended', code: 'QUORUM_NOT_MET' })
  })

  it('a second attempt gets the same bytes: nothing is trained twice', async () => {
    let trained = 0
    const bench = new Bench(5, { quorum: 4 }, (given) => ({
      ...given,
      train: (task) => {
        trained++
        return given.train(task)
      },
    }))
    const first = await Promise.all(bench.asked.splice(0).map((ask) => bench.answer(ask)))
    bench.take(first[0]!)
    bench.wait()
    const second = await Promise.all(bench.asked.splice(0).map((ask) => bench.answer(ask)))
    expect(second.map(({ payload }) => payload)).toEqual(first.map(({ payload }) => payload))
    expect(trained).toBe(5)
  })
})

describe('what a site sends', () => {
  it('once, twice the same, otherwise the second time', async () => {
    const bench = new Bench(5)
    const reply = await bench.answer(bench.asked[0]!)
    expect(bench.take(reply)).toBe('ACCEPTED')
    const after = bench.state
    expect(bench.take(reply)).toBe('DUPLICATE')
    // Bytes that came are counted, everything else stands.
    expect({ ...bench.state, bytes: after.bytes }).toEqual(after)
    const other = await bench.answer(bench.asked[1]!)
    expect(bench.take({ ...other, site: reply.site, payload: `${reply.payload.slice(0, -4)}AAAA` })).toBe(
      'CONFLICTING_REPLY',
    )
    expect(bench.state.replies.train![reply.site]).toBe(reply.payload)
  })

  it.each([
    ['of another round', { round: 7 }, 'STALE_ROUND'],
    ['of another attempt', { attempt: 2 }, 'STALE_ROUND'],
    ['of another stage', { stage: 'evaluate' }, 'STALE_ROUND'],
    ['from nobody known', { site: 'nobody' }, 'UNKNOWN_SITE'],
  ] as const)('%s is refused and never stored', async (_, change, code) => {
    const bench = new Bench(5)
    const reply = await bench.answer(bench.asked[0]!)
    expect(bench.take({ ...reply, ...change })).toBe(code)
    expect(bench.state.replies).toEqual({})
    expect(bench.state.awaited).toEqual(ids(5))
  })

  it('after the deadline is stale, even where the deadline was not noticed before', async () => {
    const bench = new Bench(5)
    const late = await bench.answer(bench.asked[0]!)
    const [, ...others] = bench.asked.splice(0)
    for (const ask of others) bench.take(await bench.answer(ask))
    expect(bench.take({ ...late, at: 600 })).toBe('STALE_ROUND')
    expect(bench.state.reports[0]!.absent).toEqual({ 'site 0': 'DEADLINE' })
  })

  const update = (value: number) => {
    const body = new Uint8Array(7)
    new DataView(body.buffer).setFloat32(0, value, true)
    return encodeParts([new Uint8Array(4), body])
  }
  it.each([
    ['NaN', update(Number.NaN), 'NOT_FINITE'],
    ['an infinity', update(Number.POSITIVE_INFINITY), 'NOT_FINITE'],
    ['another shape', encodeParts([new Uint8Array(4), new Uint8Array(9)]), 'WRONG_SHAPE'],
    ['stray bytes', Uint8Array.of(1, 2, 3), 'WRONG_SHAPE'],
    ['nothing', new Uint8Array(), 'WRONG_SHAPE'],
  ] as const)('%s is refused at the door, and the others go on', async (_, bytes, code) => {
    const bench = new Bench(5)
    const reply = await bench.answer(bench.asked[0]!)
    expect(bench.take({ ...reply, payload: toBase64Url(bytes) })).toBe(code)
    await bench.turn(['site 0'])
    expect(bench.state.reports[0]).toMatchObject({
      outcome: 'AGGREGATED',
      absent: { 'site 0': code },
      whole: false,
    })
    expect(modelOf(bench.state).every(Number.isFinite)).toBe(true)
  })

  it('its own failure, by code, and the others go on', async () => {
    const bench = new Bench(5)
    const { site, round, attempt, stage } = bench.asked[0]!
    expect(
      bench.take({ type: 'failure', site, round, attempt, stage, code: 'TRAINING_DIVERGED', at: 1 }),
    ).toBe('ACCEPTED')
    await bench.turn([site])
    expect(bench.state.reports[0]!.absent).toEqual({ 'site 0': 'TRAINING_DIVERGED' })
  })
})

describe('coming and going', () => {
  it('who joins late is asked from the next round on, and gets the whole model', async () => {
    const bench = new Bench(5)
    expect(bench.take({ type: 'join', site: 'late', examples: 10, at: 1 })).toBe('JOINED')
    expect(bench.state.awaited).not.toContain('late')
    await bench.turn()
    expect(bench.state.awaited).toContain('late')
    const late = new Participant(site('late'), bench.state.plan, Float32Array.of(9, 9, 9))
    const ask = bench.asked.find((one) => one.site === 'late')!
    expect(
      bench.take(
        await (async () => {
          const bytes = await late.answer(fromBase64Url(ask.payload))
          return {
            type: 'reply',
            site: 'late',
            round: 2,
            attempt: 1,
            stage: 'train',
            payload: toBase64Url(bytes),
            at: bench.state.now,
          } as const
        })(),
      ),
    ).toBe('ACCEPTED')
    // It trained from the coordinator's model, as the others did.
    await bench.turn(['late'])
    expect(bench.state.stage).toBe('finished')
  })

  it('who leaves is not awaited, and comes back with the whole model', async () => {
    const bench = new Bench(5)
    expect(bench.take({ type: 'leave', site: 'site 4', at: 1 })).toBe('LEFT')
    expect(bench.state.awaited).toEqual(ids(4))
    expect(bench.take({ type: 'leave', site: 'nobody', at: 1 })).toBe('UNKNOWN_SITE')
    await bench.turn(['site 4'])
    expect(bench.state.reports[0]!.absent).toEqual({ 'site 4': 'LEFT' })
    expect(bench.take({ type: 'join', site: 'site 4', examples: 5, at: 2 })).toBe('JOINED')
  })

  it.each([
    ['without examples', { examples: 0 }, 'NO_EXAMPLES'],
    ['twice', { site: 'site 0' }, 'DUPLICATE'],
  ] as const)('joining %s is refused', (_, change, code) => {
    const bench = new Bench(5)
    expect(bench.take({ type: 'join', site: 'new', examples: 1, at: 0, ...change })).toBe(code)
  })

  it('masked modes want a key, and the same one for good', () => {
    const bench = new Bench(3, { mode: 'masked', rule: { name: 'mean' } })
    expect(bench.take({ type: 'join', site: 'new', examples: 1, at: 0 })).toBe('BAD_KEY')
    expect(bench.take({ type: 'join', site: 'site 0', examples: 1, key: 'A'.repeat(43), at: 0 })).toBe(
      'BAD_KEY',
    )
  })

  it('too few do not start', () => {
    const state = beginRounds(roundPlan(5, { parameters: 3 }), FIRST)
    expect(stepRounds(state, { type: 'start', at: 0 }).outcome).toBe('TOO_FEW_SITES')
    const bench = new Bench(5)
    expect(bench.take({ type: 'start', at: 1 })).toBe('ALREADY_STARTED')
  })
})

describe.each([
  ['open', {}],
  ['masked', { mode: 'masked', rule: { name: 'mean' } }],
  ['open with SCAFFOLD and judging', { strategy: { name: 'scaffold' }, evaluate: true }],
  ['open with FedAdam', { strategy: { name: 'fedadam', rate: 0.1 } }],
] as const)('a coordinator of %s rounds that was killed', (_, plan) => {
  it('resumes from any stored state to the same bytes', async () => {
    const sites = ids(5).map(site)
    const run = await runRounds({ sites, initial: FIRST, suite: nodeMaskSuite, plan: { rounds: 2, ...plan } })
    const start = beginRounds(run.plan, FIRST)
    const states: RoundState[] = [start]
    for (const event of run.events) states.push(stepRounds(states.at(-1)!, event, nodeMaskSuite).state)
    const end = spelled(run.state)
    expect(spelled(states.at(-1)!)).toBe(end)
    fc.assert(
      fc.property(fc.nat({ max: run.events.length }), (killed) => {
        let state = JSON.parse(spelled(states[killed]!)) as RoundState
        for (const event of run.events.slice(killed)) state = stepRounds(state, event, nodeMaskSuite).state
        expect(spelled(state)).toBe(end)
      }),
      { numRuns: 6 },
    )
  })
})

describe('masked rounds', () => {
  const MASKED = { mode: 'masked', rule: { name: 'mean' }, rounds: 1, quorum: 4 } as const

  it.each([
    ['advertise', 0],
    ['share', 1],
    ['train', 2],
    ['reveal', 3],
  ] as const)('a site that drops out at %s does not stop the sum', async (_, stage) => {
    const bench = new Bench(5, MASKED)
    for (let at = 0; at < 4; at++) {
      await bench.turn(at >= stage ? ['site 2'] : [])
      if (bench.state.awaited.length === 1) bench.wait()
    }
    const [report] = bench.state.reports
    const dropped = stage < 3
    expect(report).toMatchObject({
      outcome: 'AGGREGATED',
      contributors: ids(5).filter((id) => !dropped || id !== 'site 2'),
      absent: dropped ? { 'site 2': 'DEADLINE' } : {},
      scores: {},
    })
    // All sites say the same: the mean is what one says, to within the ring's steps.
    for (const [i, wanted] of [0.5, 1, 1.5].entries()) {
      expect(Math.abs(modelOf(bench.state)[i]! - Math.min(wanted, 0.1))).toBeLessThan(0.01)
    }
  })

  it('with fewer left than the threshold there is no sum, and no model moves', async () => {
    const bench = new Bench(5, { ...MASKED, attempts: 1, quorum: 2 })
    const before = bench.state.model
    await bench.turn(['site 1', 'site 2'])
    bench.wait()
    expect(bench.state).toMatchObject({ stage: 'stopped', model: before })
    expect(bench.state.reports[0]).toMatchObject({ outcome: 'QUORUM_NOT_MET', whole: false })
  })

  it('sums what open rounds sum: same sites, same model to within the common steps', async () => {
    const sites = ids(6).map((id, i) =>
      quadraticSite(id, [0.02 * i, -0.03, 0.05], { rate: 0.5, examples: 50 + i }),
    )
    const plan = { rounds: 12, rule: { name: 'mean' } } as const
    const open = await runRounds({ sites, initial: FIRST, plan })
    const masked = await runRounds({
      sites,
      initial: FIRST,
      suite: nodeMaskSuite,
      plan: { ...plan, mode: 'masked' },
    })
    open.parameters.forEach((value, i) => {
      expect(Math.abs(masked.parameters[i]! - value)).toBeLessThan(1e-3)
    })
  })

  it('sums the first round in the very steps that the sites coded it in', async () => {
    const update = Float32Array.of(0.09, -0.05, 0.01)
    const sites = ids(3).map((id) => ({ ...site(id), train: () => ({ update, loss: 0, steps: 1 }) }))
    const plan = { mode: 'masked', rounds: 1, down: { name: 'float32' } } as const
    const { parameters } = await runRounds({ sites, initial: FIRST, suite: nodeMaskSuite, plan })
    parameters.forEach((value, i) => {
      expect(Math.abs(value - FIRST[i]! - update[i]!)).toBeLessThan(0.5 / 127)
    })
  })

  it('groups of three with multi-Krum across them leave a liar’s group out from 15 sites on', async () => {
    const sites = ids(15).map((id, i) =>
      i === 4
        ? { ...site(id), train: () => ({ update: Float32Array.of(-9, -9, -9), loss: 0, steps: 1 }) }
        : site(id),
    )
    const rule = { name: 'multi-krum', faulty: 1 } as const
    const run = await runRounds({
      sites,
      initial: FIRST,
      suite: nodeMaskSuite,
      plan: { mode: 'grouped', rule, rounds: 6, range: 2 },
    })
    for (const { excluded } of run.reports) {
      expect(excluded).toContain('site 4')
      expect(excluded).toHaveLength(3)
    }
    expect(run.parameters[2]).toBeGreaterThan(2.5)
    expect(() => roundPlan(14, { parameters: 3, mode: 'grouped', rule })).toThrow(
      expect.objectContaining({ code: 'TOO_FEW_SITES' }),
    )
  })
})

describe('a plan', () => {
  it.each([
    ['two sites under masks', 2, { mode: 'masked', quorum: 2 }, 'TOO_FEW_SITES'],
    ['multi-Krum against three of eight', 8, { rule: { name: 'multi-krum', faulty: 3 } }, 'TOO_FEW_SITES'],
    ['a robust rule under masks', 5, { mode: 'masked', rule: { name: 'median' } }, 'BAD_PLAN'],
    ['variates under masks', 5, { mode: 'masked', strategy: { name: 'scaffold' } }, 'BAD_PLAN'],
    ['a quorum above the sites', 5, { quorum: 6 }, 'BAD_PLAN'],
    ['no rounds', 5, { rounds: 0 }, 'BAD_PLAN'],
    ['a clip of nothing', 5, { clip: 0 }, 'BAD_PLAN'],
  ] as const)('with %s is refused', (_, sites, plan, code) => {
    expect(() => roundPlan(sites, { parameters: 3, ...plan })).toThrow(expect.objectContaining({ code }))
  })
})
