/**
 * A commit: the votes that made a block final, and the bytes that each of them signs.
 *
 * Law: a vote names chain, height, round and block, so that it counts for nothing else; it signs the voter's own clock
 * too, so each seat signs other bytes.
 * Source: CometBFT v0.39, types/canonical.go and types/vote.go (`VoteSignBytes`: delimited `CanonicalVote`).
 */
import { type Bytes, concat, utf8 } from '../vocabulary/index.ts'
import { type BlockId, type BlockTime, readBlockId, readTime, writeBlockId, writeTime } from './header.ts'
import { malformed } from './refusal.ts'
import { bytesField, messageField, numberField, readMessage, varint, wordField } from './wire.ts'

/** A seat's vote for the block; its place in the list is the seat's place in the set. */
export interface Vote {
  readonly time: BlockTime
  /** 64 bytes. */
  readonly signature: Bytes
}

export interface Commit {
  readonly height: number
  readonly round: number
  readonly block: BlockId
  /** One per seat, in the order of the set; undefined where the seat did not vote for this block. */
  readonly votes: readonly (Vote | undefined)[]
}

/** SIGNED_MSG_TYPE_PRECOMMIT. */
const PRECOMMIT = 2
/** Flags of a vote in a commit: none, and one for the block. */
const ABSENT = 1
export const FOR_THE_BLOCK = 2

/** Writes the bytes that the seats of a commit signed. */
export function voteBytes({ height, round, block }: Commit, chain: string): (time: BlockTime) => Bytes {
  const before = concat(
    numberField(1, PRECOMMIT),
    wordField(2, height),
    wordField(3, round),
    messageField(4, writeBlockId(block)),
  )
  const after = bytesField(6, utf8(chain))
  return (time) => {
    const vote = concat(before, messageField(5, writeTime(time)), after)
    return concat(varint(vote.length), vote)
  }
}

/** `tendermint.types.Commit` without the addresses, which follow from the set. */
export function writeCommit({ height, round, block, votes }: Commit): Bytes {
  return concat(
    numberField(1, height),
    numberField(2, round),
    messageField(3, writeBlockId(block)),
    ...votes.map((vote) => messageField(4, writeVote(vote))),
  )
}

function writeVote(vote: Vote | undefined): Bytes {
  if (vote === undefined) return numberField(1, ABSENT)
  return concat(
    numberField(1, FOR_THE_BLOCK),
    messageField(3, writeTime(vote.time)),
    bytesField(4, vote.signature),
  )
}

/** Reads what `writeCommit` wrote. Throws `PROOF_MALFORMED`. */
export function readCommit(bytes: Uint8Array): Commit {
  const message = readMessage(bytes, [1, 2, 3], [4])
  return {
    height: message.number(1),
    round: message.number(2),
    block: readBlockId(message.bytes(3)),
    votes: message.all(4).map(readVote),
  }
}

function readVote(bytes: Uint8Array): Vote | undefined {
  const message = readMessage(bytes, [1, 3, 4])
  const flag = message.number(1)
  if (flag === ABSENT) return undefined
  const signature = message.bytes(4)
  if (flag !== FOR_THE_BLOCK || signature.length !== 64) throw malformed('a vote does not have its form')
  return { time: readTime(message.bytes(3)), signature }
}
