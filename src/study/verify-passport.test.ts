import { describe, expect, it } from 'vitest'
import type { PassportDocument } from '../api/study.door.ts'
import { type Hash32, hash32, type InstitutionId } from '../vocabulary/index.ts'
import { buildPassport } from './passport.ts'
import { FINDING_CODES, type FindingCode } from './passport-findings.ts'
import { privacyBudget } from './privacy-terms.ts'
import { aggregateHash, reportHash } from './round-report.ts'
import { planHashOf, updateCommitment } from './study-hash.ts'
import { resultHash, type StudyResult } from './study-result.ts'
import { hashOf, siteOf, studyRecords, updateBytes } from './testing/papers.ts'
import { type LedgerFacts, type PassportEvidence, verifyPassport } from './verify-passport.ts'

type Json = Record<string, unknown>
/** A passport that may be written to. */
interface Draft {
  study: Json & { id: Hash32 }
  plan: PassportDocument['plan'] & Json
  ledger_plan: Json & { rounds: number; minimum_sites: number; ends: number }
  plan_hash: Hash32
  committee: Json & { institutions: Hash32[]; quorum: number; until: number }
  sites: (Json & { institution: Hash32 })[]
  rounds: Round[]
  version: Json & { is_withdrawn: boolean }
  epsilon: number | null
}
interface Round extends Json {
  opened_block: number
  opened_at: number
  contributions: (Json & { site: Hash32; update: Hash32; salt: Hash32; cohort_root: Hash32 })[]
  attestations: (Json & { site: Hash32; model: Hash32; report: Hash32 })[]
  report: Json & { round: number; expected: Hash32[]; survivors: Hash32[]; epsilon: number | null }
}

const good = buildPassport(studyRecords())
const draft = (): Draft => structuredClone(good) as unknown as Draft
const NORTH = siteOf('north')
const STRANGER = siteOf('stranger')

/** Signs a changed report anew, as a site that lies consistently would: the attestations and the version follow it. */
function attestAnew(passport: Draft, index: number): void {
  const round = passport.rounds[index] as Round
  const report = reportHash(round.report as never)
  for (const word of round.attestations) Object.assign(word, { report, model: round.report['model'] })
  if (index === passport.rounds.length - 1)
    Object.assign(passport.version, { report, model: round.report['model'] })
}

const facts: LedgerFacts = {
  planHash: good.plan_hash,
  planVersion: 1,
  sites: good.sites.map(({ institution }) => institution),
  version: { model: good.version.model, report: good.version.report, isWithdrawn: false },
  rounds: new Map(
    good.rounds.map(({ report }) => [report.round, { model: report.model, report: reportHash(report) }]),
  ),
  cohortRoots: new Map(
    good.rounds.flatMap(({ report, contributions }) =>
      contributions.map(({ site, cohort_root: root }) => [`${report.round}:${site}`, root] as const),
    ),
  ),
}
const updates = new Map(
  good.rounds.flatMap(({ report, contributions }) =>
    contributions.map(({ site, update }) => [update, updateBytes(site, report.round)] as const),
  ),
)
const evidence: PassportEvidence = {
  ledger: facts,
  model: good.version.model,
  updates,
  aggregate: (round) => facts.rounds.get(round)?.model,
}

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

type Change = (passport: Draft) => void
const round = (passport: Draft, index: number): Round => passport.rounds[index] as Round

/** An audit in which a site repeated all its rounds. */
function auditOf(passport: PassportDocument, site: InstitutionId): StudyResult {
  const rounds = passport.rounds.flatMap(({ report, contributions }) =>
    contributions
      .filter((one) => one.site === site)
      .map(({ cohort_root, update }) => ({ round: report.round, cohort_root, update })),
  )
  return { schema: 'islet.study.audit-result/1', study: hash32(passport.study.id), site, rounds }
}
const survivors = [...new Set(good.rounds.flatMap(({ report }) => report.survivors))]
const audits = survivors.map((site) => auditOf(good, site))

