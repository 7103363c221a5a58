/**
 * Rows that a file dates later than the present: what is said of them wherever they leave nothing, or less, to work on.
 *
 * Law: intake drops them (a day of slack for zones); so many of them mean a clock, a day order or a year that is wrong,
 * and that is what the person is told, not that the file is empty.
 */
import type { IntakeDocument } from '../../intake/index.ts'

export const FUTURE_WORDS = 'dated later than this machine’s clock says it is'
export const FUTURE_REMEDY =
  'set this machine’s clock right; where that is right, see which dates the file holds (islet read FILE): a recorder set to a wrong year, or day and month swapped (--date-order dmy or mdy)'

/** Rows of a file that were dropped because they lie in the future. */
export function futureRows({ dropped }: Pick<IntakeDocument, 'dropped'>): number {
  return dropped.reduce((sum, { reason, count }) => sum + (reason === 'FUTURE_DATE' ? count : 0), 0)
}
