/**
 * The consent port set over the ledger's own port: typed calls and reads of the three contracts.
 *
 * Laws: reads go to the newest block of one's own node and carry that block's timestamp; no opening passes here; a call
 * carries its intent's digest as idempotency key, so that a crash never sends twice.
 */
import {
  CONSENT_STATES,
  contractCall,
  contractEvents,
  type Deployment,
  type Ledger,
  MEMBER_STATUSES,
  type Receipt,
  Relay,
  type RelayOptions,
  readContract,
  type Signer,
  STREAMS,
} from '../ledger/index.ts'
import {
  type Address,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  institutionId,
  quantity,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import { hexWord, keccak, uintWord } from './abi-words.ts'
import type { AnchoredRoot, AnchorStream, ChainReader, ChainWriter, Member } from './chain.ts'

export interface LedgerChainOptions {
  readonly ledger: Ledger
  readonly deployment: Deployment
  /** Ledger key of this member; left out by who only reads. */
  readonly by?: Signer
  readonly relay?: Partial<Pick<RelayOptions, 'batchItems' | 'batchWaitMs' | 'pendingLimit'>>
}

/** Reads as anybody; writes only where a member's key was given (`NOT_A_WRITER` else). */
export function ledgerChain(options: LedgerChainOptions): ChainReader & ChainWriter {
  const { ledger, deployment, by } = options
  const relayer = by === undefined ? undefined : new Relay({ ledger, deployment, by, ...options.relay })
  const anchors = anchorBook(ledger, deployment)
  const domain = { chainId: BigInt(ledger.chainId), consentLedger: deployment.consents }

  const writing = (): { readonly by: Signer; readonly relayer: Relay } => {
    if (by === undefined || relayer === undefined) {
      throw new IsletError('NOT_A_WRITER', 'this party has no key on the ledger')
    }
    return { by, relayer }
  }
  const memberOf = async (id: InstitutionId): Promise<Member | undefined> => {
    const { value } = await readContract(ledger, deployment, 'membership', 'institution', [id])
    const status = MEMBER_STATUSES[value.status]
    if (status === undefined || status === 'NONE') return undefined
    return {
      id,
      active: status === 'ACTIVE',
      messageKey: hash32(value.messageKey),
      hpkeKeyHash: hash32(value.hpkeKeyHash),
    }
  }
  const submit = async (call: ReturnType<typeof contractCall>, key: Hash32): Promise<Receipt> => {
    const receipt = await ledger.submit(call, { by: writing().by, keys: [key] })
    if (receipt.status !== 'success') {
      throw new IsletError('CALL_REFUSED', 'the contract refused the call', { block: receipt.block.height })
    }
    return receipt
  }
  const ownId = async (): Promise<InstitutionId> => {
    const { value } = await readContract(ledger, deployment, 'membership', 'memberOf', [writing().by.address])
    return institutionId(value)
  }
  const headOf = async (own: InstitutionId, stream: AnchorStream): Promise<Hash32> => {
    const { value } = await readContract(ledger, deployment, 'anchors', 'headOf', [own, streamOf(stream)])
    return hash32(value)
  }
  const consentOf = async (id: Hash32, signer: Address) => {
    const { value, at } = await readContract(ledger, deployment, 'consents', 'consentOf', [id, signer])
    const state = CONSENT_STATES[value[0]]
    if (state === undefined || state === 'EXPIRED')
      throw new IsletError('LEDGER_ANSWER_WRONG', 'no such state')
    return { state, expiryDay: value[1], at }
  }

  return {
    domain,
    head: async () => {
      const { height, timestamp } = await ledger.head()
      return { number: height, timestamp }
    },
    consent: async (id, signer, reader) => {
      // Asked together, so that an engine may answer both from one block; neither is from before the question.
      const [member, { state, expiryDay, at }] = await Promise.all([memberOf(reader), consentOf(id, signer)])
      return { head: { number: at.height, timestamp: at.timestamp }, state, expiryDay, reader: member }
    },
    consentState: async (id, signer) => {
      const { state, at } = await consentOf(id, signer)
      return { state, block: at.height }
    },
    member: memberOf,
    members: async () => {
      const { value } = await readContract(ledger, deployment, 'membership', 'institutionIds', [])
      const found = await Promise.all(value.map((id) => memberOf(institutionId(id))))
      return found.filter((member) => member !== undefined)
    },
    requestedAt: async (institution, commitment) => {
      const { value } = await readContract(ledger, deployment, 'consents', 'requestedAt', [
        institution,
        commitment,
      ])
      return value === 0n ? undefined : quantity<UnixSeconds>(Number(value))
    },
    anchorAt: (institution, stream, slot) => anchors(institution, stream, slot),
    latestSlot: async (institution, stream) => {
      const { value } = await readContract(ledger, deployment, 'anchors', 'latestSlot', [
        institution,
        streamOf(stream),
      ])
      return Number(value)
    },
    grant: async ({ intent, signer, signature }) => {
      const { commitment, expiryDay, nonce, deadline } = intent
      const { code, receipt } = await writing().relayer.grant({
        commitment,
        expiryDay,
        nonce,
        deadline,
        signer,
        signature,
      })
      return { code, block: receipt?.block.height ?? 0 }
    },
    revoke: async ({ intent, commitment, signer, signature }) => {
      const { nonce, deadline } = intent
      const outcome = await writing().relayer.revoke({ commitment, nonce, deadline, signer, signature })
      if (outcome.code !== 'REVOKED') {
        throw new IsletError('REVOKE_REFUSED', 'the revoke is not signed by the key of the consent it names')
      }
      return { block: outcome.receipt.block.height }
    },
    requestAccess: async (commitment) => {
      const call = contractCall(deployment, 'consents', 'requestAccess', [commitment])
      const key = keccak(
        utf8('islet/v1/request-access\0'),
        hexWord(writing().by.address),
        hexWord(commitment),
      )
      return { block: (await submit(call, key)).block.height }
    },
    anchor: async (stream, { slot, root, count, corrects }) => {
      const own = await ownId()
      const previous = await headOf(own, stream)
      const item = {
        stream: streamOf(stream),
        slot: BigInt(slot),
        corrects: BigInt(corrects ?? 0),
        root,
        count: BigInt(count),
        previous,
      }
      const key = keccak(
        utf8('islet/v1/anchor\0'),
        hexWord(own),
        uintWord(item.stream, 8),
        uintWord(item.slot, 64),
        hexWord(root),
        hexWord(previous),
      )
      const call = contractCall(deployment, 'anchors', 'anchor', [item])
      return { block: (await submit(call, key)).block.height }
    },
    anchorSlot: async ({ slot, objects, log }) => {
      const own = await ownId()
      const [previous, logPrevious] = await Promise.all([headOf(own, 'objects'), headOf(own, 'log')])
      const item = {
        extent: extentOf(slot, objects.count, log.count),
        root: objects.root,
        previous,
        logRoot: log.root,
        logPrevious,
      }
      const key = keccak(
        utf8('islet/v1/anchor-slot\0'),
        hexWord(own),
        uintWord(item.extent, 192),
        hexWord(objects.root),
        hexWord(previous),
        hexWord(log.root),
        hexWord(logPrevious),
      )
      const call = contractCall(deployment, 'anchors', 'anchorSlot', [item])
      return { block: (await submit(call, key)).block.height }
    },
  }
}

/** `Extent` of contracts/src/Types.sol: three numbers of 64 bits. */
function extentOf(slot: number, count: number, size: number): bigint {
  return (BigInt(slot) << 128n) | (BigInt(count) << 64n) | BigInt(size)
}

function streamOf(stream: AnchorStream): number {
  return stream === 'objects' ? STREAMS.OBJECTS : STREAMS.ACCESS_LOG
}

/** Anchors by institution, stream and slot, read from the ledger's events as far as the head. */
function anchorBook(ledger: Ledger, deployment: Deployment) {
  const known = new Map<string, AnchoredRoot>()
  let scanned = -1
  let scanning: Promise<void> = Promise.resolve()
  const catchUp = async (): Promise<void> => {
    const { height } = await ledger.head()
    if (height <= scanned) return
    for await (const { block, logs } of ledger.logs({
      from: scanned + 1,
      to: height,
      addresses: [deployment.anchors],
    })) {
      for (const event of contractEvents(deployment, block, logs)) {
        if (event.name !== 'Anchored') continue
        const { institution, stream, slot, root, count } = event.args
        known.set(`${institution.toLowerCase()} ${stream} ${slot}`, {
          root: hash32(root),
          count: Number(count),
          block: block.height,
        })
      }
    }
    scanned = height
  }
  return async (institution: InstitutionId, stream: AnchorStream, slot: number) => {
    const name = `${institution} ${streamOf(stream)} ${slot}`
    if (!known.has(name)) {
      scanning = scanning.then(catchUp, catchUp)
      await scanning
    }
    return known.get(name)
  }
}
