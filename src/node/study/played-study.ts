/**
 * A virtual study as the story shows it, wherever its sites live: what came out, and what can be asked about it.
 */
import type { PassportDocument } from '../../api/study.door.ts'
import type { PassportVerdict } from '../../study/index.ts'
import type { ConsentId } from '../../vocabulary/index.ts'
import type { compareModel } from './judge-desk.ts'

export interface PlayedStudy {
  /** Institutions that took part. */
  readonly sites: number
  readonly passport: PassportDocument
  readonly verdict: PassportVerdict
  /** People who consented: two at the first site, one at each other. */
  readonly people: number
  /** Their consents. */
  readonly consents: readonly ConsentId[]
  /** The consent of the one who stopped after the first round. */
  readonly stopped: ConsentId
  /** Who was in the cohorts of a round, all sites together. */
  cohort(round: number): Promise<readonly ConsentId[]>
  /** Holds any passport against ledger, model and updates at hand. */
  judge(passport: unknown): Promise<PassportVerdict>
  /** The model beside others on the readings of all sites; absent where these never lie in one place. */
  readonly compare?: () => ReturnType<typeof compareModel>
}
