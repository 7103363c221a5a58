/**
 * What a seat signed before it is started: no start where it might sign twice.
 *
 * Law: the record of what a seat signed lies beside the homes and in no backup, so that a restored home does not bring an
 * old one back. A seat without a record begins above everything that the running nodes show, and nowhere else; a seat
 * whose record is older than a signature that others hold does not start. Limits: a whole machine set back is seen only
 * by asking others, and the newest five blocks are what they are asked for; the engine itself searches its own blocks.
 */
import { beginSigned, consensusStatus, signedHeight, signedPath } from '../../ledger/consortium.door.ts'
import { IsletError } from '../../vocabulary/index.ts'
import type { NetworkNode } from './network-file.ts'

/** A validator votes for one height beyond the newest block; one more leaves room for a block under way. */
const BEYOND_HEAD = 2

/**
 * Makes sure that a seat has a record and that nobody holds a newer signature of it. Throws `SEAT_WOULD_SIGN_TWICE`,
 * `SIGNATURES_UNKNOWN`.
 */
export async function requireSignedBefore(
  folder: string,
  node: NetworkNode,
  others: readonly NetworkNode[],
): Promise<void> {
  const path = signedPath(folder, node.seatKey)
  const told = await Promise.all(others.map(({ ports }) => consensusStatus(ports.comet)))
  const answers = told.filter((one) => one !== undefined)
  const recorded = await signedHeight(path)
  if (recorded === undefined) {
    if (answers.length === 0) {
      throw new IsletError(
        'SIGNATURES_UNKNOWN',
        'what this seat signed last is not known, and no other node answers',
        { institution: node.institution },
        { remedy: 'Start another node first: this one then begins above everything that was decided.' },
      )
    }
    await beginSigned(path, Math.max(...answers.map(({ height }) => height)) + BEYOND_HEAD)
    return
  }
  const shown = answers.flatMap(({ seats }) =>
    seats.filter(({ key }) => key === node.seatKey).map(({ lastSigned }) => lastSigned ?? 0),
  )
  if (Math.max(0, ...shown) > recorded) {
    throw new IsletError(
      'SEAT_WOULD_SIGN_TWICE',
      'other nodes hold a newer signature of this seat than its record: the record is an old copy',
      { institution: node.institution },
      {
        at: { file: path },
        remedy: 'Take the record away if no other process runs this seat, and start again.',
      },
    )
  }
}
