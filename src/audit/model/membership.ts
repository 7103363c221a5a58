/**
 * The rules of `Membership`, written anew from their prose (contracts/src/interfaces/IMembership.sol).
 *
 * Laws: only active members act; a change is made by the k-th vote that counts; a vote counts while its voter is active
 * and in the term it voted in; a key once used is never another institution's; the consortium cannot be locked.
 */
import { keccak } from '../../consent/index.ts'
import { type Address, concat, type Hash32, hash32 } from '../../vocabulary/index.ts'
import { eventOf, hexWord, type RawEvent, selector, uintWord, type Words } from '../abi-words.ts'
import { type CallContext, require, Store, type Undoable } from './store.ts'

interface Entry {
  readonly ledgerKey: Address
  readonly messageKey: Hash32
  readonly hpkeKeyHash: Hash32
  readonly roles: bigint
  readonly active: boolean
  readonly term: bigint
}

interface Member {
  readonly id: Hash32
  readonly ledgerKey: Address
  readonly messageKey: Hash32
  readonly hpkeKeyHash: Hash32
  readonly roles: bigint
}

interface Change {
  readonly kind: number
  readonly member: Member
  readonly threshold: bigint
  readonly nonce: bigint
  readonly deadline: bigint
}

const ZERO: Hash32 = hash32(`0x${'00'.repeat(32)}`)
const NOBODY = `0x${'00'.repeat(20)}`
const MEMBER = '(bytes32,address,bytes32,bytes32,uint16)'
const CHANGE = `(uint8,${MEMBER},uint16,uint64,uint64)`
const SELECTORS = {
  vote: selector(`vote(${CHANGE})`),
  execute: selector(`execute(${CHANGE})`),
  rotateOwnKeys: selector('rotateOwnKeys(address,bytes32,bytes32)'),
}
const MAX_INSTITUTIONS = 256
const MAX_VOTING_SECONDS = 30n * 86_400n
const CHANGE_KINDS = 6

export class MembershipModel {
  readonly #at: Address
  readonly #entries = new Store<Entry>()
  readonly #ids = new Store<readonly Hash32[]>()
  readonly #ledgerKeys = new Store<Hash32>()
  readonly #messageKeys = new Store<Hash32>()
  readonly #proposals = new Store<'open' | 'executed'>()
  readonly #votes = new Store<bigint>()
  readonly #numbers = new Store<bigint>()
  #events: RawEvent[] = []

  constructor(at: Address) {
    this.#at = at
  }

  get stores(): readonly Undoable[] {
    return [
      this.#entries,
      this.#ids,
      this.#ledgerKeys,
      this.#messageKeys,
      this.#proposals,
      this.#votes,
      this.#numbers,
    ]
  }

  /** The active institution whose present ledger key an account is. */
  activeMemberOf(account: Address): Hash32 | undefined {
    const id = this.#ledgerKeys.get(account)
    const entry = id === undefined ? undefined : this.#entries.get(id)
    return entry?.active === true && entry.ledgerKey === account ? id : undefined
  }

