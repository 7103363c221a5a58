import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nobleHasher } from '../vault/index.ts'
import { type IsletError, parseInstant } from '../vocabulary/index.ts'
import { readSheet, sheetHash } from './information-sheet.ts'
import { networkLearner } from './network-learner.ts'
import { checkedPlan, ledgerPlanOf, planDocumentHash, readPlan } from './plan.ts'
import { planTemplate, SHEET_TEMPLATE } from './plan-template.ts'
import { withFields } from './plan-text.ts'
import { planHashOf } from './study-hash.ts'
import { hashOf, PLAN, planData } from './testing/papers.ts'

function refusalOf(act: () => unknown): {
  code: string
  field: string | undefined
  line: number | undefined
} {
  try {
    act()
  } catch (error) {
    const { code, at } = error as IsletError
    return { code, field: at?.field, line: at?.line }
  }
  return { code: 'ACCEPTED', field: undefined, line: undefined }
}

type Data = Record<string, unknown>
/** A copy of the plan's data with one field set, or taken out when undefined. */
function withField(path: string, value: unknown): Data {
  const data = structuredClone(planData())
  const parts = path.split('.')
  let part: Data = data
  for (const name of parts.slice(0, -1)) part = part[name] as Data
  const last = parts.at(-1) ?? ''
  if (value === undefined) delete part[last]
  else part[last] = value
  return data
}

/** Every leaf of the plan's data with its path. */
function* leaves(value: unknown, path = ''): Generator<readonly [path: string, value: unknown]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) yield [path, value]
  else
    for (const [name, part] of Object.entries(value))
      yield* leaves(part, path === '' ? name : `${path}.${name}`)
}

