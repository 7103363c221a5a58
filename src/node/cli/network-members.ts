/**
 * `islet network request|members|invite|join|admit`: members on hosts of their own found a network, and take others in.
 *
 * Law: each command uses the keys of its own data directory alone; what goes from host to host are signed files that hold
 * no secret, and hashes that people compare.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { MemberDocument } from '../../api/documents.door.ts'
import type { EnrolmentRequest, InstitutionKeys, Invitation } from '../../identity/index.ts'
import { CONSORTIUM_CONTRACTS } from '../../ledger/consortium.door.ts'
import type { Ledger } from '../../ledger/index.ts'
import { openRpc } from '../../ledger/rpc.door.ts'
import { INSTITUTION_ROLES, type InstitutionRole, IsletError } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import { openInstitutionKeys } from '../institution/key-ring.ts'
import type { Seat } from '../institution/party.ts'
import { wallClock } from '../institution/wire.ts'
import { JoiningFile, joiningFile } from '../network/joining-file.ts'
import { askForMembership, foundAsMember, joinAsMember } from '../network/member-host.ts'
import { agreementOfMembers, MemberRequest, MembersFile, memberId } from '../network/member-request.ts'
import { readNetwork } from '../network/network-file.ts'
import { unlockOf } from '../network/node-secrets.ts'
import { firstId, seatOf } from '../world/enrolment.ts'
import { pinBlock, soundAnchor } from '../world/pinned-block.ts'
import { networkInit, startHeld, withProgress } from './network.ts'
import { EXIT, type ExitCode, printDocument, usage } from './outcome.ts'
import type { Action, VerbContext, VerbOutcome } from './verb.ts'

const Answer = Type.Object({
  schema: Type.Literal('islet.joining-answer/1'),
  invitation: Type.Unsafe<Invitation>({ type: 'object' }),
  request: Type.Unsafe<EnrolmentRequest>({ type: 'object' }),
})

const ownRequest = (data: string): string => join(data, 'member.json')

export const networkRequest: Action = async (context, [file = ''], options) => {
  const { data } = context
  const unlock = await unlockOf(data)
  const host = { directory: data, unlock, keys: await openInstitutionKeys(data, unlock) }
  const request = await askForMembership(host, {
    key: String(options['handle']),
    name: String(options['name']),
    roles: rolesOf(options['role']),
    node: { peer: String(options['peer']) },
  })
  await writeDocumentFile(ownRequest(data), request)
  await writeDocumentFile(file, request)
  return told(context, { done: 'requested', institution: memberId(request) }, [
    `${file} holds the public part of this member’s keys, signed`,
    `institution ${memberId(request)}: tell the others by another way`,
  ])
}

export const networkMembers: Action = async (context, [file = '', ...files], options) => {
  const requests = await Promise.all(files.map((one) => fileOf(one, MemberRequest)))
  const members: MembersFile = {
    schema: 'islet.members/1',
    begins: Math.floor(wallClock()),
    heartbeat_seconds: Number(options['heartbeat']),
    requests,
  }
  const { chain_id } = agreementOfMembers(members)
  await writeDocumentFile(file, members)
  return told(context, { done: 'gathered', chain_id: Number(chain_id.replace('islet-', '')) }, [
    `${file} holds ${requests.length} requests for chain ${chain_id}`,
    'give it to every member: each runs islet network init --members on it and compares the genesis',
  ])
}

/** `init`: all members' nodes on this machine, or with `--members FILE` this member's part. */
export const networkFound: Action = (context, words, options) => {
  const members = options['members']
  return typeof members === 'string'
    ? initAsMember(context, members, options)
    : networkInit(context, words, options)
}

async function initAsMember(
  context: VerbContext,
  file: string,
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const members = await fileOf(file, MembersFile)
  const named = options['genesis']
  return withProgress(context, 'founding', 1, async (progress) => {
    const network = await foundAsMember(
      { directory: context.data },
      members,
      typeof named === 'string' ? named : undefined,
    )
    progress('genesis')
    return network
  })
}

