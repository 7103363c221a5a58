/** What studies need of the institutions that live in a data directory, be it ten or one. */
import type { Consortium } from '../world/consortium.ts'
import type { DeskInstitution } from './study-desk.ts'

export interface StudyTown
  extends Pick<Consortium, 'deployment' | 'directory' | 'hosted' | 'house' | 'ledger' | 'road' | 'unlock'> {
  /** How members are called, where others than those of this directory are known. */
  readonly known?: readonly DeskInstitution[]
}