describe('a plan', () => {
  const names = [...leaves(planData())].map(([path]) => path)
  const optional = ['purpose.disease']

  it.each(names)('is refused by the name of %s when it is missing or of another kind', (path) => {
    const missing = refusalOf(() => checkedPlan(withField(path, undefined)))
    expect(missing).toMatchObject({ code: 'PLAN_REFUSED', field: path })
    if (optional.includes(path)) return
    const wrong = refusalOf(() => checkedPlan(withField(path, { other: 1 })))
    expect(wrong.code).toBe('PLAN_REFUSED')
    expect(wrong.field?.startsWith(path)).toBe(true)
  })

  it.each([
    ['purpose.duo', ['DUO:9999999'], 'no code of the ontology'],
    ['purpose.duo', ['DUO:0000046'], 'a modifier alone permits nothing'],
    ['purpose.duo', ['DUO:0000042', 'DUO:0000006'], 'two permissions contradict'],
    ['purpose.disease', 'diabetes mellitus', 'a disease without DS', 'DUO:0000042'],
    ['data.from', '2026-02-30T00:00:00Z', '30 February'],
    ['data.until', '2025-01-01T00:00:00Z', 'ends before it starts'],
    ['expires', '2030-01-01T00:00:00.5Z', 'the ledger counts whole seconds'],
    ['quorum.minimum_sites', 0, 'no site'],
    ['rounds', 1_001, 'more than the contract takes'],
    ['deadlines.step_seconds', 0, 'no time at all'],
    ['privacy.clip_norm', Number.POSITIVE_INFINITY, 'no bound'],
    ['outputs', ['extract'], 'an extract without its rules'],
    ['strategy.level_shift_mgdl', 201, 'levels that nobody lives at'],
  ])('is refused for %s: %s (%s)', (path, value, _why, duo?: string) => {
    const data = withField(path, value)
    if (duo !== undefined) data['purpose'] = { duo: [duo], disease: 'diabetes mellitus' }
    const { code, field } = refusalOf(() => checkedPlan(data))
    const named = path === 'outputs' ? 'extract' : path
    expect({ code, field }).toEqual({ code: 'PLAN_REFUSED', field: named })
  })

  it('that is masked needs three sites and gives no contribution', () => {
    const privacy = { ...(planData()['privacy'] as Data), aggregation: 'masked' }
    const few = refusalOf(() => checkedPlan(planData({ privacy })))
    expect(few.field).toBe('quorum.minimum_sites')
    const quorum = { minimum_sites: 3 }
    const outputs = ['model', 'contribution']
    expect(refusalOf(() => checkedPlan(planData({ privacy, quorum, outputs }))).field).toBe('outputs')
    expect(refusalOf(() => checkedPlan(planData({ privacy, quorum }))).code).toBe('ACCEPTED')
  })

  it.each([
    ['local_epochs', { learning_rate: 0.01 }, 'fedavg'],
    ['learning_rate', { local_epochs: 1 }, 'fedprox'],
    ['local_epochs', { local_epochs: 1 }, 'ridge'],
    ['learning_rate', { learning_rate: 0.01 }, 'ridge'],
    ['level_shift_mgdl', { level_shift_mgdl: 10 }, 'ridge'],
  ])('says of its strategy what counts and nothing else: %s of %o under %s', (field, settings, name) => {
    const privacy = { ...(planData()['privacy'] as Data), differential_privacy: null }
    const refused = refusalOf(() => checkedPlan(planData({ privacy, strategy: { name, ...settings } })))
    expect(refused).toMatchObject({ code: 'PLAN_REFUSED', field: `strategy.${field}` })
  })

  it('of a ridge takes no privacy budget: no noise is made for its sums', () => {
    const strategy = { name: 'ridge' }
    const refused = refusalOf(() => checkedPlan(planData({ strategy })))
    expect(refused).toMatchObject({ code: 'PLAN_REFUSED', field: 'privacy.differential_privacy' })
    const privacy = { ...(planData()['privacy'] as Data), differential_privacy: null }
    expect(refusalOf(() => checkedPlan(planData({ strategy, privacy }))).code).toBe('ACCEPTED')
  })

  it('with a member that nobody knows is refused by its name', () => {
    expect(refusalOf(() => checkedPlan(withField('privacy.backdoor', true))).field).toBe('privacy.backdoor')
  })

  it('has another hash when any one value changes, on the ledger too', () => {
    const other = (value: unknown): unknown => {
      if (typeof value === 'string') return `${value}x`
      if (typeof value === 'number') return value + 1
      if (Array.isArray(value)) return [...value, 'x']
      return { unit: 'patient', epsilon: 1, delta: 0.1 }
    }
    const ledgerHash = (plan: typeof PLAN) =>
      planHashOf({ ...ledgerPlanOf(PLAN), document: planDocumentHash(plan) })
    const seen = new Set([planDocumentHash(PLAN)])
    const onLedger = new Set([ledgerHash(PLAN)])
    for (const [path, value] of leaves(planData())) {
      const plan = withField(path, other(value)) as typeof PLAN
      seen.add(planDocumentHash(plan))
      onLedger.add(ledgerHash(plan))
    }
    expect(seen.size).toBe(names.length + 1)
    expect(onLedger.size).toBe(names.length + 1)
  })

  it('has one hash however its members are ordered and spaced', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.entries(planData()), { minLength: 15 }),
        fc.nat(4),
        (entries, indent) => {
          const plan = readPlan(JSON.stringify(Object.fromEntries(entries), null, indent))
          expect(planDocumentHash(plan)).toBe(planDocumentHash(PLAN))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('stands on the ledger by the words that the contract needs', () => {
    expect(ledgerPlanOf(PLAN)).toEqual({
      document: planDocumentHash(PLAN),
      sheet: hashOf('sheet'),
      model: hashOf('model 0'),
      aggregation: 'open',
      minimumSites: 2,
      rounds: 5,
      stepSeconds: 600,
      ends: parseInstant('2030-01-01T00:00:00Z'),
    })
  })
})

describe('a plan as text', () => {
  const example = readFileSync('examples/study.yaml', 'utf8')

  it('is YAML with comments, which do not count', () => {
    const bare = example.replaceAll(/ *#.*$/gm, '').replaceAll(/^\n/gm, '')
    expect(planDocumentHash(readPlan(bare))).toBe(planDocumentHash(readPlan(example)))
  })

  it('as the template writes it is accepted, and is the published example with its sheet', () => {
    const sheet = readFileSync('examples/sheet.yaml', 'utf8')
    expect(sheet).toBe(SHEET_TEMPLATE)
    const plan = readPlan(example)
    const facts = {
      from: parseInstant(plan.data.from),
      until: parseInstant(plan.data.until),
      expires: parseInstant(plan.expires),
      sheet: sheetHash(readSheet(sheet)),
      codeHash: plan.model.code_hash,
      minimumDays: plan.cohort.minimum_days,
      initialModel: plan.model.initial_hash,
    }
    expect(planTemplate(facts)).toBe(example)
    const learner = networkLearner(plan, { hasher: nobleHasher })
    expect(plan.model.initial_hash).toBe(learner.modelHash(learner.firstModel()))
  })

  it('changed by one byte has another hash or is refused', () => {
    const whole = planDocumentHash(readPlan(example))
    const bytes = [...example].flatMap((letter, i) => (/[a-z0-9]/.test(letter) ? [i] : []))
    const commented = (i: number) => /#[^\n]*$/.test(example.slice(0, i))
    fc.assert(
      fc.property(fc.constantFrom(...bytes.filter((i) => !commented(i))), (i) => {
        const letter = example[i] === '7' ? '8' : '7'
        const text = `${example.slice(0, i)}${letter}${example.slice(i + 1)}`
        let hash: string | undefined
        try {
          hash = planDocumentHash(readPlan(text))
        } catch (error) {
          expect((error as IsletError).code).toMatch(/^(PLAN_REFUSED|TEXT_UNREADABLE)$/)
        }
        expect(hash).not.toBe(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('is refused at the line of its fault', () => {
    const lineOf = (part: string) => example.slice(0, example.indexOf(part)).split('\n').length
    const wrong = example.replace('clip_norm: 5', 'clip_norm: -1')
    const refused = refusalOf(() => readPlan(wrong))
    expect(refused).toEqual({ code: 'PLAN_REFUSED', field: 'privacy.clip_norm', line: lineOf('clip_norm') })
  })

  it('a field is changed in the text and everything else, comments too, stays', () => {
    const changed = withFields(example, { rounds: 7, 'privacy.aggregation': 'open' })
    expect(readPlan(changed).rounds).toBe(7)
    const comments = (text: string) => [...text.matchAll(/# .*/g)].map(([comment]) => comment.trim())
    expect(comments(changed)).toEqual(comments(example))
    expect(planDocumentHash(readPlan(withFields(changed, { rounds: readPlan(example).rounds })))).toBe(
      planDocumentHash(readPlan(withFields(example, { 'privacy.aggregation': 'open' }))),
    )
    expect(refusalOf(() => withFields('a: &x 1', { rounds: 1 })).code).toBe('TEXT_UNREADABLE')
  })

  it('says that a hash without quotes is a number', () => {
    const bare = example.replace(/code_hash: "(0x[0-9a-f]+)"/, 'code_hash: $1')
    expect(() => readPlan(bare)).toThrowError(
      expect.objectContaining({ remedy: 'Put the hash in quotes: YAML reads it as a number.' }),
    )
  })

  it.each([
    ['a part that is referred to', 'a: &x [1]\nb: [*x, *x]', 1],
    ['a reference to nothing', 'a: 1\nb: *x', 2],
    ['a type of its own', 'a: 1\nb: !!set {}', 2],
    ['a name that is no text', 'a: 1\n? [1, 2]\n: 3', 2],
    ['a name twice', 'a: 1\na: 2', 2],
    ['two documents', 'a: 1\n---\nb: 2', 2],
    ['a tab that indents', 'a: 1\n\tb: 2', 2],
    ['bottomless nesting', '['.repeat(60_000), 1],
    ['endless text', `a: ${'x'.repeat(300_000)}`, 1],
  ])('is refused with its line for %s', (_why, text, line) => {
    expect(refusalOf(() => readPlan(text))).toEqual({ code: 'TEXT_UNREADABLE', field: undefined, line })
  })

  it('never does anything but give a plan or a coded refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(refusalOf(() => readPlan(text)).code).toMatch(/^(PLAN_REFUSED|TEXT_UNREADABLE)$/)
      }),
      { numRuns: 40 },
    )
  })
})
