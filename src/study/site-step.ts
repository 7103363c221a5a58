/**
 * What one turn of a site in a round came to.
 */
import type { InstitutionId, UnixSeconds } from '../vocabulary/index.ts'

export type SiteStep =
  | {
      readonly did: 'freeze' | 'commit' | 'reveal' | 'attest' | 'end-step' | 'share' | 'unmask'
      readonly round: number
      /** Masked rounds: sites whose shares did not open here, or do not belong; the sum goes on without their words. */
      readonly refused?: readonly InstitutionId[]
      /** Masked rounds: sites that signed two different words for one place (`SITE_EQUIVOCATED`). */
      readonly equivocated?: readonly InstitutionId[]
    }
  /** The site took itself out of the round. */
  | { readonly did: 'void'; readonly round: number; readonly because: VoidCode }
  | {
      readonly did: 'wait'
      readonly round: number
      readonly awaited: readonly InstitutionId[]
      readonly until: UnixSeconds
      /** What holds this site up, if it is not others. */
      readonly because?: string
    }
  | { readonly did: 'rest'; readonly round: number }

export type VoidCode =
  /** It said what it weighs with before it lost its power, and its people are others now: it says nothing twice. */
  | 'ADVERT_SAID'
  /** The code that trains here is not the one that was approved. */
  | 'CODE_NOT_THE_PLANS'
  | 'COHORT_EMPTY'
  | 'COHORT_LOST'
  | 'CONSENT_REVOKED'
  | 'PERSON_REFUSED'
  | 'PRIVACY_BUDGET_SPENT'
  /** Its shares would have come when others no longer wait for them. */
  | 'SHARES_LATE'
  | 'UPDATE_LOST'
