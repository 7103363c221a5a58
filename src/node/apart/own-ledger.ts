/**
 * The ledger of an institution in a process of its own: the one operator's executor, the operator's gateway, or on a
 * consortium its own validator.
 *
 * Laws: the operator's process sequences a single-operator ledger and the others reach it through its gateway (PROTOCOL
 * 20); on a consortium a member believes its own node, and one without a node those that it is given.
 */
import { join } from 'node:path'
import type { InstitutionKeys, Unlock } from '../../identity/index.ts'
import { foundingOf, untilAnswering } from '../../ledger/consortium.door.ts'
import { openEmbedded, openGateway } from '../../ledger/embedded.door.ts'
import {
  attachContracts,
  type Deployment,
  deployContracts,
  type Ledger,
  secp256k1Signer,
} from '../../ledger/index.ts'
import { openRpc } from '../../ledger/rpc.door.ts'
import type { HeadSealing } from '../institution/hosted.ts'
import { askForMembership, foundAsMember } from '../network/member-host.ts'
import { agreementOfMembers, type MemberRequest, type MembersFile } from '../network/member-request.ts'
import { launchNodes, stopNodes } from '../network/network.ts'
import { findNetwork } from '../network/network-file.ts'
import { firstId } from '../world/enrolment.ts'
import { openMemberLedger } from '../world/member-ledger.ts'
import { pinnedBlock } from '../world/pinned-block.ts'
import type { World } from '../world/world.ts'
import {
  type ConsortiumPlace,
  GATEWAY_TIMEOUT_MS,
  type GatewayPlace,
  type InstitutionVerbs,
  type Opening,
} from './verbs.ts'

export interface OwnLedgerParts {
  readonly opening: Opening
  readonly keys: InstitutionKeys
  readonly unlock: Unlock
  /** Told what goes wrong where nobody waits. */
  readonly report: (error: unknown) => void
  /** Told the notices of an executor. */
  readonly notice: (code: string) => void
}

export interface OwnLedger {
  readonly engine: World['engine']
  readonly ledger: Ledger
  readonly deployment: Deployment
  readonly sealing: HeadSealing
  close(): Promise<void>
}

/** At the operator: opens the executor, founds the contracts, opens the gateway. */
export async function operateLedger(
  { opening, keys, notice }: OwnLedgerParts,
  { founders, threshold }: Parameters<InstitutionVerbs['operate']>[0],
  port: number,
): Promise<OwnLedger & { readonly place: GatewayPlace }> {
  const by = secp256k1Signer(keys.ledgerKey)
  const ledger = await openEmbedded({
    directory: opening.ledgerDirectory,
    operator: by,
    notice: ({ code }) => notice(code),
  })
  try {
    const deployment = await deployContracts(ledger, { by, founders, threshold })
    const gateway = await openGateway(ledger, { port })
    const operator = { id: firstId(keys.public.messageKey), address: by.address }
    const { chainId, genesisHash } = ledger
    return {
      place: { engine: 'embedded', url: gateway.url, chainId, genesisHash, deployment, operator },
      ...{ engine: 'embedded', ledger, deployment },
      sealing: { ...sealedBy(operator), ownHead: async () => ledger.signedHead() },
      close: async () => {
        await gateway.close()
        await ledger.close()
      },
    }
  } catch (error) {
    await ledger.close()
    throw error
  }
}

/** Attaches to the operator's gateway. Throws as the RPC engine and `attachContracts`. */
export async function attachToGateway(
  { opening }: OwnLedgerParts,
  { url, chainId, genesisHash, deployment, operator }: GatewayPlace,
): Promise<OwnLedger> {
  const ledger = await openRpc({
    urls: [url],
    directory: outboxOf(opening),
    expect: { chainId, genesisHash },
    timeoutMs: GATEWAY_TIMEOUT_MS,
  })
  try {
    await attachContracts(ledger, deployment)
  } catch (error) {
    await ledger.close()
    throw error
  }
  return {
    ...{ engine: 'embedded', ledger, deployment },
    sealing: sealedBy(operator),
    close: () => ledger.close(),
  }
}

/** Attaches to a consortium: to the member's own node where it has one. Throws as `openMemberLedger`. */
export async function attachToConsortium(
  { opening, keys, report }: OwnLedgerParts,
  { members, urls, chainId }: ConsortiumPlace,
): Promise<OwnLedger> {
  const own = (await findNetwork(opening.directory))?.nodes.map(({ ports }) => `http://${ports.rpc}/`)
  const by = secp256k1Signer(keys.ledgerKey)
  const under = await openMemberLedger({
    urls: own ?? urls,
    founding: foundingOf(JSON.stringify(agreementOfMembers(members))),
    outbox: outboxOf(opening),
    journal: opening.ledgerDirectory,
    ...{ chainId, by, report, pinned: await pinnedBlock(opening.directory) },
  })
  try {
    await attachContracts(under.ledger, under.deployment)
  } catch (error) {
    await under.close()
    throw error
  }
  const { ledger, deployment } = under
  return {
    ...{ engine: 'consortium', ledger, deployment },
    sealing: under.sealing({ id: firstId(keys.public.messageKey), signer: by }),
    close: () => under.close(),
  }
}

/** The member's validator: asked for, founded, started, and stopped with the process that started it. */
export function ownNode(need: () => OwnLedgerParts): {
  request(seated: boolean): Promise<MemberRequest>
  found(members: MembersFile): Promise<string>
  /** Host and port of its JSON-RPC. */
  start(): Promise<string>
  close(): Promise<void>
} {
  let launching: Promise<unknown> = Promise.resolve()
  let launched = false
  return {
    request: (seated) => {
      const { opening, keys, unlock } = need()
      const { directory, key, name, roles } = opening
      return askForMembership(
        { directory, keys, unlock },
        { key, name, roles: [...roles], node: seated ? 'loopback' : 'none' },
      )
    },
    found: async (members) => (await foundAsMember(need().opening, members)).genesis,
    start: async () => {
      const { directory, key } = need().opening
      launched = true
      const launch = launchNodes(directory, [key])
      launching = launch
      const { network, started } = await launch
      const rpc = network.nodes[0]?.ports.rpc ?? ''
      // One that outlived an institution's process runs already.
      await untilAnswering(rpc, started[0]?.running ?? { gone: new Promise(() => undefined) })
      return rpc
    },
    close: async () => {
      if (!launched) return
      // A process that is being started is on record before it is ended.
      await launching.catch(() => undefined)
      const { directory, key } = need().opening
      await stopNodes(directory, [key], () => undefined)
    },
  }
}

function outboxOf({ directory }: Opening): string {
  return join(directory, 'outbox')
}

function sealedBy(operator: GatewayPlace['operator']): HeadSealing {
  return { operator, isSealer: async (key) => key === operator.address }
}
