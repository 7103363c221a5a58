/**
 * The ledger between institutions apart, brought up by whoever starts them: one operator's, or the consortium of the
 * members themselves.
 *
 * Laws: this process holds no key and makes no genesis: it carries requests and compares hashes; what the members agreed
 * on is on record before any of them founds, so that a founding cut short goes on with the same.
 */
import { join } from 'node:path'
import { CONSORTIUM_CONTRACTS, foundingLogs, foundingOf } from '../../ledger/consortium.door.ts'
import type { Deployment, Ledger } from '../../ledger/index.ts'
import { openRpc } from '../../ledger/rpc.door.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import { wallClock } from '../institution/wire.ts'
import { agreementOfMembers, MembersFile } from '../network/member-request.ts'
import { stopNetwork } from '../network/network.ts'
import { findNetwork } from '../network/network-file.ts'
import { CHARTER, OPERATOR, THRESHOLD } from '../world/charter.ts'
import { founderOf } from '../world/enrolment.ts'
import { expectedChain, pinnedBlock } from '../world/pinned-block.ts'
import type { Post } from './apart.ts'
import type { Child } from './child.ts'
import { type ConsortiumPlace, GATEWAY_TIMEOUT_MS, type LedgerPlace } from './verbs.ts'

export interface SharedLedger {
  readonly place: LedgerPlace
  readonly chainId: number
  readonly deployment: Deployment
  /** This process reads the ledger as anybody may. */
  readonly reader: Ledger
  /** Brings an institution that was started again back to it. */
  again(key: string, child: Child): Promise<void>
  close(): Promise<void>
}

export interface SharedLedgerParts {
  readonly directory: string
  readonly posts: ReadonlyMap<string, Post>
}

/** How often an idle chain of a demo makes a block, seconds. */
const HEARTBEAT_SECONDS = 10

const membersPath = (directory: string): string => join(directory, 'members.json')

/** What a consortium of institutions apart was founded on; undefined where the ledger has one operator. */
export function membersOfApart(directory: string): Promise<MembersFile | undefined> {
  return readDocumentFile(membersPath(directory), MembersFile, 'NETWORK_FILE_DAMAGED')
}

/** The ledger of the operator's process. */
export async function openOperated({ directory, posts }: SharedLedgerParts): Promise<SharedLedger> {
  const founders = CHARTER.filter(({ founder }) => founder)
  const founding = {
    founders: founders.map(({ key, roles }) => founderOf(postOf(posts, key).keys, roles)),
    threshold: THRESHOLD,
  }
  const place = await postOf(posts, OPERATOR).child.call('operate', founding, 0)
  const others = [...posts.values()].filter(({ entry }) => entry.key !== OPERATOR)
  await Promise.all(others.map(({ child }) => child.call('attach', place)))
  const { chainId, genesisHash, url, deployment } = place
  const reader = await openRpc({
    urls: [url],
    directory: join(directory, 'reader'),
    expect: { chainId, genesisHash },
    timeoutMs: GATEWAY_TIMEOUT_MS,
  })
  return {
    ...{ place, chainId, deployment, reader },
    again: async (key, child) => {
      // The gateway comes back where everybody looks for it.
      if (key === OPERATOR) await child.call('operate', founding, Number(new URL(url).port))
      else await child.call('attach', place)
    },
    close: () => reader.close(),
  }
}

/** The consortium of the members: founded by each for itself, `seats` of them with a node, or opened again. */
export async function openAgreed(
  { directory, posts }: SharedLedgerParts,
  seats: number,
): Promise<SharedLedger> {
  const members = (await membersOfApart(directory)) ?? (await gather({ directory, posts }, seats))
  const seated = members.requests.flatMap(({ body }) => (body.node === null ? [] : [body.key]))
  const made = await Promise.all(
    seated.map((key) => postOf(posts, key).child.call('foundConsortium', members)),
  )
  if (new Set(made).size !== 1) {
    throw new IsletError('GENESIS_DIFFERS', 'two members made different genesis files', {})
  }
  const start = (key: string): Promise<string> => postOf(posts, key).child.call('startNode')
  const urls = (await Promise.all(seated.map(start))).map((rpc) => `http://${rpc}/`)
  const agreement = agreementOfMembers(members)
  const chainId = Number(agreement.chain_id.replace('islet-', ''))
  const place: ConsortiumPlace = { engine: 'consortium', members, urls, chainId }
  await Promise.all([...posts.values()].map(({ child }) => child.call('attach', place)))
  const reader = await openRpc({
    ...{ urls, directory: join(directory, 'reader') },
    expect: expectedChain(chainId, await pinnedBlock(directory)),
    genesisLogs: foundingLogs(foundingOf(JSON.stringify(agreement))),
  })
  const { membership, consents, anchors } = CONSORTIUM_CONTRACTS
  return {
    ...{ place, chainId, reader, deployment: { membership, consents, anchors } },
    again: async (key, child) => {
      if (seated.includes(key)) await child.call('startNode')
      await child.call('attach', place)
    },
    close: () => reader.close(),
  }
}

/** Ends validators whose institution was ended before it could do so. */
export async function endValidators({ posts }: Pick<SharedLedgerParts, 'posts'>): Promise<void> {
  for (const { directory } of posts.values()) {
    if ((await findNetwork(directory)) !== undefined) await stopNetwork(directory, () => undefined)
  }
}

/** Has every founder sign its request, and keeps them all. */
async function gather({ directory, posts }: SharedLedgerParts, seats: number): Promise<MembersFile> {
  const founders = CHARTER.filter(({ founder }, place) => founder || place < seats)
  const requests = await Promise.all(
    founders.map(({ key }, place) => postOf(posts, key).child.call('requestMembership', place < seats)),
  )
  const members: MembersFile = {
    schema: 'islet.members/1',
    begins: Math.floor(wallClock()),
    heartbeat_seconds: HEARTBEAT_SECONDS,
    requests,
  }
  await writeDocumentFile(membersPath(directory), members)
  return members
}

function postOf(posts: ReadonlyMap<string, Post>, key: string): Post {
  const post = posts.get(key)
  if (post !== undefined) return post
  throw new IsletError('INSTITUTION_UNKNOWN', 'there is no such institution here', { key })
}
