/**
 * A block as a light client sees it: header, votes, seats; and the check that more than two thirds signed it.
 *
 * Law: every vote that is shown is checked, and one that is wrong refuses the block.
 * Source: CometBFT v0.39, types/validation.go (`VerifyCommitLightAllSignatures`).
 */
import type { TreeHasher } from '../vault/index.ts'
import { type Bytes, concat, equalBytes, toHex } from '../vocabulary/index.ts'
import { type Commit, readCommit, type Vote, voteBytes, writeCommit } from './commit.ts'
import { type Header, headerHash, readHeader, writeHeader } from './header.ts'
import { refusal } from './refusal.ts'
import { readSeats, type Seat, seatsHash, totalPower, writeSeats } from './seats.ts'
import { bytesField, messageField, readMessage } from './wire.ts'

export interface LightBlock {
  readonly header: Header
  readonly commit: Commit
  readonly seats: readonly Seat[]
}

/** What verifying needs of the outside. */
export interface FinalityCrypto {
  readonly hasher: TreeHasher
  /** Ed25519: public key, message, signature. */
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/**
 * Checks a block by itself: header, votes and seats belong together and more than two thirds of the power signed.
 * Gives the keys, as hex, that signed. Throws `HEADER_ALTERED`, `SEATS_ALTERED`, `SIGNATURE_WRONG`, `POWER_TOO_SMALL`.
 */
export function checkBlock(
  { header, commit, seats }: LightBlock,
  crypto: FinalityCrypto,
): ReadonlySet<string> {
  const { height } = header
  if (!equalBytes(headerHash(header, crypto.hasher), commit.block.hash) || commit.height !== height) {
    throw refusal('HEADER_ALTERED', 'the votes are for another header', { height })
  }
  if (
    !equalBytes(seatsHash(seats, crypto.hasher), header.validatorsHash) ||
    commit.votes.length !== seats.length
  ) {
    throw refusal('SEATS_ALTERED', 'the seats are not those that the header names', { height })
  }
  const bytesOf = voteBytes(commit, header.chain)
  const signers = new Set<string>()
  let power = 0
  for (const [place, seat] of seats.entries()) {
    const vote = commit.votes[place]
    if (vote === undefined) continue
    if (!crypto.verify(seat.key, bytesOf(vote.time), vote.signature)) {
      throw refusal('SIGNATURE_WRONG', 'a vote is not signed by its seat', { height, seat: place })
    }
    signers.add(toHex(seat.key))
    power += seat.power
  }
  if (3 * power <= 2 * totalPower(seats)) {
    throw refusal('POWER_TOO_SMALL', 'no more than two thirds of the power signed', { height })
  }
  return signers
}

/** The same block with no more votes than it needs, the strongest first. */
export function trimVotes(block: LightBlock): LightBlock {
  const { commit, seats } = block
  const total = totalPower(seats)
  const order = seats.map((_, place) => place).sort((a, b) => (seats[b]?.power ?? 0) - (seats[a]?.power ?? 0))
  const votes: (Vote | undefined)[] = seats.map(() => undefined)
  let power = 0
  for (const place of order) {
    const vote = commit.votes[place]
    if (3 * power > 2 * total || vote === undefined) continue
    votes[place] = vote
    power += seats[place]?.power ?? 0
  }
  return { ...block, commit: { ...commit, votes } }
}

/** `tendermint.types.LightBlock`; the seats are left out where the reader has them. */
export function writeLightBlock({ header, commit, seats }: LightBlock, withSeats: boolean): Bytes {
  const signed = concat(messageField(1, writeHeader(header)), messageField(2, writeCommit(commit)))
  return concat(messageField(1, signed), withSeats ? bytesField(2, writeSeats(seats)) : new Uint8Array(0))
}

/** Reads what `writeLightBlock` wrote; `known` are the seats meant where none are written. Throws `PROOF_MALFORMED`. */
export function readLightBlock(bytes: Uint8Array, known: readonly Seat[]): LightBlock {
  const message = readMessage(bytes, [1, 2])
  const signed = readMessage(message.bytes(1), [1, 2])
  const seats = message.bytes(2)
  return {
    header: readHeader(signed.bytes(1)),
    commit: readCommit(signed.bytes(2)),
    seats: seats.length === 0 ? known : readSeats(seats),
  }
}
