/**
 * What a member of a study has to do next in a round, from the ledger's record alone.
 *
 * Laws: a pure function, so that whoever restarts, or takes over, stands where the one before stood; an overdue step is
 * ended by anybody, before anything else is done in it; nothing is done twice.
 */
import type { InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import type { LedgerRound } from './study-chain.ts'

export type RoundAct =
  | { readonly do: 'freeze' | 'commit' | 'reveal' | 'attest' | 'end-step' }
  /** Others are awaited, at most until the deadline. */
  | { readonly do: 'wait'; readonly awaited: readonly InstitutionId[]; readonly until: UnixSeconds }
  /** The round is over. */
  | { readonly do: 'rest' }

/** What `own` does in a round at an instant; who is no site of the round only ends overdue steps. */
export function roundAct(round: LedgerRound, own: InstitutionId, at: UnixSeconds): RoundAct {
  if (round.phase === 'FINAL' || round.phase === 'FAILED' || round.phase === 'NONE') return { do: 'rest' }
  if (at > round.deadline) return { do: 'end-step' }
  const { may, done } = presence(round)
  const awaited = may.filter((site) => !done.includes(site))
  if (!awaited.includes(own)) return { do: 'wait', awaited, until: round.deadline }
  return { do: ACTS[round.phase] }
}

const ACTS = { COHORTS: 'freeze', COMMITMENTS: 'commit', REVEALS: 'reveal', ATTESTATIONS: 'attest' } as const

/** Who may act in the present step, and who has; a site that voided its contribution still attests. */
function presence(round: LedgerRound): {
  readonly may: readonly InstitutionId[]
  readonly done: readonly InstitutionId[]
} {
  const stay = (sites: readonly InstitutionId[]) => sites.filter((site) => !round.voided.includes(site))
  switch (round.phase) {
    case 'COHORTS':
      return { may: stay(round.expected), done: round.cohorts }
    case 'COMMITMENTS':
      return { may: stay(round.cohorts), done: round.committed }
    case 'REVEALS':
      return { may: stay(round.committed), done: round.survivors }
    default:
      return { may: round.expected, done: round.attested }
  }
}
