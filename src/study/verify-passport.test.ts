import { describe, expect, it } from 'vitest'
import { buildPassport } from './passport.ts'
import { FINDING_CODES, type FindingCode } from './passport-findings.ts'
import { aggregateHash } from './round-report.ts'
import { planHashOf, updateCommitment } from './study-hash.ts'
import { resultHash } from './study-result.ts'
import { audits, draft, evidence, facts, good, round, survivors, updates } from './testing/honest-passport.ts'
import { attestAnew, MUTATIONS } from './testing/mutated-passports.ts'
import { hashOf, studyRecords } from './testing/papers.ts'
import { type PassportEvidence, verifyPassport } from './verify-passport.ts'

describe('a passport', () => {
  it('of an honest study passes, alone and against everything that is at hand', () => {
    expect(verifyPassport(good)).toEqual({
      ok: true,
      findings: [],
      anchored: false,
      cohortEvidence: 'declared',
      auditedSites: [],
      unchecked: ['LEDGER', 'MODEL_BYTES', 'UPDATE_BYTES', 'AGGREGATE'],
    })
    expect(verifyPassport(good, evidence)).toMatchObject({ ok: true, anchored: true, unchecked: [] })
  })

  it('passes after it was written to a file and read again', () => {
    expect(verifyPassport(JSON.parse(JSON.stringify(good))).ok).toBe(true)
  })

  it('says "audited" when every site’s audit of its every contribution is recorded, and whose are when not all', () => {
    const records = studyRecords()
    const results = new Map(
      audits.map((audit, i) => [resultHash(audit), survivors[i] ?? good.study.applicant] as const),
    )
    const whole = buildPassport({ ...records, results: audits })
    const against = { ...evidence, ledger: { ...facts, results } }
    expect(verifyPassport(whole, against)).toMatchObject({
      ok: true,
      cohortEvidence: 'audited',
      auditedSites: survivors,
    })
    const part = buildPassport({ ...records, results: audits.slice(1) })
    expect(verifyPassport(part, against)).toMatchObject({
      ok: true,
      cohortEvidence: 'declared',
      auditedSites: survivors.slice(1),
    })
    // On the ledger under another site's key, or not at all.
    const swapped = new Map([...results.keys()].map((hash) => [hash, survivors[1] ?? good.study.applicant]))
    for (const wrong of [swapped, new Map()]) {
      const verdict = verifyPassport(whole, { ...evidence, ledger: { ...facts, results: wrong } })
      expect(verdict.findings.map(({ code, at }) => `${code} ${at}`)).toContain('LEDGER_DISAGREES results.0')
    }
  })

  it('says which round was partial, and never calls it whole', () => {
    expect(good.rounds.map(({ report }) => report.is_partial)).toEqual([false, true])
  })

  it('names no person: institutions, accounts, and hashes of documents only', () => {
    const text = JSON.stringify(good)
    expect(text).not.toMatch(/patient_id|consent_id|subject|reading|"value"/)
    // Whatever looks like an identifier is one of these fields, and none of them is a person's.
    const named = new Set([...text.matchAll(/"(\w+)":"0x[0-9a-f]+"/g)].map(([, field]) => field))
    expect([...named].sort()).toEqual([
      'aggregate',
      'applicant',
      'base_model',
      'code_hash',
      'cohort_root',
      'commitment',
      'document',
      'first_plan_hash',
      'id',
      'information_sheet',
      'initial_hash',
      'institution',
      'model',
      'plan_hash',
      'report',
      'rounds',
      'salt',
      'sheet',
      'site',
      'studies',
      'study',
      'update',
    ])
  })
})

