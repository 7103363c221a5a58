/** What boosting refuses, one code each; facts never hold a value of a person's data. */
import { type Facts, IsletError } from '../../vocabulary/index.ts'

export type BoostingCode =
  | 'BAD_TABLE'
  | 'BAD_BOOSTING_SETTINGS'
  | 'BOOSTING_OVERFLOW'
  | 'BAD_HISTOGRAMS'
  | 'NO_ROWS'
  | 'UNREADABLE_MODEL'

export function refused(code: BoostingCode, message: string, facts: Facts, remedy: string): IsletError {
  return new IsletError(code, message, facts, { remedy })
}
