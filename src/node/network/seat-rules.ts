/**
 * The rules of a set of seats, asked before anybody votes, so that a change that cannot be made costs no vote.
 *
 * Law: the same rules as `ValidatorSet` and as the engine's (engines/consortium/seats/rules.go), which decide; the rule of
 * the epoch needs the contract's own counts and is left to it.
 */
import { IsletError } from '../../vocabulary/index.ts'

/** Power by institution; 0 takes the seat away. */
export type Powers = ReadonlyMap<string, number>

const LEAST_SEATS = 4
/** Highest power of a seat, as in the contract. */
const MOST_POWER = 1_000_000_000

/** The set after a change. Throws `POWER_OUT_OF_RANGE`, `NO_SEAT`, `TOO_FEW_SEATS`, `A_THIRD_IN_ONE_SEAT`. */
export function seatsAfter(before: Powers, moves: Powers): Powers {
  const after = new Map(before)
  for (const [institution, power] of moves) {
    if (!Number.isInteger(power) || power < 0 || power > MOST_POWER) {
      throw new IsletError('POWER_OUT_OF_RANGE', 'the power of a seat is 1 to 1,000,000,000', { power })
    }
    if (power > 0) after.set(institution, power)
    else if (!after.delete(institution)) throw noSeat(institution)
  }
  if (after.size < LEAST_SEATS) {
    throw new IsletError(
      'TOO_FEW_SEATS',
      'a consortium has four seats or more, so that one may fail',
      { seats: after.size },
      { remedy: 'Add another seat first, or name who takes the place with --for.' },
    )
  }
  const total = [...after.values()].reduce((sum, power) => sum + power, 0)
  for (const [institution, power] of after) {
    if (3 * power < total) continue
    throw new IsletError(
      'A_THIRD_IN_ONE_SEAT',
      'no seat may hold a third of the power: it could stop the ledger alone',
      { institution, power, total },
      { remedy: `Give it less than ${Math.ceil(total / 3)}, or others more.` },
    )
  }
  return after
}

/** What is thrown of an institution without a seat. */
export function noSeat(institution: string): IsletError {
  return new IsletError(
    'NO_SEAT',
    'this institution has no seat in this network',
    { institution },
    { remedy: 'islet network status shows who has one.' },
  )
}