describe('a mutated passport', () => {
  it.each(MUTATIONS)('fails on %s: %s', (code, _what, change) => {
    const passport = draft()
    change(passport)
    const verdict = verifyPassport(passport)
    expect(verdict.ok).toBe(false)
    expect(verdict.findings.map((finding) => finding.code)).toContain(code)
  })

  it('fails at every hash, number and word that is changed alone', () => {
    const misses: string[] = []
    let count = 0
    const visit = (part: unknown, path: readonly (number | string)[]): void => {
      if (typeof part === 'object' && part !== null) {
        for (const [key, value] of Object.entries(part)) visit(value, [...path, key])
        return
      }
      const other =
        typeof part === 'string'
          ? part.startsWith('0x')
            ? `${part.slice(0, -1)}${part.endsWith('0') ? '1' : '0'}`
            : `${part}x`
          : typeof part === 'number'
            ? part + 1
            : part === null
              ? 1
              : !part
      const passport = structuredClone(good) as unknown as Record<string, unknown>
      let holder: Record<string, unknown> = passport
      for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>
      holder[String(path.at(-1))] = other
      count += 1
      if (verifyPassport(passport).ok) misses.push(path.join('.'))
    }
    visit(good, [])
    // What only the ledger can say: where it stands, when and in which blocks rounds opened, roots, the committee.
    const said =
      /^(ledger\.|rounds\.\d\.(opened_|contributions\.\d\.cohort_root)|committee\.(until|institutions|quorum)|version\.number)/
    expect(misses.filter((path) => !said.test(path))).toEqual([])
    expect(count).toBeGreaterThan(120)
  })

  it.each<[FindingCode, string, PassportEvidence]>([
    ['LEDGER_DISAGREES', 'another plan on the ledger', { ledger: { ...facts, planHash: hashOf('x') } }],
    ['LEDGER_DISAGREES', 'an amended plan', { ledger: { ...facts, planVersion: 2 } }],
    [
      'LEDGER_DISAGREES',
      'a site that never approved there',
      { ledger: { ...facts, sites: facts.sites.slice(1) } },
    ],
    [
      'LEDGER_DISAGREES',
      'a version withdrawn since',
      { ledger: { ...facts, version: { ...facts.version, isWithdrawn: true } } },
    ],
    [
      'LEDGER_DISAGREES',
      'another model there',
      { ledger: { ...facts, version: { ...facts.version, model: hashOf('x') } } },
    ],
    ['LEDGER_DISAGREES', 'a round that is not there', { ledger: { ...facts, rounds: new Map() } }],
    ['LEDGER_DISAGREES', 'cohort roots that are not there', { ledger: { ...facts, cohortRoots: new Map() } }],
    ['MODEL_NOT_THE_BYTES', 'another model at hand', { model: hashOf('x') }],
    [
      'UPDATE_NOT_THE_BYTES',
      'altered bytes of an update',
      { updates: new Map([...updates].map(([hash]) => [hash, new Uint8Array(3)])) },
    ],
    ['AGGREGATE_NOT_REPRODUCED', 'a sum that comes out otherwise', { aggregate: () => hashOf('x') }],
    [
      'EQUIVOCATION_NOT_SHOWN',
      'two words of a site that it hides',
      { equivocated: () => survivors.slice(0, 1) },
    ],
  ])('fails on %s: %s', (code, _what, against) => {
    const verdict = verifyPassport(good, { ...evidence, ...against })
    expect(verdict.ok).toBe(false)
    expect(new Set(verdict.findings.map((finding) => finding.code))).toEqual(new Set([code]))
  })

  it('that accuses a site without its two words fails, whoever attested it', () => {
    const passport = draft()
    Object.assign(round(passport, 1).report, { equivocated: survivors.slice(0, 1) })
    attestAnew(passport, 1)
    expect(verifyPassport(passport).findings).toEqual([])
    const { findings } = verifyPassport(passport, { equivocated: () => [] })
    expect(findings).toEqual([{ code: 'EQUIVOCATION_NOT_SHOWN', at: 'rounds.1.report.equivocated' }])
  })

  it('of every code there is, has a case here', () => {
    const tried = new Set<FindingCode>(MUTATIONS.map(([code]) => code))
    for (const code of [
      'LEDGER_DISAGREES',
      'MODEL_NOT_THE_BYTES',
      'UPDATE_NOT_THE_BYTES',
      'AGGREGATE_NOT_REPRODUCED',
      'EQUIVOCATION_NOT_SHOWN',
    ] as const)
      tried.add(code)
    expect([...tried].sort()).toEqual([...FINDING_CODES].sort())
  })

  it('is refused and never breaks the verifier, whatever it is', () => {
    for (const junk of [null, 1, 'x', [], {}, { schema: 'islet.passport/1' }, { ...good, rounds: {} }])
      expect(verifyPassport(junk).findings.map(({ code }) => code)).toEqual(['NOT_A_PASSPORT'])
  })

  it('that puts another site’s update in, with a commitment of its own, changes the aggregate', () => {
    const passport = draft()
    const [first] = round(passport, 0).contributions
    if (first === undefined) throw new Error('expected a contribution')
    const update = hashOf('poison')
    const commitment = updateCommitment({
      study: good.study.id,
      round: 1,
      site: first.site as never,
      update,
      salt: first.salt,
    })
    Object.assign(first, { update, commitment })
    expect(verifyPassport(passport).findings.map(({ code }) => code)).toEqual(['AGGREGATE_WRONG'])
    expect(aggregateHash(good.plan.model.initial_hash, good.rounds[0]?.contributions ?? [])).toBe(
      good.rounds[0]?.report.aggregate,
    )
  })

  it('of a plan hash that no approval names is nobody’s study', () => {
    const passport = draft()
    passport.plan_hash = planHashOf({
      document: hashOf('x'),
      sheet: hashOf('x'),
      model: hashOf('x'),
      aggregation: 'open',
      minimumSites: 2,
      rounds: 5,
      stepSeconds: 600,
      ends: 1,
    })
    const codes = verifyPassport(passport).findings.map(({ code }) => code)
    expect(codes).toEqual(
      expect.arrayContaining(['PLAN_HASH_WRONG', 'COMMITTEE_OF_ANOTHER_PLAN', 'SITE_OF_ANOTHER_PLAN']),
    )
  })
})