export const networkInvite: Action = async (context, [candidate = '', file = '']) => {
  const request = await fileOf(candidate, MemberRequest)
  const network = await readNetwork(context.data)
  const invitation = await withSeat(context, (seat) =>
    seat.invite({ id: memberId(request), roles: request.body.roles }),
  )
  await writeDocumentFile(file, await joiningFile(context.data, network, invitation))
  return told(context, { done: 'invited', institution: memberId(request) }, [
    `${file} invites ${request.body.name} for a day`,
  ])
}

export const networkJoin: Action = async (context, [file = '', answer = ''], options) => {
  const joining = await fileOf(file, JoiningFile)
  const anchor = options['anchor']
  const pinned = typeof anchor === 'string' ? await soundAnchor(anchor) : undefined
  return withProgress(context, 'joining', 3, async (progress) => {
    await joinAsMember({ directory: context.data }, joining)
    progress('genesis')
    if (pinned !== undefined) await pinBlock(pinned, [context.data])
    const network = await startHeld(context.data, progress)
    const { invitation } = joining
    const request = await withSeat(context, (seat) => seat.answer(invitation))
    await writeDocumentFile(answer, { schema: 'islet.joining-answer/1', invitation, request })
    progress('answer')
    return network
  })
}

export const networkAdmit: Action = async (context, [file = '']) => {
  const { invitation, request } = await fileOf(file, Answer)
  await withSeat(context, (seat) => seat.vote(invitation, request))
  return told(context, { done: 'voted', institution: request.body.institution }, [
    'voted: the ledger decides when enough did',
  ])
}

/** This member's acts among the members. */
function withSeat<T>(context: VerbContext, work: (seat: Seat) => Promise<T>): Promise<T> {
  return withOwnNode(context, ({ ledger, keys, name }) => {
    const id = firstId(keys.public.messageKey)
    return work(seatOf({ id, name, keys, ledger, deployment: CONSORTIUM_CONTRACTS }))
  })
}

/** This member over its own node. */
export async function withOwnNode<T>(
  { data }: VerbContext,
  work: (own: {
    readonly ledger: Ledger
    readonly keys: InstitutionKeys
    readonly name: string
  }) => Promise<T>,
): Promise<T> {
  const { chainId, nodes } = await readNetwork(data)
  const own = await readDocumentFile(ownRequest(data), MemberRequest, 'MEMBER_FILE_DAMAGED')
  const keys = await openInstitutionKeys(data, await unlockOf(data))
  const ledger = await openRpc({
    urls: nodes.map(({ ports }) => `http://${ports.rpc}/`),
    expect: { chainId },
    directory: join(data, 'network', 'votes'),
  })
  try {
    return await work({ ledger, keys, name: own?.body.name ?? '' })
  } finally {
    await ledger.close()
  }
}

export async function fileOf<S extends TSchema>(file: string, schema: S): Promise<Static<S>> {
  let document: unknown
  try {
    document = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  if (Value.Check(schema, document)) return document
  throw new IsletError(
    'FILE_OF_ANOTHER_FORM',
    'this file is not of the kind that is asked for here',
    {},
    { at: { file }, remedy: 'islet help network says which command writes which file' },
  )
}

function rolesOf(named: unknown): InstitutionRole[] {
  const roles = (Array.isArray(named) ? named : [named]).map(String)
  const known = INSTITUTION_ROLES.filter((role) => roles.includes(role))
  if (known.length === roles.length && known.length > 0) return known
  throw usage('a member has roles', `--role with one of: ${INSTITUTION_ROLES.join(', ')}`)
}

export function told(
  { json, terminal }: VerbContext,
  { done, institution = null, chain_id = null }: Pick<MemberDocument, 'done'> & Partial<MemberDocument>,
  words: readonly string[],
): ExitCode {
  const document: MemberDocument = { schema: 'islet.member/1', done, institution, chain_id }
  if (json) printDocument(document, terminal)
  else for (const line of words) terminal.out(`${line}\n`)
  return EXIT.done
}
