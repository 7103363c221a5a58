/** The reference ledger in memory: the life-cycle machine behind the port, with blocks that the test advances. */
import {
  type Address,
  address,
  type ConsentId,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import type {
  AnchoredRoot,
  AnchorStream,
  ChainReader,
  ChainWriter,
  Member,
  SignedGrant,
  SignedRevoke,
} from '../chain.ts'
import { type IntentDomain, intentDigest, signerOf } from '../intents.ts'
import { applyGrant, applyRevoke, type Lives } from '../lifecycle.ts'
import { consentIdOf } from '../opening.ts'

export interface MemoryChain {
  /** The ledger as one member sees it. */
  as(member: InstitutionId): ChainReader & ChainWriter
  admit(member: Member): void
  suspend(id: InstitutionId): void
  reinstate(id: InstitutionId): void
  /** Transactions wait (`hold`) until released: what a censoring or slow ledger does. */
  hold(): void
  release(): void
  /** Everything anybody can read, for tests of linkability. */
  readonly publicRecord: readonly unknown[]
  /** Makes every read fail, as an unreachable node does. */
  unreachable: boolean
}

type Anchor = Parameters<ChainWriter['anchor']>[1]

export function memoryChain(clock: () => UnixSeconds): MemoryChain {
  const domain: IntentDomain = {
    chainId: 31_337n,
    consentLedger: address('0x00000000000000000000000000000000000000c0'),
  }
  const members = new Map<InstitutionId, Member>()
  const requests = new Map<string, UnixSeconds>()
  const anchors = new Map<string, AnchoredRoot>()
  const latest = new Map<string, number>()
  const publicRecord: unknown[] = []
  let lives: Lives = new Map()
  let height = 1
  let headAt = Math.floor(clock())
  let held: (() => void)[] | undefined
  let unreachable = false

  const gate = async (): Promise<void> => {
    if (held !== undefined) await new Promise<void>((go) => held?.push(go))
    height += 1
    headAt = Math.max(headAt, Math.floor(clock()))
  }
  const head = () => ({ number: height, timestamp: quantity<UnixSeconds>(headAt) })
  const readable = (): void => {
    if (unreachable) throw new IsletError('UNREACHABLE', 'no answer')
  }
  const standing = (id: ConsentId, signer: Address) => {
    const record = lives.get(signer)
    return record?.consentId === id
      ? { state: record.state, expiryDay: record.expiryDay }
      : ({ state: 'NONE', expiryDay: 0 } as const)
  }

  const as = (own: InstitutionId): ChainReader & ChainWriter => {
    const active = (): void => {
      if (members.get(own)?.active !== true) throw new IsletError('RELAYER_REFUSED', 'not an active member')
    }
    const anchorable = (stream: AnchorStream, { slot, count }: Anchor): void => {
      if (slot <= (latest.get(`${own}${stream}`) ?? 0)) throw new IsletError('CALL_REVERTED', 'SlotNotAfter')
      if (stream === 'objects' && !Number.isInteger(Math.log2(count))) {
        throw new IsletError('CALL_REVERTED', 'CountNotPadded')
      }
    }
    const put = (stream: AnchorStream, anchor: Anchor): void => {
      const name = `${own}${stream}`
      publicRecord.push({ stream, anchor, institution: own })
      latest.set(name, anchor.slot)
      anchors.set(`${name}${anchor.slot}`, {
        root: hash32(anchor.root),
        count: anchor.count,
        block: height,
      })
    }
    return {
      domain,
      head: async () => {
        readable()
        return head()
      },
      consent: async (id, signer, reader) => {
        readable()
        return { head: head(), ...standing(id, signer), reader: members.get(reader) }
      },
      consentState: async (id, signer) => {
        readable()
        return { state: standing(id, signer).state, block: height }
      },
      member: async (id) => {
        readable()
        return members.get(id)
      },
      members: async () => [...members.values()],
      requestedAt: async (institution, commitment) => requests.get(`${institution}${commitment}`),
      anchorAt: async (institution, stream, slot) => anchors.get(`${institution}${stream}${slot}`),
      latestSlot: async (institution, stream) => latest.get(`${institution}${stream}`) ?? 0,
      grant: async ({ intent, signer, signature }: SignedGrant) => {
        active()
        await gate()
        publicRecord.push({ intent, signer, signature, relayer: own })
        if (signerOf(intentDigest(domain, intent), signature) !== signer) {
          return { code: 'SIGNATURE_INVALID', block: height }
        }
        if (BigInt(headAt) > intent.deadline) return { code: 'DEADLINE_PASSED', block: height }
        const consentId = consentIdOf(intent.commitment, signer)
        const [after, code] = applyGrant(
          lives,
          { consentId, signer, expiryDay: intent.expiryDay },
          head().timestamp,
        )
        lives = after
        return { code, block: height }
      },
      revoke: async ({ intent, commitment, signer, signature }: SignedRevoke) => {
        await gate()
        publicRecord.push({ intent, commitment, signer, signature, relayer: own })
        const genuine =
          consentIdOf(commitment, signer) === intent.consentId &&
          signerOf(intentDigest(domain, intent), signature) === signer
        if (!genuine) throw new IsletError('CALL_REVERTED', 'the signature is not the consent’s own')
        const [after] = applyRevoke(lives, { consentId: intent.consentId, signer })
        lives = after
        return { block: height }
      },
      requestAccess: async (commitment: Hash32) => {
        active()
        await gate()
        publicRecord.push({ commitment, institution: own })
        requests.set(`${own}${commitment}`, head().timestamp)
        return { block: height }
      },
      anchor: async (stream, anchor) => {
        active()
        await gate()
        anchorable(stream, anchor)
        put(stream, anchor)
        return { block: height }
      },
      anchorSlot: async ({ slot, objects, log }) => {
        active()
        await gate()
        const both = [
          ['objects', { slot, ...objects }],
          ['log', { slot, ...log }],
        ] as const
        for (const [stream, anchor] of both) anchorable(stream, anchor)
        for (const [stream, anchor] of both) put(stream, anchor)
        return { block: height }
      },
    }
  }
  const setActive = (id: InstitutionId, active: boolean): void => {
    const member = members.get(id)
    if (member !== undefined) members.set(id, { ...member, active })
  }
  return {
    as,
    admit: (member) => {
      members.set(member.id, member)
    },
    suspend: (id) => setActive(id, false),
    reinstate: (id) => setActive(id, true),
    hold: () => {
      held ??= []
    },
    release: () => {
      const waiting = held ?? []
      held = undefined
      for (const go of waiting) go()
    },
    publicRecord,
    get unreachable() {
      return unreachable
    },
    set unreachable(value) {
      unreachable = value
    },
  }
}
