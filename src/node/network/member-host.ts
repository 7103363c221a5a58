/**
 * One member's part of a consortium on a host of its own: its node's keys, its genesis, its configuration.
 *
 * Laws: keys are drawn here and only their public part leaves, in a signed request; the node is on record before a request
 * for it goes out, so that a founding cut short goes on with the same keys; what the others see is the genesis' hash.
 */
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import Type from 'typebox'
import type { InstitutionKeys, Unlock } from '../../identity/index.ts'
import { type Agreement, consortiumEngine, foundHere, makeNode } from '../../ledger/consortium.door.ts'
import { hash32, IsletError } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import type { JoiningFile } from './joining-file.ts'
import { agreementOfMembers, type MemberRequest, type MembersFile, memberRequest } from './member-request.ts'
import { findNetwork, type NetworkFile, NetworkNodeRecord, writeNetwork } from './network-file.ts'
import { keepNodeSecrets } from './node-secrets.ts'

/** The node that waits for its network. */
const WaitingNode = Type.Object({ schema: Type.Literal('islet.waiting-node/1'), node: NetworkNodeRecord })

export interface MemberHost {
  /** The member's own data directory. */
  readonly directory: string
  readonly keys: InstitutionKeys
  readonly unlock: Unlock
}

export interface Membership extends Pick<MemberRequest['body'], 'key' | 'name' | 'roles'> {
  /** Where its peers reach its node, host and port; `loopback` on this machine; `none` for a member without a node. */
  readonly node: { readonly peer: string } | 'loopback' | 'none'
}

const waitingPath = (directory: string): string => join(directory, 'network', 'waiting.json')

/** Makes the member's node where there is none yet and signs the request. Throws `ENGINE_MISSING`, `NETWORK_EXISTS`. */
export async function askForMembership(host: MemberHost, who: Membership): Promise<MemberRequest> {
  const { key, name, roles } = who
  if (who.node === 'none') return memberRequest({ key, name, roles, node: null }, host.keys)
  const { seatKey, nodeId, ports } = await waitingNode(host, key, who.node)
  return memberRequest(
    { key, name, roles, node: { seatKey: hash32(seatKey), nodeId, peer: ports.peer } },
    host.keys,
  )
}

async function waitingNode(
  { directory, unlock }: MemberHost,
  key: string,
  at: { readonly peer: string } | 'loopback',
) {
  if ((await findNetwork(directory)) !== undefined) {
    throw new IsletError('NETWORK_EXISTS', 'this member belongs to a network already')
  }
  const known = await readDocumentFile(waitingPath(directory), WaitingNode, 'NETWORK_FILE_DAMAGED')
  if (known?.node.institution === key) return known.node
  const folder = join(directory, 'network')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const made = await makeNode(consortiumEngine(), folder, 1, at === 'loopback' ? undefined : at.peer)
  await keepNodeSecrets(made.home, made.secrets, unlock)
  const { home, seatKey, nodeId, ports } = made
  const node = { institution: key, home, seatKey, nodeId, ports: { ...ports }, pid: null }
  await writeDocumentFile(waitingPath(directory), { schema: 'islet.waiting-node/1', node })
  return node
}

/**
 * Founds the member's part of the network that the requests agree on; `named` is the hash of the genesis that others
 * name. Throws `GENESIS_DIFFERS` where it is another, `NO_REQUEST` where its own is not among them,
 * `NETWORK_EXISTS` where another network stands here, and as `agreementOfMembers`.
 */
export async function foundAsMember(
  { directory }: Pick<MemberHost, 'directory'>,
  members: MembersFile,
  named?: string,
): Promise<NetworkFile> {
  const agreement = agreementOfMembers(members)
  const own = members.requests.map(({ body }) => body.node)
  return settle(directory, agreement, members.heartbeat_seconds, {
    isOwn: (seatKey) => own.some((node) => node?.seatKey === seatKey),
    distant: members.requests.flatMap(({ body: { key, node } }) =>
      node === null ? [] : [{ institution: key, ...node }],
    ),
    ...(named === undefined ? {} : { named }),
  })
}

/** Joins a network that runs: the same genesis from the same agreement. Throws `GENESIS_DIFFERS` and as `foundAsMember`. */
export function joinAsMember(
  { directory }: Pick<MemberHost, 'directory'>,
  { agreement, genesis, heartbeat_seconds, nodes }: JoiningFile,
): Promise<NetworkFile> {
  return settle(directory, agreement, heartbeat_seconds, {
    isOwn: () => true,
    distant: nodes,
    named: genesis,
  })
}

async function settle(
  directory: string,
  agreement: Agreement,
  heartbeatSeconds: number,
  { isOwn, distant, named }: Settling,
): Promise<NetworkFile> {
  const waiting = await readDocumentFile(waitingPath(directory), WaitingNode, 'NETWORK_FILE_DAMAGED')
  if (waiting === undefined || !isOwn(waiting.node.seatKey)) {
    throw new IsletError(
      'NO_REQUEST',
      'the members’ requests hold none of this directory’s node',
      {},
      { remedy: 'Run islet network request FILE here and have it taken into the members file.' },
    )
  }
  const before = await findNetwork(directory)
  if (before !== undefined) {
    if (agreement.chain_id === `islet-${before.chainId}`) return before
    throw new IsletError('NETWORK_EXISTS', 'this member belongs to another network')
  }
  const folder = join(directory, 'network')
  const home = join(folder, basename(waiting.node.home))
  const made = await foundHere({ binary: consortiumEngine(), directory: folder, home, agreement })
  if (named !== undefined && made.genesis !== named) {
    throw new IsletError(
      'GENESIS_DIFFERS',
      'the genesis made here is not the one that the other members name',
      { made: made.genesis, named },
      { remedy: 'Compare the members files: one of you has another request, instant or engine.' },
    )
  }
  const network: NetworkFile = {
    schema: 'islet.network-file/1',
    ...made,
    ...{ engine: null, heartbeatSeconds, nodes: [waiting.node] },
    distant: distant.filter(({ seatKey }) => seatKey !== waiting.node.seatKey),
  }
  await writeNetwork(directory, network)
  return network
}

interface Settling {
  /** Whether the others know of this directory's node. */
  readonly isOwn: (seatKey: string) => boolean
  readonly distant: NonNullable<NetworkFile['distant']>
  /** Hash of the genesis that others name. */
  readonly named?: string
}
