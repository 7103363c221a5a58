/**
 * The ten institutions of the embedded consortium. All are made up; none stands for a real one.
 */
import type { InstitutionRole } from '../../vocabulary/index.ts'

export interface CharterEntry {
  /** Folder name and handle. */
  readonly key: string
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  /** Founders stand in the first block; the others join by invitation and vote. */
  readonly founder: boolean
}

export const CHARTER: readonly CharterEntry[] = [
  { key: 'north', name: 'North Clinic', roles: ['hospital'], founder: true },
  { key: 'south', name: 'South Hospital', roles: ['hospital'], founder: true },
  { key: 'east', name: 'East Children’s Hospital', roles: ['hospital'], founder: true },
  { key: 'west', name: 'West Diabetes Centre', roles: ['hospital'], founder: true },
  { key: 'harbour', name: 'Harbour University Hospital', roles: ['hospital', 'research'], founder: true },
  { key: 'meadow', name: 'Meadow Research Institute', roles: ['research'], founder: true },
  { key: 'mill', name: 'Mill Laboratory', roles: ['laboratory'], founder: true },
  { key: 'market', name: 'Market Pharmacy', roles: ['pharmacy'], founder: true },
  { key: 'bridge', name: 'Bridge Mutual', roles: ['insurer'], founder: true },
  { key: 'lantern', name: 'Lantern Devices', roles: ['manufacturer', 'auditor'], founder: false },
]

/** Votes that a change of members needs: more than half of the founders. */
export const THRESHOLD = 5

/** Who seals the blocks of the single-operator ledger. */
export const OPERATOR = 'harbour'

/** Who opens emergency envelopes with the hospitals. */
export const SECOND = 'harbour'
