/**
 * The glucose unit of a file that does not name it.
 *
 * Source: Tidepool's rule for LibreView: any value of 40 or more means mg/dL. Law: it is used only where it is
 * unambiguous; a list in which both units could stand is refused (DESIGN law 8).
 */
import { type GlucoseUnit, IsletError, type Place } from '../vocabulary/index.ts'

/** Meters in mmol/L end at 33.3. */
const HIGHEST_MMOL = 33.3
/** No sensor writes fewer mg/dL than this. */
const LOWEST_MGDL = 20

/** Decides from the values with their lines. Throws `UNIT_AMBIGUOUS` at the line that contradicts. */
export function decideUnit(
  values: Iterable<readonly [line: number, value: number]>,
  given: GlucoseUnit | undefined,
  place: Place,
): GlucoseUnit {
  if (given !== undefined) return given
  let count = 0
  let large = 0
  let small = 0
  let between = 0
  let fractions = 0
  let firstSmall = 1
  let firstBetween = 1
  for (const [line, value] of values) {
    count++
    if (value >= 40) large++
    else if (value < LOWEST_MGDL && value > 0) {
      if (small === 0) firstSmall = line
      small++
    } else if (value > HIGHEST_MMOL) {
      if (between === 0) firstBetween = line
      between++
    }
    if (!Number.isInteger(value)) fractions++
  }
  // Few small values among many large are errors of the sensor; a twentieth or more is another unit.
  if (large > 0 && small * 20 <= large) return 'mg/dL'
  if (large === 0 && between === 0 && fractions > 0) return 'mmol/L'
  if (count === 0) return 'mg/dL'
  const line = large === 0 && between > 0 ? firstBetween : firstSmall
  throw new IsletError(
    'UNIT_AMBIGUOUS',
    'the file does not say whether glucose is in mg/dL or mmol/L, and its values fit both',
    {},
    {
      at: { ...place, line, field: 'glucose' },
      remedy: 'name the unit in the header, or say --unit mg/dL or --unit mmol/L',
    },
  )
}
