/**
 * What the ledger's events say, kept so that an auditor can ask for any block: members, consents, anchors.
 *
 * Law: built from the replayed events alone; a question about block n is answered as of the end of block n.
 */

import { keccakText } from '../consent/index.ts'
import type { Deployment } from '../ledger/index.ts'
import {
  type Address,
  address,
  type ConsentId,
  consentId,
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  institutionId,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { type RawEvent, Words } from './abi-words.ts'
import type { Findings } from './finding.ts'

/** A block as history needs it. */
export interface BlockTime {
  readonly height: number
  readonly timestamp: UnixSeconds
}

export interface ConsentLife {
  readonly granted: BlockTime | undefined
  readonly revoked: BlockTime | undefined
  /** Whole UTC days since 1970; the ledger knows the expiry no finer. */
  readonly expiryDay: number
}

export interface AnchoredSlot extends BlockTime {
  readonly slot: number
  readonly root: Hash32
  readonly count: number
}

interface Standing {
  readonly height: number
  readonly active: boolean
  readonly messageKey: Hash32
}

const ANCHOR_STREAMS = { objects: 0, log: 1 } as const
export type AnchorStream = keyof typeof ANCHOR_STREAMS

const TOPICS = {
  added: keccakText('InstitutionAdded(bytes32,address,bytes32,bytes32,uint16)'),
  suspended: keccakText('InstitutionSuspended(bytes32)'),
  reinstated: keccakText('InstitutionReinstated(bytes32)'),
  rotated: keccakText('KeysRotated(bytes32,address,bytes32,bytes32,uint32)'),
  granted: keccakText('Granted(bytes32,address,bytes32,uint32)'),
  revoked: keccakText('Revoked(bytes32,address)'),
  requested: keccakText('AccessRequested(bytes32,bytes32)'),
  anchored: keccakText('Anchored(bytes32,uint8,uint64,bytes32,uint64,bytes32)'),
}

/** Events that name a member's ledger key. */
const KEYED: ReadonlySet<string> = new Set([TOPICS.added, TOPICS.rotated])

export class LedgerHistory {
  readonly #deployment: Deployment
  readonly #findings: Findings
  readonly #members = new Map<InstitutionId, Standing[]>()
  readonly #ledgerKeys = new Set<Address>()
  readonly #consents = new Map<ConsentId, ConsentLife>()
  readonly #anchors = new Map<string, AnchoredSlot[]>()

  constructor(deployment: Deployment, findings: Findings) {
    this.#deployment = deployment
    this.#findings = findings
  }

  /** Takes in one event of a block; what breaks a law of the ledger becomes a finding. */
  add(event: RawEvent, block: BlockTime): void {
    const [topic, first, second, third] = event.topics
    if (topic === undefined || first === undefined) return
    const data = new Words(fromHex(event.data))
    const { membership, consents, anchors } = this.#deployment
    if (event.address === membership) {
      if (KEYED.has(topic) && second !== undefined) this.#ledgerKeys.add(address(`0x${second.slice(26)}`))
      this.#member(topic, institutionId(first), data, block)
    } else if (event.address === consents) this.#consent(topic, first, second, data, block)
    else if (event.address === anchors && topic === TOPICS.anchored && second && third) {
      this.#anchor(institutionId(first), Number(second), Number(third), data, block)
    }
  }

  get institutions(): readonly InstitutionId[] {
    return [...this.#members.keys()]
  }

  /** Ledger keys that members hold or held. */
  get ledgerKeys(): ReadonlySet<Address> {
    return this.#ledgerKeys
  }

  get consents(): number {
    return this.#consents.size
  }

  consent(id: ConsentId): ConsentLife | undefined {
    return this.#consents.get(id)
  }

  /** Whether an institution was an active member at the end of a block. */
  activeAt(id: InstitutionId, height: number): boolean {
    return this.#standingAt(id, height)?.active === true
  }

  /** Message keys of an institution, each with the heights from and before which it was held; newest first. */
  messageKeys(
    id: InstitutionId,
  ): readonly { readonly key: Hash32; readonly from: number; readonly until: number }[] {
    const held: { key: Hash32; from: number; until: number }[] = []
    for (const { messageKey, height } of this.#members.get(id) ?? []) {
      const last = held.at(-1)
      if (last?.key === messageKey) continue
      if (last !== undefined) last.until = height
      held.push({ key: messageKey, from: height, until: Number.POSITIVE_INFINITY })
    }
    return held.toReversed()
  }

  /** Anchors of an institution on a stream, in the ledger's order. */
  anchors(id: InstitutionId, stream: AnchorStream): readonly AnchoredSlot[] {
    return this.#anchors.get(`${id} ${ANCHOR_STREAMS[stream]}`) ?? []
  }

  #standingAt(id: InstitutionId, height: number): Standing | undefined {
    return this.#members.get(id)?.findLast((standing) => standing.height <= height)
  }

  #member(topic: Hash32, id: InstitutionId, data: Words, { height }: BlockTime): void {
    const list = this.#members.get(id) ?? []
    const last = list.at(-1)
    if (topic === TOPICS.added) list.push({ height, active: true, messageKey: data.hash() })
    else if (last === undefined) return
    else if (topic === TOPICS.suspended) list.push({ ...last, height, active: false })
    else if (topic === TOPICS.reinstated) list.push({ ...last, height, active: true })
    else if (topic === TOPICS.rotated) list.push({ ...last, height, messageKey: data.hash() })
    this.#members.set(id, list)
  }

  #consent(topic: Hash32, first: Hash32, second: Hash32 | undefined, data: Words, block: BlockTime): void {
    const where = `block ${block.height}`
    if (topic === TOPICS.requested && second !== undefined) {
      this.#requireActive(institutionId(second), block, where)
      return
    }
    const id = consentId(first)
    const life = this.#consents.get(id)
    if (topic === TOPICS.granted) {
      data.hash()
      const expiryDay = Number(data.uint(32))
      if (life !== undefined) this.#findings.add('CONSENT_REVIVED', `consent ${id}, ${where}`)
      else this.#consents.set(id, { granted: block, revoked: undefined, expiryDay })
    } else if (topic === TOPICS.revoked && life?.revoked === undefined) {
      this.#consents.set(id, { granted: life?.granted, revoked: block, expiryDay: life?.expiryDay ?? 0 })
    }
  }

  #anchor(id: InstitutionId, stream: number, slot: number, data: Words, block: BlockTime): void {
    const root = data.hash()
    const count = Number(data.uint(64))
    const list = this.#anchors.get(`${id} ${stream}`) ?? []
    const where = `block ${block.height}, slot ${slot} of institution ${id}`
    this.#requireActive(id, block, where)
    if (slot <= (list.at(-1)?.slot ?? 0)) this.#findings.add('SLOT_OUT_OF_ORDER', where)
    if (stream === ANCHOR_STREAMS.objects && !isPowerOfTwo(count)) {
      this.#findings.add('COUNT_NOT_PADDED', where, `${count} leaves`)
    }
    list.push({ slot, root: hash32(root), count, ...block })
    this.#anchors.set(`${id} ${stream}`, list)
  }

  /** Suspended before this block: within one block the order of transactions decides, which the model checks. */
  #requireActive(id: InstitutionId, { height }: BlockTime, where: string): void {
    if (!this.activeAt(id, height) && !this.activeAt(id, height - 1)) {
      this.#findings.add('ACTED_WHILE_SUSPENDED', where)
    }
  }
}

function isPowerOfTwo(count: number): boolean {
  return count > 0 && Number.isInteger(Math.log2(count))
}
