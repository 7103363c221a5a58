/**
 * The seats that decide blocks: each an Ed25519 key with its voting power.
 *
 * Law: the order is the consensus' own and the hash binds it; a set has no key twice and no seat without power.
 * Source: CometBFT v0.39, types/validator_set.go (`Hash`, `SimpleValidator`).
 */
import type { TreeHasher } from '../vault/index.ts'
import { type Bytes, concat, toHex } from '../vocabulary/index.ts'
import { merkleRoot } from './header.ts'
import { malformed } from './refusal.ts'
import { bytesField, messageField, numberField, readMessage } from './wire.ts'

export interface Seat {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  /** 1 to 10^9, as the engine allows. */
  readonly power: number
}

/** As the engine: more seats than this it does not take. */
const MOST_SEATS = 100
const MOST_POWER = 1e9

export function totalPower(seats: readonly Seat[]): number {
  return seats.reduce((sum, { power }) => sum + power, 0)
}

/** What a header names the set by. */
export function seatsHash(seats: readonly Seat[], hasher: TreeHasher): Bytes {
  return merkleRoot(
    seats.map(({ key, power }) => concat(messageField(1, bytesField(1, key)), numberField(2, power))),
    hasher,
  )
}

/** `tendermint.types.ValidatorSet` with the members that its hash binds: key and power. */
export function writeSeats(seats: readonly Seat[]): Bytes {
  return concat(
    ...seats.map(({ key, power }) =>
      messageField(1, concat(messageField(2, bytesField(1, key)), numberField(3, power))),
    ),
  )
}

/** Reads what `writeSeats` wrote. Throws `PROOF_MALFORMED`. */
export function readSeats(bytes: Uint8Array): readonly Seat[] {
  const seats = readMessage(bytes, [], [1])
    .all(1)
    .map((one) => {
      const message = readMessage(one, [2, 3])
      return { key: readMessage(message.bytes(2), [1]).bytes(1), power: message.number(3) }
    })
  return checkedSeats(seats)
}

/** A set whose seats have their form. Throws `PROOF_MALFORMED`. */
export function checkedSeats(seats: readonly Seat[]): readonly Seat[] {
  const sound = seats.every(({ key, power }) => key.length === 32 && power >= 1 && power <= MOST_POWER)
  const once = new Set(seats.map(({ key }) => toHex(key))).size === seats.length
  if (!sound || !once || seats.length === 0 || seats.length > MOST_SEATS) {
    throw malformed('a set of seats does not have its form', { seats: seats.length })
  }
  return seats
}
