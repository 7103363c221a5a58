/**
 * What the ledger keeps of the seats: which institutions have one, with which key and power.
 *
 * Law: the seats that the contract names after a block decide from the next block but one on, so a header names both:
 * the state that they stand in and, by its next validators' hash, the seats themselves.
 * Source: contracts/src/ValidatorSet.sol (`_seated`, `_entries`); CometBFT v0.39, types/validator_set.go
 * (`ValidatorsByVotingPower`: by power, then by address, the first 20 bytes of SHA-256 of the key).
 */
import type { TreeHasher } from '../vault/index.ts'
import {
  type Address,
  compareBytes,
  fromHex,
  type InstitutionId,
  institutionId,
  toHex,
} from '../vocabulary/index.ts'
import { malformed } from './refusal.ts'
import { checkedSeats, type Seat } from './seats.ts'
import { listedSlot, mappedSlot, slotAfter } from './storage-layout.ts'
import { listLength, type WordReader, wordOrZero } from './word-reader.ts'

const SEATED_SLOT = 2
const ENTRIES_SLOT = 3
const MOST_SEATS = 100
const ADDRESS_BYTES = 20

/** Reads the seats in the order in which a block's votes stand. Throws `PROOF_MALFORMED` and what the reader throws. */
export async function readSeatWords(
  contract: Address,
  read: WordReader,
  hasher: TreeHasher,
): Promise<{ readonly seats: readonly Seat[]; readonly holders: ReadonlySet<InstitutionId> }> {
  const count = await listLength({ contract, list: SEATED_SLOT, most: MOST_SEATS }, read)
  const holders = new Set<InstitutionId>()
  const seats: Seat[] = []
  for (let place = 0; place < count; place++) {
    const id = toHex(await wordOrZero(read({ contract, slot: listedSlot(SEATED_SLOT, place) })))
    holders.add(institutionId(id))
    const slot = mappedSlot(fromHex(id), ENTRIES_SLOT)
    const key = await wordOrZero(read({ contract, slot }))
    const entry = await wordOrZero(read({ contract, slot: slotAfter(slot, 1) }))
    const power = new DataView(entry.buffer, entry.byteOffset).getBigUint64(24)
    seats.push({ key, power: Number(power) })
  }
  return { seats: inOrder(checkedSeats(seats), hasher), holders }
}

/** That an institution has no seat, or none any more. Throws `PROOF_MALFORMED` where it has one, and what the reader throws. */
export async function readNoSeat(contract: Address, id: InstitutionId, read: WordReader): Promise<void> {
  // A word that was cleared stands in the state as zeros.
  const key = await wordOrZero(read({ contract, slot: mappedSlot(fromHex(id), ENTRIES_SLOT) }))
  if (key.some((byte) => byte !== 0)) {
    throw malformed('an institution has a seat that the list of seats does not name')
  }
}

function inOrder(seats: readonly Seat[], hasher: TreeHasher): readonly Seat[] {
  const named = seats.map((seat) => ({ seat, name: hasher.sha256(seat.key).subarray(0, ADDRESS_BYTES) }))
  return named
    .sort((a, b) => b.seat.power - a.seat.power || compareBytes(a.name, b.name))
    .map(({ seat }) => seat)
}