  /** The constructor, from its encoded arguments. */
  construct(data: Words): readonly RawEvent[] {
    return this.#emitting(() => {
      const founders = data.list(0, 5, readMember)
      const threshold = data.uint(16)
      require(founders.length > 0)
      for (const founder of founders) this.#add(founder)
      this.#setThreshold(threshold)
    })
  }

  /** A call by its selector; an unknown one reverts. */
  call(name: string, data: Words, context: CallContext): readonly RawEvent[] {
    return this.#emitting(() => {
      if (name === SELECTORS.vote) this.#vote(readChange(data), context)
      else if (name === SELECTORS.execute) this.#execute(readChange(data), context)
      else {
        require(name === SELECTORS.rotateOwnKeys)
        this.#rotate(this.#activeSender(context), data.address(), data.hash(), data.hash())
      }
    })
  }

  #emitting(work: () => void): readonly RawEvent[] {
    this.#events = []
    work()
    return this.#events
  }

  #emit(signature: string, indexed: readonly Uint8Array[], data: readonly Uint8Array[]): void {
    this.#events.push(eventOf(this.#at, signature, indexed, data))
  }

  #activeSender({ sender }: CallContext): Hash32 {
    const id = this.activeMemberOf(sender)
    require(id !== undefined)
    return id
  }

  #vote(change: Change, context: CallContext): void {
    const voter = this.#activeSender(context)
    requireVoting(change.deadline, context.now)
    const proposal = proposalId(change)
    const state = this.#proposals.get(proposal)
    const { term } = this.#entry(voter)
    require(state !== 'executed' && this.#votes.get(`${proposal} ${voter}`) !== term)
    if (state === undefined) {
      this.#proposals.set(proposal, 'open')
      this.#emit(
        `Proposed(bytes32,bytes32,${CHANGE})`,
        [hexWord(proposal), hexWord(voter)],
        changeWords(change),
      )
    }
    this.#votes.set(`${proposal} ${voter}`, term)
    this.#emit('Voted(bytes32,bytes32)', [hexWord(proposal), hexWord(voter)], [])
    this.#executeIfCarried(proposal, change)
  }

  #execute(change: Change, context: CallContext): void {
    this.#activeSender(context)
    requireVoting(change.deadline, context.now)
    const proposal = proposalId(change)
    require(this.#proposals.get(proposal) === 'open')
    this.#executeIfCarried(proposal, change)
  }

  #executeIfCarried(proposal: Hash32, change: Change): void {
    const counted = this.#all().filter((id) => {
      const { active, term } = this.#entry(id)
      return active && this.#votes.get(`${proposal} ${id}`) === term
    })
    if (BigInt(counted.length) < (this.#numbers.get('threshold') ?? 0n)) return
    this.#proposals.set(proposal, 'executed')
    this.#emit('Executed(bytes32)', [hexWord(proposal)], [])
    this.#apply(change)
  }

  #apply({ kind, member, threshold }: Change): void {
    const { id, ledgerKey, messageKey, hpkeKeyHash, roles } = member
    if (kind === 0) this.#add(member)
    else if (kind === 1) this.#suspend(id)
    else if (kind === 2) this.#reinstate(id)
    else if (kind === 3) this.#rotate(id, ledgerKey, messageKey, hpkeKeyHash)
    else if (kind === 4) this.#setRoles(id, roles)
    else this.#setThreshold(threshold)
  }

  #add(member: Member): void {
    const { id, roles } = member
    const ids = this.#all()
    require(ids.length < MAX_INSTITUTIONS && id !== ZERO && roles !== 0n)
    require(this.#entries.get(id) === undefined)
    this.#ids.set('all', [...ids, id])
    this.#count(1n)
    this.#setKeys({ ...member, active: true, term: 1n })
    this.#emit(
      'InstitutionAdded(bytes32,address,bytes32,bytes32,uint16)',
      [hexWord(id), hexWord(member.ledgerKey)],
      [hexWord(member.messageKey), hexWord(member.hpkeKeyHash), uintWord(roles, 16)],
    )
  }

  #suspend(id: Hash32): void {
    const entry = this.#entries.get(id)
    require(entry?.active === true && this.#active() > 1n)
    this.#entries.set(id, { ...entry, active: false, term: entry.term + 1n })
    this.#count(-1n)
    this.#emit('InstitutionSuspended(bytes32)', [hexWord(id)], [])
    const highest = highestThreshold(this.#active())
    if ((this.#numbers.get('threshold') ?? 0n) > highest) this.#setThreshold(highest)
  }

  #reinstate(id: Hash32): void {
    const entry = this.#entries.get(id)
    require(entry?.active === false)
    this.#entries.set(id, { ...entry, active: true })
    this.#count(1n)
    this.#emit('InstitutionReinstated(bytes32)', [hexWord(id)], [])
  }

  #rotate(id: Hash32, ledgerKey: Address, messageKey: Hash32, hpkeKeyHash: Hash32): void {
    const entry = this.#entries.get(id)
    require(entry !== undefined)
    const term = entry.term + 1n
    this.#setKeys({ ...entry, id, ledgerKey, messageKey, hpkeKeyHash, term })
    this.#emit(
      'KeysRotated(bytes32,address,bytes32,bytes32,uint32)',
      [hexWord(id), hexWord(ledgerKey)],
      [hexWord(messageKey), hexWord(hpkeKeyHash), uintWord(term, 32)],
    )
  }

  #setRoles(id: Hash32, roles: bigint): void {
    const entry = this.#entries.get(id)
    require(entry !== undefined && roles !== 0n)
    this.#entries.set(id, { ...entry, roles })
    this.#emit('RolesChanged(bytes32,uint16)', [hexWord(id)], [uintWord(roles, 16)])
  }

  #setThreshold(votes: bigint): void {
    require(votes > 0n && votes <= highestThreshold(this.#active()))
    this.#numbers.set('threshold', votes)
    this.#emit('ThresholdChanged(uint16)', [], [uintWord(votes, 16)])
  }

  /** Present keys may stay; any other must never have been used. */
  #setKeys(next: Entry & { readonly id: Hash32 }): void {
    const { id, ledgerKey, messageKey, hpkeKeyHash } = next
    require(ledgerKey !== NOBODY && messageKey !== ZERO && hpkeKeyHash !== ZERO)
    const before = this.#entries.get(id)
    if (ledgerKey !== before?.ledgerKey) {
      require(this.#ledgerKeys.get(ledgerKey) === undefined)
      this.#ledgerKeys.set(ledgerKey, id)
    }
    if (messageKey !== before?.messageKey) {
      require(this.#messageKeys.get(messageKey) === undefined)
      this.#messageKeys.set(messageKey, id)
    }
    this.#entries.set(id, next)
  }

  #entry(id: Hash32): Entry {
    const entry = this.#entries.get(id)
    require(entry !== undefined)
    return entry
  }

  #all(): readonly Hash32[] {
    return this.#ids.get('all') ?? []
  }

  #active(): bigint {
    return this.#numbers.get('active') ?? 0n
  }

  #count(change: bigint): void {
    this.#numbers.set('active', this.#active() + change)
  }
}

function requireVoting(deadline: bigint, now: bigint): void {
  require(now <= deadline && deadline <= now + MAX_VOTING_SECONDS)
}

function highestThreshold(active: bigint): bigint {
  return active < 3n ? active : active - 1n
}

function readMember(data: Words): Member {
  return {
    id: data.hash(),
    ledgerKey: data.address(),
    messageKey: data.hash(),
    hpkeKeyHash: data.hash(),
    roles: data.uint(16),
  }
}

function readChange(data: Words): Change {
  const kind = Number(data.uint(8))
  require(kind < CHANGE_KINDS)
  const member = readMember(data)
  return { kind, member, threshold: data.uint(16), nonce: data.uint(64), deadline: data.uint(64) }
}

function changeWords({ kind, member, threshold, nonce, deadline }: Change): readonly Uint8Array[] {
  return [
    uintWord(kind, 8),
    hexWord(member.id),
    hexWord(member.ledgerKey),
    hexWord(member.messageKey),
    hexWord(member.hpkeKeyHash),
    uintWord(member.roles, 16),
    uintWord(threshold, 16),
    uintWord(nonce, 64),
    uintWord(deadline, 64),
  ]
}

function proposalId(change: Change): Hash32 {
  return keccak(concat(...changeWords(change)))
}
