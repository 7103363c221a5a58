/**
 * What a member of a running consortium gives to one who shall join: a signed invitation, and what a node needs.
 *
 * Law: nothing in it is secret and none of it is believed: the genesis is made from the agreement and compared, the
 * invitation carries its signature, the peers prove their names.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import type { Invitation } from '../../identity/index.ts'
import type { Agreement } from '../../ledger/consortium.door.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { MemberNode } from './member-request.ts'
import type { NetworkFile } from './network-file.ts'

const Joining = Type.Object({
  schema: Type.Literal('islet.joining/1'),
  invitation: Type.Unsafe<Invitation>({ type: 'object' }),
  agreement: Type.Unsafe<Agreement>({ type: 'object' }),
  /** SHA-256 of the genesis that the members made. */
  genesis: Type.String(),
  heartbeat_seconds: Type.Number({ exclusiveMinimum: 0 }),
  nodes: Type.Array(Type.Object({ institution: Type.String(), ...MemberNode.properties })),
})
export const JoiningFile = Joining
export type JoiningFile = Static<typeof Joining>

/** Writes it from the network of a data directory. Throws `AGREEMENT_DAMAGED`. */
export async function joiningFile(
  directory: string,
  { genesis, heartbeatSeconds, nodes, distant = [] }: NetworkFile,
  invitation: Invitation,
): Promise<object> {
  const path = join(directory, 'network', 'agreement.json')
  let agreement: unknown
  try {
    agreement = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new IsletError(
      'AGREEMENT_DAMAGED',
      'the agreement does not read',
      {},
      { at: { file: path }, cause },
    )
  }
  const own = nodes.map(({ institution, seatKey, nodeId, ports: { peer } }) => ({
    ...{ institution, seatKey, nodeId, peer },
  }))
  return {
    schema: 'islet.joining/1',
    ...{ invitation, agreement, genesis, heartbeat_seconds: heartbeatSeconds },
    nodes: [...own, ...distant],
  }
}
