/** What the study's tests share: hashes by name, a plan, and a whole passport of two rounds over three sites. */
import { createHash } from 'node:crypto'
import {
  type Hash32,
  hash32,
  type InstitutionId,
  institutionId,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import type { PassportRecords, RoundRecord } from '../passport.ts'
import { checkedPlan, ledgerPlanOf, type StudyPlan } from '../plan.ts'
import { privacyBudget } from '../privacy-terms.ts'
import { roundReport } from '../round-report.ts'
import { planHashOf, studyIdOf, updateCommitment, updateHash } from '../study-hash.ts'

export function hashOf(text: string): Hash32 {
  return hash32(`0x${createHash('sha256').update(text).digest('hex')}`)
}

export function siteOf(name: string): InstitutionId {
  return institutionId(hashOf(`site ${name}`))
}

export const at = (seconds: number): UnixSeconds => quantity<UnixSeconds>(seconds)

/** A plan as plain data that a test may change before it is checked. */
export function planData(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    schema: 'islet.study.plan/1',
    title: 'Forecasting lows',
    question: 'How early can a low be seen?',
    purpose: { duo: ['DUO:0000007', 'DUO:0000046'], disease: 'diabetes mellitus' },
    data: {
      kinds: ['glucose', 'insulin'],
      features: ['glucose', 'time_of_day'],
      from: '2026-01-01T00:00:00Z',
      until: '2026-07-01T00:00:00Z',
    },
    cohort: { minimum_days: 7, minimum_wear_percent: 70 },
    model: { name: 'ridge', code_hash: hashOf('code'), initial_hash: hashOf('model 0') },
    rounds: 5,
    strategy: { name: 'fedavg', local_epochs: 1, learning_rate: 0.01 },
    privacy: {
      aggregation: 'open',
      clip_norm: 1,
      differential_privacy: { unit: 'patient', epsilon: 2, delta: 1e-5 },
    },
    deadlines: { step_seconds: 600 },
    quorum: { minimum_sites: 2 },
    outputs: ['model', 'metrics'],
    information_sheet: hashOf('sheet'),
    expires: '2030-01-01T00:00:00Z',
    ...changes,
  }
}

export const PLAN: StudyPlan = checkedPlan(planData())
const SITES = ['north', 'south', 'east'].map(siteOf)
const APPLICANT = siteOf('applicant')

/** Bytes of a site's update in a round. */
export function updateBytes(site: InstitutionId, round: number): Uint8Array {
  return Uint8Array.from(createHash('sha512').update(`${site} ${round}`).digest())
}

function roundRecord(
  study: Hash32,
  round: number,
  base: Hash32,
  sites: readonly InstitutionId[],
): RoundRecord {
  const contributions = sites.map((site) => {
    const update = updateHash(updateBytes(site, round))
    const salt = hashOf(`salt ${site} ${round}`)
    const commitment = updateCommitment({ study, round, site, update, salt })
    return { site, cohortRoot: hashOf(`root ${site} ${round}`), commitment, update, salt }
  })
  const report = roundReport({
    study,
    round,
    planVersion: 1,
    baseModel: base,
    model: hashOf(`model ${round}`),
    expected: SITES,
    updates: contributions,
    epsilon: privacyBudget(PLAN)?.spentAfter(round) ?? null,
    metrics: { rmse_30_mgdl: 18.5 },
  })
  return {
    openedBlock: 100 * round,
    openedAt: at(1_780_000_000 + 1_000 * round),
    contributions,
    attestedBy: sites,
    report,
  }
}

/** Records of a study of three sites: round 1 with all, round 2 without one. */
export function studyRecords(): PassportRecords {
  const planHash = planHashOf(ledgerPlanOf(PLAN))
  const salt = hashOf('study salt')
  const study = studyIdOf(APPLICANT, planHash, salt)
  return {
    ledger: {
      chainId: 31_337,
      studies: `0x${'1'.repeat(40)}` as PassportRecords['ledger']['studies'],
      rounds: `0x${'2'.repeat(40)}` as PassportRecords['ledger']['rounds'],
    },
    study: { id: study, applicant: APPLICANT, salt, firstPlanHash: planHash, planVersion: 1 },
    plan: PLAN,
    committee: { quorum: 2, institutions: ['north', 'west'].map(siteOf), until: at(1_790_000_000) },
    sites: SITES,
    rounds: [
      roundRecord(study, 1, PLAN.model.initial_hash, SITES),
      roundRecord(study, 2, hashOf('model 1'), SITES.slice(0, 2)),
    ],
    versionNumber: 2,
    isWithdrawn: false,
  }
}
