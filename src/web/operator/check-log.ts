/**
 * One institution's access log checked in this browser: its own signed head, its leaves, and what the ledger has of it.
 *
 * Laws: the root is computed here from the leaves; what the ledger anchored must be a beginning of the log, or the log has
 * shown two histories. Entries are not read: they are sealed to the patients they concern.
 * Source: C2SP tlog-tiles and tlog-checkpoint; RFC 9162 section 2.1 (the tree).
 */
import { nobleEd25519 } from '../../identity/index.ts'
import { merkleTreeOver, nobleHasher, readCheckpoint, TILE_WIDTH } from '../../vault/index.ts'
import {
  type Bytes,
  concat,
  equalBytes,
  fromHex,
  type Hash32,
  type InstitutionId,
} from '../../vocabulary/index.ts'
import type { StaffPerson } from '../shared/staff-sign-in.ts'

/** `HOLDS`, or what does not. */
export type LogState =
  | 'HOLDS'
  | 'NOT_ANCHORED_YET'
  | 'CHECKPOINT_WRONG'
  | 'ROOT_WRONG'
  | 'ANCHOR_DIFFERS'
  | 'SHORTER_THAN_ANCHORED'

export interface LogChecked {
  readonly code: LogState
  readonly size: number
  readonly anchored: number
}

const HASH_BYTES = 32

/** Checks a log as the institution serves it. Throws the node's codes. */
export async function checkLog(
  person: StaffPerson,
  institution: InstitutionId,
  messageKey: Hash32,
): Promise<LogChecked> {
  const client = person.asking(messageKey)
  const note = await client.checkpoint({ params: { institution } })
  const keys = [fromHex(messageKey)]
  const reading = readCheckpoint(
    note,
    { origin: `islet.log/${institution}`, keys },
    nobleEd25519,
    nobleHasher,
  )
  if (!reading.ok) return { code: 'CHECKPOINT_WRONG', size: 0, anchored: 0 }
  const { size, root } = reading.head
  const leaves = await leavesOf(client, institution, size)
  const { slot } = await person.read.ledgerSlot({ params: { member: institution, stream: 'log' } })
  const { anchor } = await person.read.ledgerAnchor({ params: { member: institution, stream: 'log', slot } })
  const told = { size, anchored: anchor?.count ?? 0 }
  if (!equalBytes(rootOf(leaves), root)) return { code: 'ROOT_WRONG', ...told }
  if (anchor === null) return { code: 'NOT_ANCHORED_YET', ...told }
  if (anchor.count > size) return { code: 'SHORTER_THAN_ANCHORED', ...told }
  const before = rootOf(leaves.slice(0, anchor.count * HASH_BYTES))
  return { code: equalBytes(before, fromHex(anchor.root)) ? 'HOLDS' : 'ANCHOR_DIFFERS', ...told }
}

async function leavesOf(
  client: ReturnType<StaffPerson['asking']>,
  institution: InstitutionId,
  size: number,
): Promise<Bytes> {
  const tiles: Uint8Array[] = []
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
    const query = width === TILE_WIDTH ? {} : { width }
    tiles.push(await client.tile({ params: { institution, level: 0, index }, query }))
  }
  return concat(...tiles)
}

function rootOf(leaves: Bytes): Uint8Array {
  return merkleTreeOver(leaves, nobleHasher).root
}