const MUTATIONS: readonly (readonly [code: FindingCode, what: string, change: Change])[] = [
  ['NOT_A_PASSPORT', 'a member that nobody knows', (p) => Object.assign(p, { note: 'trust me' })],
  ['NOT_A_PASSPORT', 'no rounds at all', (p) => void p.rounds.splice(0)],
  [
    'COHORT_EVIDENCE_WRONG',
    'an audit that nobody made',
    (p) => Object.assign(p, { cohort_evidence: 'audited' }),
  ],
  [
    'COHORT_EVIDENCE_WRONG',
    'one site’s audit passed off as all',
    (p) => Object.assign(p, { cohort_evidence: 'audited', results: audits.slice(1) }),
  ],
  [
    'AUDIT_NOT_THE_CONTRIBUTIONS',
    'an audit of another update',
    (p) => {
      const [first] = structuredClone(audits)
      if (first?.schema === 'islet.study.audit-result/1')
        Object.assign(first.rounds[0] ?? {}, { update: hashOf('x') })
      Object.assign(p, { results: [first] })
    },
  ],
  [
    'RESULT_OF_ANOTHER_STUDY',
    'an audit of another study',
    (p) => Object.assign(p, { results: [{ ...audits[0], study: hashOf('x') }] }),
  ],
  [
    'PLAN_RULE_BROKEN',
    'a plan that expires on no day',
    (p) => Object.assign(p.plan, { expires: '2030-02-30T00:00:00Z' }),
  ],
  [
    'PLAN_NOT_THE_LEDGERS',
    'a plan with another title',
    (p) => Object.assign(p.plan, { title: 'Selling data' }),
  ],
  ['PLAN_HASH_WRONG', 'another plan hash', (p) => Object.assign(p, { plan_hash: hashOf('other') })],
  [
    'STUDY_ID_WRONG',
    'another study id',
    (p) => {
      p.study.id = hashOf('other')
    },
  ],
  ['STUDY_ID_WRONG', 'another applicant', (p) => Object.assign(p.study, { applicant: STRANGER })],
  ['PLAN_AMENDED_WITHOUT_TRACE', 'version 0', (p) => Object.assign(p.study, { plan_version: 0 })],
  [
    'COMMITTEE_OF_ANOTHER_PLAN',
    'an approval of another plan',
    (p) => Object.assign(p.committee, { plan_hash: hashOf('x') }),
  ],
  ['COMMITTEE_TOO_FEW', 'one seat where two decide', (p) => void p.committee.institutions.pop()],
  ['COMMITTEE_SEAT_TWICE', 'a seat that votes twice', (p) => void p.committee.institutions.push(NORTH)],
  [
    'COMMITTEE_HOLDS_APPLICANT',
    'the applicant among the committee',
    (p) => void p.committee.institutions.push(siteOf('applicant')),
  ],
  [
    'APPROVAL_EXPIRED',
    'a round after the approval',
    (p) => {
      p.committee.until = round(p, 1).opened_at
    },
  ],
  [
    'SITE_OF_ANOTHER_PLAN',
    'a site that approved another plan',
    (p) => Object.assign(p.sites[0] as Json, { plan_hash: hashOf('x') }),
  ],
  ['SITE_TWICE', 'a site listed twice', (p) => void p.sites.push({ ...(p.sites[0] as Draft['sites'][0]) })],
  ['SITES_TOO_FEW', 'fewer sites than the plan needs', (p) => void p.sites.splice(1)],
  [
    'ROUNDS_TOO_MANY',
    'more rounds than the plan allows',
    (p) => {
      p.ledger_plan.rounds = 1
    },
  ],
  [
    'ROUND_OF_ANOTHER_STUDY',
    'a round of another study',
    (p) => Object.assign(round(p, 0).report, { study: hashOf('x') }),
  ],
  [
    'ROUND_OF_ANOTHER_PLAN',
    'a round of a later plan',
    (p) => Object.assign(round(p, 0).report, { plan_version: 2 }),
  ],
  ['ROUND_OUT_OF_ORDER', 'rounds in another order', (p) => void p.rounds.reverse()],
  [
    'ROUND_OUT_OF_ORDER',
    'a round opened before the one before it',
    (p) => {
      round(p, 1).opened_block = 1
    },
  ],
  [
    'ROUND_AFTER_END',
    'a round after the study ended',
    (p) => {
      p.ledger_plan.ends = round(p, 0).opened_at
    },
  ],
  ['BASE_MODEL_BROKEN', 'a round left out', (p) => void p.rounds.shift()],
  ['SITE_NOT_APPROVED', 'a site that never approved', (p) => void p.sites.pop()],
  [
    'SURVIVOR_NOT_EXPECTED',
    'a survivor nobody expected',
    (p) => {
      round(p, 1).report.survivors[0] = STRANGER
    },
  ],
  [
    'SURVIVORS_TOO_FEW',
    'fewer survivors than the plan needs',
    (p) => void round(p, 1).report.survivors.pop(),
  ],
  [
    'SURVIVORS_TOO_FEW',
    'a masked sum of two of three, which nobody could open',
    (p) => Object.assign(p.ledger_plan, { aggregation: 'masked' }),
  ],
  ['CONTRIBUTIONS_NOT_THE_SURVIVORS', 'a contribution left out', (p) => void round(p, 0).contributions.pop()],
  [
    'CONTRIBUTIONS_NOT_THE_SURVIVORS',
    'contributions in another order',
    (p) => void round(p, 0).contributions.reverse(),
  ],
  [
    'PARTIAL_NOT_SAID',
    'a partial round called whole',
    (p) => Object.assign(round(p, 1).report, { is_partial: false }),
  ],
  [
    'COMMITMENT_WRONG',
    'another update than was committed',
    (p) => Object.assign(round(p, 0).contributions[1] as Json, { update: hashOf('x') }),
  ],
  [
    'COMMITMENT_WRONG',
    'another salt',
    (p) => Object.assign(round(p, 0).contributions[1] as Json, { salt: hashOf('x') }),
  ],
  [
    'COHORT_ROOT_REPEATED',
    'a cohort root of another site',
    (p) =>
      Object.assign(round(p, 0).contributions[1] as Json, {
        cohort_root: round(p, 0).contributions[0]?.cohort_root,
      }),
  ],
  [
    'AGGREGATE_WRONG',
    'another aggregate, attested alike',
    (p) => {
      Object.assign(round(p, 1).report, { aggregate: hashOf('x') })
      attestAnew(p, 1)
    },
  ],
  [
    'ATTESTATION_NOT_OF_A_SITE',
    'a word of somebody else',
    (p) => Object.assign(round(p, 0).attestations[0] as Json, { site: STRANGER }),
  ],
  [
    'ATTESTATION_TWICE',
    'a word counted twice',
    (p) =>
      void round(p, 0).attestations.push({ ...(round(p, 0).attestations[0] as Round['attestations'][0]) }),
  ],
  [
    'ATTESTATION_OF_ANOTHER_REPORT',
    'a metric made better after the attestation',
    (p) => Object.assign(round(p, 0).report, { metrics: { rmse_30_mgdl: 3 } }),
  ],
  ['ATTESTATIONS_TOO_FEW', 'one word of three sites', (p) => void round(p, 1).attestations.pop()],
  [
    'EPSILON_WRONG',
    'less privacy loss than was spent',
    (p) => {
      p.epsilon = 0.1
    },
  ],
  [
    'EPSILON_WRONG',
    'a round without its privacy loss',
    (p) => {
      round(p, 1).report.epsilon = null
      p.epsilon = 0.5
      attestAnew(p, 1)
    },
  ],
  [
    'EPSILON_OVER_BUDGET',
    'more privacy loss than the plan allows',
    (p) => {
      round(p, 1).report.epsilon = 2.25
      p.epsilon = 2.25
      attestAnew(p, 1)
    },
  ],
  [
    'EPSILON_WRONG',
    'a round that spent nothing, told consistently',
    (p) => {
      const { epsilon } = round(p, 0).report
      round(p, 1).report.epsilon = epsilon
      p.epsilon = epsilon
      attestAnew(p, 1)
    },
  ],
  [
    'EPSILON_WRONG',
    'a spending that no number of rounds gives',
    (p) => {
      p.epsilon = (p.epsilon ?? 0) - 0.01
      round(p, 1).report.epsilon = p.epsilon
      attestAnew(p, 1)
    },
  ],
  [
    'EPSILON_WRONG',
    'more releases than rounds were opened',
    (p) => {
      p.epsilon = privacyBudget(good.plan)?.spentAfter(3) ?? null
      round(p, 1).report.epsilon = p.epsilon
      attestAnew(p, 1)
    },
  ],
  [
    'VERSION_NOT_OF_THE_LAST_ROUND',
    'a model that no round made',
    (p) => Object.assign(p.version, { model: hashOf('x') }),
  ],
  [
    'VERSION_WITHDRAWN',
    'a withdrawn model',
    (p) => {
      p.version.is_withdrawn = true
    },
  ],
]

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
  ])('fails on %s: %s', (code, _what, against) => {
    const verdict = verifyPassport(good, { ...evidence, ...against })
    expect(verdict.ok).toBe(false)
    expect(new Set(verdict.findings.map((finding) => finding.code))).toEqual(new Set([code]))
  })

  it('of every code there is, has a case here', () => {
    const tried = new Set<FindingCode>(MUTATIONS.map(([code]) => code))
    for (const code of [
      'LEDGER_DISAGREES',
      'MODEL_NOT_THE_BYTES',
      'UPDATE_NOT_THE_BYTES',
      'AGGREGATE_NOT_REPRODUCED',
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
